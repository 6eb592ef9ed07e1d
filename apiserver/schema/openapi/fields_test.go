package openapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/applyconfigurations"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// TestFieldsMatchClientGo compares the embedded types with those that client-go carries for the same
// purpose, which take it some hundred milliseconds to read.
func TestFieldsMatchClientGo(t *testing.T) {
	t.Parallel()
	converter := reflect.ValueOf(applyconfigurations.NewTypeConverter(runtime.NewScheme())).Elem().FieldByName("parser")
	theirs := reflect.NewAt(converter.Type(), unsafe.Pointer(converter.UnsafeAddr())).Elem().Interface().(*typed.Parser)

	untypedAtomic, untypedDeduced := "__untyped_atomic_", "__untyped_deduced_"
	options := cmp.Options{
		cmpopts.IgnoreUnexported(schema.Map{}, schema.Schema{}),
		cmpopts.SortSlices(func(a, b schema.StructField) bool { return a.Name < b.Name }),
		cmpopts.EquateEmpty(),
		cmp.Transformer("number", func(f schema.StructField) schema.StructField {
			switch v := f.Default.(type) {
			case int:
				f.Default = int64(v)
			case float64:
				f.Default = int64(v)
			case map[any]any:
				f.Default = map[string]any{}
			}
			return f
		}),
		// The same said in two ways: an embedded object of any kind, and a map of anything.
		cmp.Transformer("untyped", func(r schema.TypeRef) schema.TypeRef {
			if r.NamedType != nil && *r.NamedType == "io.k8s.apimachinery.pkg.runtime.RawExtension" {
				r.NamedType = &untypedAtomic
			}
			if r.Inlined.Scalar != nil && *r.Inlined.Scalar == schema.Untyped && r.Inlined.Map != nil && r.Inlined.Map.ElementRelationship == schema.Separable {
				return schema.TypeRef{NamedType: &untypedDeduced}
			}
			return r
		}),
		// Nothing reads unions any more.
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Unions" }, cmp.Ignore()),
	}
	for _, ours := range Fields().Schema.Types {
		their, ok := theirs.Schema.FindNamedType(ours.Name)
		if strings.HasSuffix(ours.Name, ".RawExtension") || strings.HasSuffix(ours.Name, ".IntOrString") {
			continue // ours is what an API server derives from its own document: they hold anything
		}
		if !ok {
			continue // options and lists: nobody applies them
		}
		if diff := cmp.Diff(their, ours, options); diff != "" {
			t.Errorf("%s (-client-go +ours):\n%s", ours.Name, diff)
		}
	}
}
func BenchmarkReadFields(b *testing.B) {
	for b.Loop() {
		err := readLines(fieldsFile, func(_ string, line []byte) error {
			var t fieldType
			defer t.atom()
			return json.Unmarshal(line, &t)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
