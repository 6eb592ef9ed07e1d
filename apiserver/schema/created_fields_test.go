package schema

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// TestCreatedFieldsAreThoseOfTheLibrary compares the two on objects of all kinds, filled at random.
func TestCreatedFieldsAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	asked, answered := 0, 0
	for kind := range Scheme().AllKnownTypes() {
		m, err := new(FieldManagers).For(kind, "")
		if err != nil || m.root == nil {
			continue // no object that is stored
		}
		obj := m.empty()
		if _, ok := obj.(metav1.ObjectMetaAccessor); !ok || strings.HasSuffix(kind.Kind, "List") {
			continue
		}
		fill := filler{rand.New(rand.NewPCG(uint64(len(kind.Kind)), uint64(kind.Kind[0])))}
		for n := range 60 {
			obj := m.empty()
			fill.value(reflect.ValueOf(obj).Elem(), n%12)
			obj.GetObjectKind().SetGroupVersionKind(kind)
			meta := obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
			meta.SetManagedFields(nil)
			asked++
			got, ok := m.created(obj, "me", clusterTime)
			if !ok {
				continue
			}
			answered++
			root := m.root
			m.root = nil
			m.Update(nil, obj, "me", clusterTime)
			m.root = root
			if diff := cmp.Diff(meta.GetManagedFields(), got); diff != "" {
				t.Fatalf("%s: %s", kind, diff)
			}
		}
	}
	if answered < asked/3 {
		t.Errorf("only %d of %d objects were answered", answered, asked)
	}
	t.Logf("%d of %d answered", answered, asked)
}

// filler makes up values.
type filler struct{ *rand.Rand }

func (f filler) text() string {
	if f.IntN(60) == 0 {
		return []string{`a"b`, "a<b", "ä", ""}[f.IntN(4)]
	}
	return "abcdefghijkl"[f.IntN(8):][:1+f.IntN(3)] + "./-_"[:f.IntN(2)] + "z"
}

// value fills v; full (0 to 11) is how much of it.
func (f filler) value(v reflect.Value, full int) {
	switch p := v.Addr().Interface().(type) {
	case *metav1.Time:
		*p = metav1.NewTime(clusterTime.Add(time.Duration(f.IntN(1000)) * time.Second))
		return
	case *metav1.MicroTime:
		*p = metav1.NewMicroTime(clusterTime)
		return
	case *resource.Quantity:
		*p = resource.MustParse([]string{"1", "100m", "2Gi"}[f.IntN(3)])
		return
	case *intstr.IntOrString:
		*p = intstr.FromInt32(int32(f.IntN(100)))
		return
	case *metav1.FieldsV1, *metav1.TypeMeta:
		return
	case *runtime.RawExtension:
		p.Raw = []byte(`{"a":1}`)
		return
	case *types.UID:
		*p = types.UID(f.text())
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && (f.IntN(12) <= full || v.Type().Field(i).Name == "Name") {
				f.value(v.Field(i), full)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem(), full-1)
	case reflect.Slice:
		n := f.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			f.value(v.Index(i), full-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.IntN(4) {
			key, item := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.value(key, full)
			f.value(item, full-1)
			v.SetMapIndex(key, item)
		}
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.IntN(9)))
	case reflect.Uint8:
		v.SetUint(uint64(f.IntN(256)))
	case reflect.Float64:
		v.SetFloat(f.Float64())
	}
}

func TestCreatedFieldsLeaveTheOddToTheLibrary(t *testing.T) {
	t.Parallel()
	m := manager(t, configMapKind, "")
	for name, c := range map[string]corev1.ConfigMap{
		"managed fields sent along": {ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "x"}}}},
		"a key that JSON escapes":   {Data: map[string]string{`a"b`: "1"}},
		"an owner there twice":      {ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{UID: "u"}, {UID: "u"}}}},
	} {
		if got, ok := m.created(&c, "me", clusterTime); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got, ok := m.created(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "b", UID: "c"}}, "", clusterTime); !ok || got != nil {
		t.Errorf("of what nobody owns: %v, %v", got, ok)
	}
}
