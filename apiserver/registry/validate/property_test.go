package validate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// unchanged says what is wrong with writing an object back as it was made; nothing may be.
func unchanged(obj runtime.Object, c Context) field.ErrorList {
	m := metaOf(obj)
	m.ResourceVersion = "7"
	errs, _ := judge(obj.DeepCopyObject(), obj, "", c)
	return errs
}

func TestAnObjectThatWasMadeMayBeWrittenBack(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	n := 0
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var examples []example
		if err := yaml.UnmarshalStrict(expand(t, doc), &examples); err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			if len(e.Old) > 0 || len(e.Errors) > 0 {
				continue
			}
			n++
			obj := decode(t, e.Object)
			c := Context{Group: e.Group}
			if errs, _ := judge(obj, nil, "", c); len(errs) > 0 {
				t.Errorf("%s: %v", e.Name, errs.ToAggregate())
				continue
			}
			if errs := unchanged(obj, c); len(errs) > 0 {
				t.Errorf("%s: written back: %v", e.Name, errs.ToAggregate())
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d valid examples", n)
	}
}

// FuzzObject sends arbitrary documents of any kind. Nothing may panic, the same object must always be judged alike, and a valid one may
// be written back.
func FuzzObject(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var examples []example
		if err := yaml.Unmarshal(expand(f, doc), &examples); err != nil {
			f.Fatal(err)
		}
		for _, e := range examples {
			if len(e.Object) < 10_000 { // large seeds slow a fuzzer down
				f.Add([]byte(e.Object), e.Subresource)
			}
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, subresource string) {
		obj, _, err := clientscheme.Codecs.UniversalDeserializer().Decode(doc, nil, nil)
		if err != nil {
			return
		}
		if _, ok := obj.(metav1.ObjectMetaAccessor); !ok {
			return
		}
		again := obj.DeepCopyObject()
		raw := obj.DeepCopyObject()
		errs, _ := judge(obj, nil, "", Context{})
		twice, _ := judge(again, nil, "", Context{})
		if d := cmp.Diff(texts(errs), texts(twice)); d != "" {
			t.Errorf("judged differently (-first +second):\n%s", d)
		}
		judge(raw.DeepCopyObject(), raw, subresource, Context{Group: "events.k8s.io"})
		if len(errs) == 0 {
			if errs := unchanged(obj, Context{}); len(errs) > 0 {
				t.Errorf("written back: %v", errs.ToAggregate())
			}
		}
	})
}

func texts(errs field.ErrorList) (out []string) {
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return out
}

func TestInner(t *testing.T) {
	t.Parallel()
	local := "a.json"
	for _, tc := range []struct {
		name  string
		value any
		want  string
	}{
		{"fields by their Go names", corev1.ObjectReference{Kind: "Pod", UID: "1"}, `{"Kind":"Pod","Namespace":"","Name":"","UID":"1","APIVersion":"","ResourceVersion":"","FieldPath":""}`},
		{"pointers are followed", &corev1.SeccompProfile{Type: "Localhost", LocalhostProfile: &local}, `{"Type":"Localhost","LocalhostProfile":"a.json"}`},
		{"nothing is null", (*corev1.SeccompProfile)(nil), `null`},
		{"lists", []corev1.PodIP{{IP: "1.2.3.4"}, {IP: "::1"}}, `[{"IP":"1.2.3.4"},{"IP":"::1"}]`},
		{"what a struct holds without a name comes in its place", corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}, Spec: corev1.PodSpec{HostPID: true, NodeName: "n"}},
			`{"labels":{"a":"b"},"Spec":{"Volumes":null,"InitContainers":null,"Containers":null,"EphemeralContainers":null,"RestartPolicy":"","TerminationGracePeriodSeconds":null,"ActiveDeadlineSeconds":null,"DNSPolicy":"","NodeSelector":null,"ServiceAccountName":"","AutomountServiceAccountToken":null,"NodeName":"n","SecurityContext":{"HostNetwork":false,"HostPID":true,"HostIPC":false,"ShareProcessNamespace":null,"HostUsers":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"SupplementalGroups":null,"SupplementalGroupsPolicy":null,"FSGroup":null,"FSGroupChangePolicy":null,"Sysctls":null,"SeccompProfile":null,"AppArmorProfile":null,"SELinuxChangePolicy":null},"ImagePullSecrets":null,"Hostname":"","Subdomain":"","SetHostnameAsFQDN":null,"Affinity":null,"SchedulerName":"","Tolerations":null,"HostAliases":null,"PriorityClassName":"","Priority":null,"PreemptionPolicy":null,"DNSConfig":null,"ReadinessGates":null,"RuntimeClassName":null,"Overhead":null,"EnableServiceLinks":null,"TopologySpreadConstraints":null,"OS":null,"SchedulingGates":null,"ResourceClaims":null,"Resources":null,"HostnameOverride":null,"SchedulingGroup":null}}`},
		{"types of apimachinery keep their own form", struct{ Selector *metav1.LabelSelector }{&metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}}, `{"Selector":{"matchLabels":{"a":"b"}}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(inner{tc.value})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestBindingAndScale(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		errs field.ErrorList
		want []string
	}{
		{"API-219 a binding", Binding(&corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: "n"}}), nil},
		{"API-219 a binding to a pod", Binding(&corev1.Binding{Target: corev1.ObjectReference{Kind: "Pod", Name: "n"}}), []string{`target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"`}},
		{"API-219 a binding to nothing", Binding(&corev1.Binding{Target: corev1.ObjectReference{Kind: "Node"}}), []string{`target.name: Required value`}},
		{"a scale", Scale(&autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "d", Namespace: "ns"}}), nil},
		{"a scale below nought", Scale(&autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "d", Namespace: "ns"}, Spec: autoscalingv1.ScaleSpec{Replicas: -1}}), []string{`spec.replicas: Invalid value: -1: must be greater than or equal to 0`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tc.want, texts(tc.errs)); d != "" {
				t.Errorf("errors (-want +got):\n%s", d)
			}
		})
	}
}
