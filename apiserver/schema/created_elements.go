package schema

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"

	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

// keyed writes the entries of a map in the order of their keys.
func (w *fieldWriter) keyed(v reflect.Value, t *schema.Map, o other) {
	switch {
	case t == nil || v.Type().Key().Kind() != reflect.String || o == null && v.Len() == 0:
		w.stop()
		return
	case t.ElementRelationship == schema.Atomic || v.Len() == 0:
		w.leaf()
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	start := w.open(o)
	for _, key := range keys {
		name := key.String()
		if !plain(name) {
			w.stop()
			return
		}
		ref := t.ElementType
		if field, ok := t.FindField(name); ok {
			ref = field.Type
		}
		w.part("f:", name, v.MapIndex(key), ref, absent)
	}
	w.close(start)
}

// list writes the elements of a list: by their keys, or by their value if the list is a set.
func (w *fieldWriter) list(v reflect.Value, t *schema.List, o other) {
	switch {
	case t == nil || o == null && v.Len() == 0:
		w.stop()
		return
	case t.ElementRelationship == schema.Atomic || v.Len() == 0:
		w.leaf()
		return
	case t.ElementRelationship != schema.Associative:
		w.stop()
		return
	}
	elements := make([]element, v.Len())
	for i := range elements {
		var ok bool
		if elements[i], ok = w.element(v.Index(i), t); !ok {
			w.stop()
			return
		}
	}
	slices.SortFunc(elements, element.compare)
	start := w.open(o)
	for i, e := range elements {
		if i > 0 && e.compare(elements[i-1]) == 0 {
			w.stop() // there twice
			return
		}
		kind, name := e.text()
		w.part(kind, name, e.value, t.ElementType, absent)
	}
	w.close(start)
}

// element is an element of a list with what tells it from the others.
type element struct {
	value reflect.Value
	keys  []elementKey // in the order of their names; a single one without a name is the value itself
}

type elementKey struct {
	name   string
	text   string
	number int64
	isText bool
}

func (w *fieldWriter) element(v reflect.Value, t *schema.List) (element, bool) {
	e := element{value: v}
	if len(t.Keys) == 0 {
		key, ok := keyOf("", v)
		e.keys = []elementKey{key}
		return e, ok
	}
	entry := value.TypeReflectEntryOf(v.Type())
	a, ok := w.types.Resolve(t.ElementType)
	if !ok || a.Map == nil || v.Kind() != reflect.Struct || entry.CanConvertToUnstructured() {
		return e, false
	}
	for _, name := range t.Keys {
		f := entry.Fields()[name]
		if f == nil {
			return e, false
		}
		inside := f.GetFrom(v)
		if f.CanOmit(inside) {
			field, _ := a.Map.FindField(name)
			if field.Default == nil {
				continue // an element without it is another one than with it
			}
			inside = reflect.ValueOf(field.Default)
		}
		key, ok := keyOf(name, inside)
		if !ok {
			return e, false
		}
		e.keys = append(e.keys, key)
	}
	slices.SortFunc(e.keys, func(a, b elementKey) int { return cmp.Compare(a.name, b.name) })
	return e, len(e.keys) > 0
}

func keyOf(name string, v reflect.Value) (elementKey, bool) {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if value.TypeReflectEntryOf(v.Type()).CanConvertToUnstructured() {
		return elementKey{}, false
	}
	switch v.Kind() {
	case reflect.String:
		return elementKey{name: name, text: v.String(), isText: true}, plain(v.String())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return elementKey{name: name, number: v.Int()}, true
	}
	return elementKey{}, false
}

func (e element) compare(other element) int {
	return slices.CompareFunc(e.keys, other.keys, func(a, b elementKey) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.kind(), b.kind()), cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text))
	})
}

// kind orders numbers before texts.
func (k elementKey) kind() int {
	if k.isText {
		return 1
	}
	return 0
}

// text is the element's name in a path, as it stands in a JSON string.
func (e element) text() (kind, name string) {
	var b []byte
	for _, k := range e.keys {
		if k.name != "" {
			if len(b) > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, `\"`...), k.name...), `\":`...)
		}
		if k.isText {
			b = append(append(append(b, `\"`...), k.text...), `\"`...)
		} else {
			b = strconv.AppendInt(b, k.number, 10)
		}
	}
	if e.keys[0].name == "" {
		return "v:", string(b)
	}
	return "k:", "{" + string(b) + "}"
}

// plain says that a text is the same inside of JSON.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
