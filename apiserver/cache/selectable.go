package cache

import (
	"bytes"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// Labels are what label selectors look at. They are read where they stand in the body: a watcher that wants one object in a thousand
// has none of the others decoded. An object that cannot be decoded has none; Typed reports it where it is read.
func (o *Object) Labels() labels.Labels { return (*labelsOf)(o) }

// Fields are what field selectors look at. Its name and namespace an object has without being decoded.
func (o *Object) Fields() fields.Fields { return (*fieldsOf)(o) }

type fieldsOf Object

// Has implements fields.Fields.
func (o *fieldsOf) Has(field string) bool {
	switch field {
	case "metadata.name":
		return true
	case "metadata.namespace":
		return strings.Contains(o.Key, "/")
	}
	return (*Object)(o).fields().Has(field)
}

// Get implements fields.Fields.
func (o *fieldsOf) Get(field string) string {
	namespace, name, namespaced := strings.Cut(o.Key, "/")
	if !namespaced {
		namespace, name = "", o.Key
	}
	switch field {
	case "metadata.name":
		return name
	case "metadata.namespace":
		return namespace
	}
	return (*Object)(o).fields().Get(field)
}

// fields are all selectable fields, kept once somebody asked for them.
func (o *Object) fields() fields.Set {
	o.once.Do(func() {
		if obj, err := o.Typed(); err == nil {
			o.selected = o.kind.cfg.Fields(obj)
		}
	})
	return o.selected
}

type labelsOf Object

// Has implements labels.Labels.
func (o *labelsOf) Has(label string) bool {
	_, ok := o.Lookup(label)
	return ok
}

// Get implements labels.Labels.
func (o *labelsOf) Get(label string) string {
	value, _ := o.Lookup(label)
	return value
}

// Lookup implements labels.Labels.
func (o *labelsOf) Lookup(label string) (string, bool) {
	value, found, ok := findLabel(o.Body, label)
	if ok {
		return string(value), found
	}
	obj, err := (*Object)(o).Typed()
	if err != nil {
		return "", false
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return "", false
	}
	text, found := m.GetLabels()[label]
	return text, found
}

// findLabel reads a label in an encoded body. ok is false where that takes a decoder: no name or value of a label that a server let in
// has anything in it that JSON escapes.
func findLabel(body []byte, label string) (value []byte, found, ok bool) {
	rest, ok := bytes.CutPrefix(body, metadataStart)
	for ok && len(rest) > 0 && rest[0] == '"' {
		var name []byte
		if name, rest, ok = member(rest); !ok {
			break
		}
		if string(name) == "labels" {
			return inLabels(rest, label)
		}
		if rest, ok = skip(rest); ok && len(rest) > 0 && rest[0] == ',' {
			rest = rest[1:]
		}
	}
	return nil, false, ok && len(rest) > 0 && rest[0] == '}'
}

// inLabels reads a label in an encoded object of texts.
func inLabels(b []byte, label string) (value []byte, found, ok bool) {
	if len(b) == 0 || b[0] != '{' {
		return nil, false, false
	}
	for b = b[1:]; len(b) > 0 && b[0] == '"'; {
		name, rest, ok := member(b)
		if !ok {
			return nil, false, false
		}
		value, rest, ok := text(rest)
		if !ok {
			return nil, false, false
		}
		if string(name) == label {
			return value, true, true
		}
		if b = rest; len(b) > 0 && b[0] == ',' {
			b = b[1:]
		}
	}
	return nil, false, len(b) > 0 && b[0] == '}'
}

// member reads the name of an object's member and the colon behind it.
func member(b []byte) (name, rest []byte, ok bool) {
	name, rest, ok = text(b)
	if !ok || len(rest) == 0 || rest[0] != ':' {
		return nil, nil, false
	}
	return name, rest[1:], true
}

// text reads a string without escapes.
func text(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return nil, nil, false
	}
	value = b[1 : 1+end]
	return value, b[end+2:], bytes.IndexByte(value, '\\') < 0
}

// skip passes over a value.
func skip(b []byte) (rest []byte, ok bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case ',':
			if depth == 0 {
				return b[i:], true
			}
		case '}', ']':
			if depth == 0 {
				return b[i:], true
			}
			depth--
		}
	}
	return nil, false
}
