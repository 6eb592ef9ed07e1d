package validate

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint/apiserver/registry/defaults"
	"github.com/kubemint/kubemint/apiserver/registry/prepare"
	"github.com/kubemint/kubemint/apiserver/request"
)

// example is one object and what the real server says of it: kube-apiserver 1.36.2 wrote the errors and warnings in testdata.
type example struct {
	// Fact is the number of the fact shown, if it has one.
	Fact, Name string
	// Group is the API group of the request if the object's own does not say it.
	Group string
	// Object is what is sent. {{x*300}} in it stands for 300 times x.
	Object json.RawMessage
	// Old makes it an update.
	Old         json.RawMessage
	Subresource string
	// Errors are in order; a list of differences after the first line is not compared.
	Errors   []string
	Warnings []string
}

var repeated = regexp.MustCompile(`\{\{(\w+)\*(\d+)\}\}`)

func expand(t testing.TB, doc []byte) []byte {
	t.Helper()
	return repeated.ReplaceAllFunc(doc, func(m []byte) []byte {
		part := repeated.FindSubmatch(m)
		n, err := strconv.Atoi(string(part[2]))
		if err != nil {
			t.Fatal(err)
		}
		return []byte(strings.Repeat(string(part[1]), n))
	})
}

func decode(t testing.TB, doc []byte) runtime.Object {
	t.Helper()
	obj, _, err := clientscheme.Codecs.UniversalDeserializer().Decode(doc, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

func metaOf(obj runtime.Object) *metav1.ObjectMeta {
	return obj.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta)
}

// judge does with an object what the registry does, without storing anything. Warnings go with a success only.
func judge(obj, old runtime.Object, subresource string, c Context) (field.ErrorList, []string) {
	p := prepare.Context{Now: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC), User: &request.User{Name: "jane"}}
	m := metaOf(obj)
	defaults.Apply(obj)
	if old == nil {
		if m.UID == "" {
			m.UID = "u"
		}
		m.CreationTimestamp = metav1.NewTime(p.Now)
		prepare.Create(p, obj)
		if errs := Create(obj, c); len(errs) > 0 {
			return errs, nil
		}
		return nil, Warnings(obj, nil, c)
	}
	was := metaOf(old)
	defaults.Apply(old)
	m.CreationTimestamp = was.CreationTimestamp
	if m.DeletionTimestamp == nil {
		m.DeletionTimestamp = was.DeletionTimestamp
	}
	m.Generation = was.Generation
	prepare.Update(p, obj, old, subresource)
	if errs := Update(obj, old, subresource, c); len(errs) > 0 {
		return errs, nil
	}
	return nil, Warnings(obj, old, c)
}

func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var examples []example
		if err := yaml.UnmarshalStrict(expand(t, doc), &examples); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for _, e := range examples {
			name := strings.TrimSuffix(filepath.Base(f), ".yaml") + "/" + strings.TrimPrefix(e.Fact+" "+e.Name, " ")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				obj := decode(t, e.Object)
				var old runtime.Object
				if len(e.Old) > 0 {
					old = decode(t, e.Old)
				}
				errs, warnings := judge(obj, old, e.Subresource, Context{Group: e.Group})
				var got []string
				for _, err := range errs {
					line, _, _ := strings.Cut(fmt.Sprintf("%s: %s", err.Field, err.ErrorBody()), "\n")
					got = append(got, line)
				}
				if d := cmp.Diff(e.Errors, got, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("errors (-want +got):\n%s", d)
				}
				if d := cmp.Diff(e.Warnings, warnings, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("warnings (-want +got):\n%s", d)
				}
			})
		}
	}
}
