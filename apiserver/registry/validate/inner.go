package validate

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
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
	if v.Kind() != reflect.Struct || !strings.HasPrefix(v.Type().PkgPath(), "k8s.io/api/") {
		doc, err := json.Marshal(v.Interface())
		b.Write(doc)
		return err
	}
	b.WriteByte('{')
	for n := range v.NumField() {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + v.Type().Field(n).Name + `":`)
		if err := i.write(b, v.Field(n)); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}
