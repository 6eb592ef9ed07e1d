package schema

import (
	"bytes"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PartialMetadata returns the representation of an object that has only its metadata (API-60), of
// version v1 if version is empty. It shares maps and slices with the object.
func PartialMetadata(obj metav1.Object, version string) *metav1.PartialObjectMetadata {
	partial := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: metaVersion(version)}}
	if accessor, ok := obj.(metav1.ObjectMetaAccessor); ok {
		if m, ok := accessor.GetObjectMeta().(*metav1.ObjectMeta); ok {
			partial.ObjectMeta = *m
			return partial
		}
	}
	partial.ObjectMeta = metav1.ObjectMeta{
		Name: obj.GetName(), GenerateName: obj.GetGenerateName(), Namespace: obj.GetNamespace(), UID: types.UID(obj.GetUID()),
		ResourceVersion: obj.GetResourceVersion(), Generation: obj.GetGeneration(), CreationTimestamp: obj.GetCreationTimestamp(),
		DeletionTimestamp: obj.GetDeletionTimestamp(), DeletionGracePeriodSeconds: obj.GetDeletionGracePeriodSeconds(),
		Labels: obj.GetLabels(), Annotations: obj.GetAnnotations(), OwnerReferences: obj.GetOwnerReferences(),
		Finalizers: obj.GetFinalizers(), ManagedFields: obj.GetManagedFields(),
	}
	return partial
}

// PartialMetadataJSON returns the same from an object encoded by EncodeJSON, without decoding it.
func PartialMetadataJSON(encoded []byte, version string) ([]byte, bool) {
	metadata, ok := encodedMetadata(encoded)
	if !ok {
		return nil, false
	}
	return appendPartial(nil, metadata, version), true
}

func appendPartial(out, metadata []byte, version string) []byte {
	if out == nil {
		out = make([]byte, 0, len(metadata)+80)
	}
	out = append(out, `{"kind":"PartialObjectMetadata","apiVersion":"`...)
	out = append(out, metaVersion(version)...)
	out = append(out, `","metadata":`...)
	out = append(out, metadata...)
	return append(out, '}')
}

// encodedMetadata cuts the metadata out of an object encoded by EncodeJSON, where they follow kind
// and apiVersion. It gives up on anything else.
func encodedMetadata(encoded []byte) ([]byte, bool) {
	if len(encoded) < 2 || encoded[0] != '{' {
		return nil, false
	}
	rest, ok := bytes.CutPrefix(encoded[afterKind(encoded):], []byte(`"metadata":`))
	if !ok || len(rest) == 0 || rest[0] != '{' {
		return nil, false
	}
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			for i++; i < len(rest) && rest[i] != '"'; i++ {
				if rest[i] == '\\' {
					i++
				}
			}
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				metadata := rest[:i+1]
				return metadata, json.Valid(metadata)
			}
		}
	}
	return nil, false
}
