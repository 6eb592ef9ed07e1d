package defaults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// decode reads one manifest without any defaulting.
func decode(t testing.TB, manifest []byte) runtime.Object {
	t.Helper()
	obj, _, err := clientscheme.Codecs.UniversalDeserializer().Decode(manifest, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

// TestGolden reads testdata/*.yaml: a manifest, a line "---", and the same manifest with its defaults.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".yaml"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			in, want, ok := strings.Cut(string(b), "\n---\n")
			if !ok {
				t.Fatal("no line ---")
			}
			obj := decode(t, []byte(in))
			Apply(obj)
			out, err := yaml.Marshal(obj)
			if err != nil {
				t.Fatal(err)
			}
			var x, y map[string]any
			if err := yaml.Unmarshal(out, &x); err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal([]byte(want), &y); err != nil {
				t.Fatal(err)
			}
			trim(x)
			if d := cmp.Diff(y, x); d != "" {
				t.Errorf("defaults (-want +got):\n%s", d)
			}
			again := obj.DeepCopyObject()
			Apply(again)
			if !equality.Semantic.DeepEqual(obj, again) {
				t.Errorf("a second time changes it:\n%s", cmp.Diff(obj, again))
			}
		})
	}
}

// trim takes out empty values, which go-yaml writes for structs, and the status.
func trim(m map[string]any) {
	delete(m, "status")
	for k, v := range m {
		switch v := v.(type) {
		case nil:
			delete(m, k)
		case map[string]any:
			trim(v)
			if len(v) == 0 && k != "emptyDir" && k != "securityContext" {
				delete(m, k)
			}
		case []any:
			for _, e := range v {
				if e, ok := e.(map[string]any); ok {
					trim(e)
				}
			}
		}
	}
}

func TestPullPolicy(t *testing.T) { // API-217
	t.Parallel()
	for image, want := range map[string]corev1.PullPolicy{
		"nginx":                            corev1.PullAlways,
		"nginx:latest":                     corev1.PullAlways,
		"nginx:1.2":                        corev1.PullIfNotPresent,
		"localhost:5000/nginx":             corev1.PullAlways,
		"localhost:5000/nginx:v1":          corev1.PullIfNotPresent,
		"nginx@sha256:" + hexDigest:        corev1.PullIfNotPresent,
		"nginx:latest@sha256:" + hexDigest: corev1.PullAlways,
		"Bad Image":                        corev1.PullIfNotPresent,
		"":                                 corev1.PullIfNotPresent,
	} {
		if got := pullPolicy(image); got != want {
			t.Errorf("%q: %s, want %s", image, got, want)
		}
	}
}

const hexDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestAccountAlias(t *testing.T) { // ADM-3
	t.Parallel()
	for _, tc := range []struct{ name, alias, want string }{
		{"", "old", "old"}, {"new", "", "new"}, {"new", "old", "new"}, {"", "", ""},
	} {
		p := &corev1.Pod{Spec: corev1.PodSpec{ServiceAccountName: tc.name, DeprecatedServiceAccount: tc.alias}}
		d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: p.Spec}}}
		Apply(p)
		Apply(d)
		for where, s := range map[string]corev1.PodSpec{"pod": p.Spec, "template": d.Spec.Template.Spec} {
			if s.ServiceAccountName != tc.want || s.DeprecatedServiceAccount != tc.want {
				t.Errorf("%s with %q and alias %q: %q and %q", where, tc.name, tc.alias, s.ServiceAccountName, s.DeprecatedServiceAccount)
			}
		}
	}
}

func TestNamespaceCarriesItsName(t *testing.T) { // API-183
	t.Parallel()
	n := &corev1.Namespace{}
	n.Name, n.Labels = "dev", map[string]string{corev1.LabelMetadataName: "other"}
	Apply(n)
	if n.Labels[corev1.LabelMetadataName] != "dev" || n.Status.Phase != corev1.NamespaceActive {
		t.Errorf("namespace = %+v", n)
	}
}

func FuzzApplyTwice(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		in, _, _ := strings.Cut(string(b), "\n---\n")
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, obj := range []runtime.Object{&corev1.Pod{}, &appsv1.StatefulSet{}, &batchv1.CronJob{}, &corev1.Service{}} {
			if yaml.Unmarshal(b, obj) != nil {
				continue
			}
			Apply(obj)
			again := obj.DeepCopyObject()
			Apply(again)
			if !equality.Semantic.DeepEqual(obj, again) {
				t.Errorf("a second time changes it:\n%s", cmp.Diff(obj, again))
			}
		}
	})
}

// API-210
func TestSecretTextBecomesData(t *testing.T) {
	t.Parallel()
	s := &corev1.Secret{Data: map[string][]byte{"a": []byte("1"), "b": []byte("1")}, StringData: map[string]string{"b": "2", "c": "3"}}
	Apply(s)
	want := &corev1.Secret{Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"a": []byte("1"), "b": []byte("2"), "c": []byte("3")}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
}
