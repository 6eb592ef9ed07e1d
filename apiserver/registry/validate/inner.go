package validate

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// inner shows a struct in an error as the real server does: that prints its internal types, which have no JSON tags, so every field
// appears under its Go name and none is left out (VAL-6, VAL-9).
type inner struct{ value any }

// MarshalJSON implements json.Marshaler.
func (i inner) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := i.write(&b, reflect.ValueOf(i.value)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (i inner) write(b *bytes.Buffer, v reflect.Value) error {
	if !v.IsValid() {
		b.WriteString("null")
		return nil
	}
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice && !v.IsNil() {
		b.WriteByte('[')
		for n := range v.Len() {
			if n > 0 {
				b.WriteByte(',')
			}
			if err := i.write(b, v.Index(n)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	// The types of apimachinery are one and the same inside and outside.
	if v.Kind() != reflect.Struct || !strings.HasPrefix(v.Type().PkgPath(), "k8s.io/api/") && v.Type() != reflect.TypeFor[podSecurity]() {
		doc, err := json.Marshal(v.Interface())
		b.Write(doc)
		return err
	}
	b.WriteByte('{')
	first := true
	err := i.fields(b, v, &first)
	b.WriteByte('}')
	return err
}

// fields writes the fields of a struct; those of structs inside it that have no name of their own come in their place.
func (i inner) fields(b *bytes.Buffer, v reflect.Value, first *bool) error {
	t := v.Type()
	put := func(name string, value reflect.Value) error {
		if !*first {
			b.WriteByte(',')
		}
		*first = false
		b.WriteString(`"` + name + `":`)
		return i.write(b, value)
	}
	names := innerOrder[t.Name()]
	if names == nil {
		for n := range t.NumField() {
			names = append(names, t.Field(n).Name)
		}
	}
	for _, name := range names {
		f, ok := t.FieldByName(name)
		switch {
		case !ok || sinceThen[t.Name()+"."+name]:
			continue
		case f.Anonymous && strings.HasPrefix(f.Type.PkgPath(), "k8s.io/api/"):
			if err := i.fields(b, v.FieldByIndex(f.Index), first); err != nil {
				return err
			}
			continue
		case f.Anonymous:
			doc, err := json.Marshal(v.FieldByIndex(f.Index).Interface())
			if err != nil {
				return err
			}
			if inside := doc[1 : len(doc)-1]; len(inside) > 0 {
				if !*first {
					b.WriteByte(',')
				}
				*first = false
				b.Write(inside)
			}
			continue
		}
		value := v.FieldByIndex(f.Index)
		if spec, ok := v.Interface().(corev1.PodSpec); ok && name == "SecurityContext" {
			value = reflect.ValueOf(insideSecurity(&spec))
		}
		if err := put(name, value); err != nil {
			return err
		}
	}
	return nil
}
