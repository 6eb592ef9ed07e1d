package schema

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint/apiserver/schema/openapi"
)

// manifests returns one object per document of the table manifests, and the pod of the benchmarks.
func manifests(t testing.TB) []runtime.Object {
	t.Helper()
	objects := []runtime.Object{samplePod(), sampleConfigMap()}
	files, err := filepath.Glob("testdata/tables/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			var head metav1.TypeMeta
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				t.Fatal(err)
			}
			obj, _, err := Decode([]byte(document), MediaTypeYAML, head.GroupVersionKind(), Strict)
			if err != nil {
				t.Fatal(err)
			}
			objects = append(objects, obj)
		}
	}
	return objects
}

// scramble changes values of decoded JSON at random: scalars get other values, entries go and come.
func scramble(random *rand.Rand, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			switch random.IntN(12) {
			case 0:
				if key != "apiVersion" && key != "kind" && key != "metadata" && key != "name" && key != "type" {
					delete(v, key)
				}
			case 1, 2, 3:
				if key != "apiVersion" && key != "kind" {
					v[key] = scramble(random, inner)
				}
			}
		}
		if _, ok := v["app"]; ok {
			v["more"] = "label"
		}
	case []any:
		for i := range v {
			v[i] = scramble(random, v[i])
		}
		if len(v) > 1 && random.IntN(2) == 0 {
			return v[1:]
		}
	case float64:
		return v + 1
	case bool:
		return !v
	}
	return v
}

// TestUpdateIsTheLibrarys compares managed fields with what the library makes of the whole objects
// with all its checks: the short cuts must not show.
func TestUpdateIsTheLibrarys(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	checked := managedfields.NewSchemeTypeConverter(Scheme(), openapi.Fields())
	compared := 0
	for _, obj := range manifests(t) {
		kind := obj.GetObjectKind().GroupVersionKind()
		for _, subresource := range []string{"", "status"} {
			m := manager(t, kind, subresource)
			filters := map[fieldpath.APIVersion]fieldpath.Filter{}
			if m.reset != nil {
				filters[fieldpath.APIVersion(kind.GroupVersion().String())] = fieldpath.NewExcludeSetFilter(m.reset)
			}
			plain, err := managedfields.NewDefaultFieldManager(checked, wholeObjects{}, defaulter{}, Scheme(), kind, kind.GroupVersion(), subresource, filters)
			if err != nil {
				t.Fatal(err)
			}
			live := obj.DeepCopyObject()
			if accessor, err := meta.Accessor(live); err == nil {
				accessor.SetManagedFields(nil)
				accessor.SetUID("u")
			}
			created, err := plain.Update(m.empty(), live.DeepCopyObject(), "creator")
			if err != nil {
				t.Fatal(err)
			}
			m.Update(nil, live, "creator", clusterTime)
			if diff := cmp.Diff(owned(created), owned(live)); diff != "" {
				t.Fatalf("create of %s (-library +ours):\n%s", kind.Kind, diff)
			}
			for round := range 30 {
				changed := mutate(t, random, live)
				if changed == nil {
					continue
				}
				want, err := plain.Update(live, changed.DeepCopyObject(), "writer")
				if err != nil {
					continue // such an object does not pass validation either
				}
				got := changed.DeepCopyObject()
				m.Update(live, got, "writer", clusterTime)
				if diff := cmp.Diff(owned(want), owned(got)); diff != "" {
					t.Fatalf("%s %s, round %d (-library +ours):\n%s", kind.Kind, subresource, round, diff)
				}
				compared++
				if round%3 == 0 {
					live = got
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d updates compared", compared)
	}
}

func mutate(t *testing.T, random *rand.Rand, obj runtime.Object) runtime.Object {
	encoded, err := EncodeJSON(obj)
	if err != nil {
		t.Fatal(err)
	}
	var loose map[string]any
	if err := json.Unmarshal(encoded, &loose); err != nil {
		t.Fatal(err)
	}
	metadata, _ := loose["metadata"].(map[string]any)
	fields := metadata["managedFields"]
	delete(metadata, "managedFields")
	scramble(random, loose)
	if fields != nil && random.IntN(2) == 0 {
		metadata["managedFields"] = fields
	}
	loose["metadata"] = metadata
	if encoded, err = json.Marshal(loose); err != nil {
		t.Fatal(err)
	}
	changed, err := DecodeStored(encoded, obj.GetObjectKind().GroupVersionKind())
	if err != nil {
		return nil // a quantity or time that is none any more
	}
	return changed
}

// owned lists owners and their fields, without times and so in an order of its own.
func owned(obj runtime.Object) (out []string) {
	for _, e := range managedFieldsOf(obj) {
		out = append(out, e.Manager+" "+string(e.Operation)+" "+e.Subresource+" "+e.FieldsV1.GetRawString())
	}
	slices.Sort(out)
	return out
}

// wholeObjects is oneVersion without its short cut.
type wholeObjects struct{ oneVersion }

func (wholeObjects) ConvertToVersion(in runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return in.DeepCopyObject(), nil
}
