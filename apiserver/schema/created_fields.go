package schema

import (
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/kubemint/kubemint/apiserver/schema/openapi"
)

// created returns the managed fields of a new object: its creator owns what an empty object of the
// kind does not have. The library finds that by a comparison of the two, in eight times the time;
// it is asked where this returns false.
func (m *FieldManager) created(obj runtime.Object, manager string, now time.Time) ([]metav1.ManagedFieldsEntry, bool) {
	v := reflect.ValueOf(obj)
	if m.root == nil || v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct || len(managedFieldsOf(obj)) > 0 {
		return nil, false
	}
	w := fieldWriter{types: m.types, out: make([]byte, 0, 512)}
	w.structure(v.Elem(), m.root, zero, m.unowned)
	if w.odd {
		return nil, false
	}
	if len(w.out) == 0 {
		return nil, true
	}
	if manager == "" {
		manager = "unknown"
	}
	at := metav1.NewTime(now.UTC().Truncate(time.Second))
	return []metav1.ManagedFieldsEntry{{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: m.kind.GroupVersion().String(), Subresource: m.subresource,
		Time: &at, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(w.out)),
	}}, true
}

// prepareCreated finds what created needs to know of the kind.
func (m *FieldManager) prepareCreated() {
	name, err := Scheme().ToOpenAPIDefinitionName(m.kind)
	if err != nil {
		return
	}
	m.unowned = map[string]bool{"apiVersion": true, "kind": true}
	if m.reset != nil {
		if !m.reset.Children.Empty() {
			return // parts of spec or status are reset: not on a create
		}
		m.reset.Members.Iterate(func(e fieldpath.PathElement) {
			if e.FieldName != nil {
				m.unowned[*e.FieldName] = true
			}
		})
	}
	t := openapi.Fields().Type(name)
	if a, ok := t.Schema.Resolve(t.TypeRef); ok {
		m.types, m.root = t.Schema, a.Map
	}
}

// ownedByNobody are the fields of metadata that never are in managed fields.
var ownedByNobody = map[string]bool{
	"name": true, "namespace": true, "creationTimestamp": true, "selfLink": true, "uid": true, "clusterName": true,
	"generation": true, "managedFields": true, "resourceVersion": true,
}

// fieldWriter writes FieldsV1: the paths at which a value has something that an empty one has not.
// Whatever is out of the ordinary ends it: a key that JSON escapes, an element without keys or there
// twice, a value of another shape than its schema says.
type fieldWriter struct {
	types *schema.Schema
	out   []byte
	odd   bool // it has ended
}

// other is what stands in the empty object in the place of a value.
type other int

const (
	absent other = iota // nothing
	null                // null
	zero                // the zero value of the same type
)

func (w *fieldWriter) stop() { w.odd = true }

// leaf says that all of the value is new.
func (w *fieldWriter) leaf() { w.out = append(w.out, "{}"...) }

// open begins a value with parts; close ends it, and takes it back if there are none.
func (w *fieldWriter) open(o other) (start int) {
	start = len(w.out)
	w.out = append(w.out, '{')
	if o == absent { // the value itself is new as well
		w.out = append(w.out, `".":{},`...)
	}
	return start
}

func (w *fieldWriter) close(start int) {
	if last := len(w.out) - 1; w.out[last] == ',' {
		w.out[last] = '}'
		return
	}
	w.out = w.out[:start]
}

// part writes one part of a value: its name, as it is in the text of a path, and what it adds.
func (w *fieldWriter) part(kind, name string, v reflect.Value, t schema.TypeRef, o other) {
	start := len(w.out)
	w.out = append(append(append(append(w.out, '"'), kind...), name...), `":`...)
	from := len(w.out)
	w.value(v, t, o)
	if len(w.out) == from {
		w.out = w.out[:start]
		return
	}
	w.out = append(w.out, ',')
}

func (w *fieldWriter) value(v reflect.Value, ref schema.TypeRef, o other) {
	if w.odd {
		return
	}
	a, ok := w.types.Resolve(ref)
	if !ok {
		w.stop()
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		switch {
		case v.IsNil() && o == zero:
			return
		case v.IsNil() && (a.Map != nil || a.Scalar != nil || a.List != nil):
			w.leaf()
			return
		case o == zero:
			o = null
		}
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if value.TypeReflectEntryOf(v.Type()).CanConvertToUnstructured() {
		w.encoded(v, a, o)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.structure(v, a.Map, o, nil)
	case reflect.Map:
		w.keyed(v, a.Map, o)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			w.list(v, a.List, o)
			return
		}
		w.scalar(v, a.Scalar, o)
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		w.scalar(v, a.Scalar, o)
	default:
		w.stop()
	}
}

func (w *fieldWriter) scalar(v reflect.Value, t *schema.Scalar, o other) {
	switch {
	case t == nil, o == null && v.Kind() == reflect.Slice && v.Len() == 0:
		w.stop()
	case o != zero || !v.IsZero():
		w.leaf()
	}
}

// scalars are the types whose JSON form is always a text or a number.
var scalars = map[reflect.Type]bool{
	reflect.TypeFor[metav1.Time](): true, reflect.TypeFor[metav1.MicroTime](): true, reflect.TypeFor[metav1.Duration](): true,
	reflect.TypeFor[resource.Quantity](): true, reflect.TypeFor[intstr.IntOrString](): true,
}

// encoded is a value with a JSON form of its own: a time, a quantity.
func (w *fieldWriter) encoded(v reflect.Value, a schema.Atom, o other) {
	parts := a.Map != nil && a.Map.ElementRelationship != schema.Atomic || a.List != nil && a.List.ElementRelationship != schema.Atomic
	switch {
	case o == zero && v.IsZero():
	case parts && !scalars[v.Type()], a.Scalar == nil, o != absent:
		w.stop()
	default:
		w.leaf()
	}
}

// structure writes the fields of a struct, but not those to skip, which only an object and its metadata
// have.
func (w *fieldWriter) structure(v reflect.Value, t *schema.Map, o other, skip map[string]bool) {
	if t == nil {
		w.stop()
		return
	}
	if t.ElementRelationship == schema.Atomic {
		switch {
		case o != zero:
			w.leaf()
		case !v.IsZero():
			w.stop()
		}
		return
	}
	start, empty := w.open(o), true
	for _, f := range value.TypeReflectEntryOf(v.Type()).OrderedFields() {
		inside := f.GetFrom(v)
		if f.CanOmit(inside) {
			continue
		}
		empty = false
		there := absent
		if o == zero && !f.CanOmit(reflect.Zero(inside.Type())) {
			there = zero
		}
		field, ok := t.FindField(f.JsonName)
		if !ok {
			w.stop()
			return
		}
		from := len(w.out)
		if skip != nil && f.JsonName == "metadata" {
			w.metadata(inside, field.Type)
		} else {
			w.part("f:", f.JsonName, inside, field.Type, there)
		}
		if skip[f.JsonName] {
			w.out = w.out[:from]
		}
	}
	if empty && o != zero { // empty here and not there
		w.out = w.out[:start]
		w.leaf()
		return
	}
	w.close(start)
}

func (w *fieldWriter) metadata(v reflect.Value, ref schema.TypeRef) {
	a, ok := w.types.Resolve(ref)
	if !ok || a.Map == nil || v.Kind() != reflect.Struct {
		w.stop()
		return
	}
	start := len(w.out)
	w.out = append(w.out, `"f:metadata":`...)
	from := len(w.out)
	w.structure(v, a.Map, zero, ownedByNobody)
	if len(w.out) == from {
		w.out = w.out[:start]
		return
	}
	w.out = append(w.out, ',')
}
