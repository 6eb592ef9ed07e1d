package schema

import (
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// withoutUnchanged returns shallow copies of two objects of one type in which the parts that are the
// same in both are left out: those of the object itself and those of its metadata, spec and status.
// Only differences decide who owns what, and most writes change one part of a large object.
func withoutUnchanged(live, updated runtime.Object) (runtime.Object, runtime.Object) {
	l, u := reflect.ValueOf(live).Elem(), reflect.ValueOf(updated).Elem()
	if l.Type() != u.Type() || l.Kind() != reflect.Struct {
		return live, updated
	}
	lean := [2]reflect.Value{reflect.New(l.Type()), reflect.New(l.Type())}
	lean[0].Elem().Set(l)
	lean[1].Elem().Set(u)
	dropEqual(lean[0].Elem(), lean[1].Elem(), 2)
	return lean[0].Interface().(runtime.Object), lean[1].Interface().(runtime.Object)
}

// dropEqual sets to zero the fields that are equal in two structs, and in structs directly inside of
// them up to a depth.
func dropEqual(a, b reflect.Value, depth int) {
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		switch {
		case x.Type() == typeMetaType:
		case x.Type() == objectMetaType:
			dropEqualMetadata(x.Addr().Interface().(*metav1.ObjectMeta), y.Addr().Interface().(*metav1.ObjectMeta))
		case reflect.DeepEqual(x.Addr().Interface(), y.Addr().Interface()):
			x.SetZero()
			y.SetZero()
		case x.Kind() == reflect.Struct && depth > 1 && allExported(x.Type()):
			dropEqual(x, y, depth-1)
		}
	}
}

// dropEqualMetadata is dropEqual for metadata, of which name, uid and managed fields mean something
// to the library.
func dropEqualMetadata(a, b *metav1.ObjectMeta) {
	if reflect.DeepEqual(a.Labels, b.Labels) {
		a.Labels, b.Labels = nil, nil
	}
	if reflect.DeepEqual(a.Annotations, b.Annotations) {
		a.Annotations, b.Annotations = nil, nil
	}
	if reflect.DeepEqual(a.OwnerReferences, b.OwnerReferences) {
		a.OwnerReferences, b.OwnerReferences = nil, nil
	}
	if reflect.DeepEqual(a.Finalizers, b.Finalizers) {
		a.Finalizers, b.Finalizers = nil, nil
	}
}

func allExported(t reflect.Type) bool {
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}

var (
	typeMetaType   = reflect.TypeFor[metav1.TypeMeta]()
	objectMetaType = reflect.TypeFor[metav1.ObjectMeta]()
)
