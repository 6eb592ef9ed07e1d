package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// EncodeJSON returns obj as compact JSON without a trailing newline: kind and apiVersion first, then
// metadata. An object that carries no kind gets that of its type in the scheme; obj itself is not
// changed, so that it may be shared.
func EncodeJSON(obj runtime.Object) ([]byte, error) {
	encoded, err := json.Marshal(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	kind := obj.GetObjectKind().GroupVersionKind()
	if kind.Kind != "" && (kind.Version != "" || ofTheCore(obj)) {
		return encoded, nil
	}
	kinds, _, err := Scheme().ObjectKinds(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	return prependKind(encoded, kinds[0]), nil
}

// ofTheCore says whether obj is one of the two documents that describe the core group: a real server leaves their
// apiVersion out (API-20, API-21).
func ofTheCore(obj runtime.Object) bool {
	switch obj.(type) {
	case *metav1.APIVersions, *metav1.APIResourceList:
		return true
	}
	return false
}

// EncodeItemJSON is EncodeJSON for an item of a typed list, which carries neither kind nor
// apiVersion (API-62). obj is not changed.
func EncodeItemJSON(obj runtime.Object) ([]byte, error) {
	encoded, err := json.Marshal(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	return StripKind(encoded), nil
}

// prependKind puts kind and apiVersion in front of an encoded object, in place of any it has.
func prependKind(encoded []byte, kind runtimeschema.GroupVersionKind) []byte {
	rest := encoded[afterKind(encoded):]
	out := make([]byte, 0, len(rest)+len(kind.Kind)+len(kind.Group)+len(kind.Version)+32)
	out = append(out, `{"kind":"`...)
	out = append(out, kind.Kind...)
	out = append(out, `","apiVersion":"`...)
	out = append(out, kind.GroupVersion().String()...)
	out = append(out, '"')
	if rest[0] != '}' {
		out = append(out, ',')
	}
	return append(out, rest...)
}

// StripKind returns an object encoded by EncodeJSON without its leading kind and apiVersion, in
// memory of its own if there were any.
func StripKind(encoded []byte) []byte {
	start := afterKind(encoded)
	if start <= 1 {
		return encoded
	}
	out := make([]byte, 0, len(encoded)-start+1)
	return append(append(out, '{'), encoded[start:]...)
}

// afterKind returns where the first field after kind and apiVersion begins in an encoded object, or
// its closing brace if there is none.
func afterKind(encoded []byte) int {
	start := 1
	for _, field := range [...]string{`"kind":"`, `"apiVersion":"`} {
		value, found := bytes.CutPrefix(encoded[start:], []byte(field))
		if !found {
			continue
		}
		end := bytes.IndexByte(value, '"')
		if end < 0 || end+1 >= len(value) {
			break
		}
		start += len(field) + end + 1
		if encoded[start] == ',' {
			start++
		}
	}
	return start
}

// Encode writes obj for a client in the format that was negotiated: compact JSON ends with a newline,
// indented JSON and YAML do as the reference server does (API-9, API-63).
func Encode(obj runtime.Object, format Format, pretty bool) ([]byte, error) {
	if format == Protobuf {
		return encodeProtobuf(obj)
	}
	encoded, err := EncodeJSON(obj)
	if err != nil {
		return nil, err
	}
	return Reformat(encoded, format, pretty)
}

// encodeProtobuf wraps the message of obj in the envelope of API-55. It needs a type of k8s.io/api.
func encodeProtobuf(obj runtime.Object) ([]byte, error) {
	if obj.GetObjectKind().GroupVersionKind().Empty() {
		kinds, _, err := Scheme().ObjectKinds(obj)
		if err != nil {
			return nil, fmt.Errorf("encode %T: %w", obj, err)
		}
		obj = obj.DeepCopyObject()
		obj.GetObjectKind().SetGroupVersionKind(kinds[0])
	}
	var out bytes.Buffer
	if err := codecs().lenient.protobuf.Encode(obj, &out); err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	return out.Bytes(), nil
}

// Reformat turns compact JSON, which begins with kind and apiVersion, into the format that was
// negotiated. For protobuf it has to be decoded first.
func Reformat(encoded []byte, format Format, pretty bool) ([]byte, error) {
	switch {
	case format == YAML:
		converted, err := yaml.JSONToYAML(encoded)
		if err != nil {
			return nil, fmt.Errorf("encode as YAML: %w", err)
		}
		return converted, nil
	case format == Protobuf:
		obj, _, err := codecs().lenient.json.Decode(encoded, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("encode as protobuf: %w", err)
		}
		return encodeProtobuf(obj)
	case pretty:
		var indented bytes.Buffer
		indented.Grow(2 * len(encoded))
		if err := json.Indent(&indented, encoded, "", "  "); err != nil {
			return nil, fmt.Errorf("indent: %w", err)
		}
		return indented.Bytes(), nil
	}
	return append(encoded[:len(encoded):len(encoded)], '\n'), nil
}
