package schema

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// DecodeDeleteOptions reads the body of a delete (API-101). Clients send options under their resource's group-version or that of
// metav1, and the reference server takes them under any. Errors are 415 for the content type and 400 for everything else, in its words,
// which for options are those of the decoder alone.
func DecodeDeleteOptions(body []byte, contentType string) (*metav1.DeleteOptions, error) {
	format, err := BodyFormat(contentType)
	if err != nil {
		return nil, err
	}
	if err := checkDepth(body, format); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	serializer, want := codecs().lenient.of(format), metav1.SchemeGroupVersion.WithKind("DeleteOptions")
	want.Group = ""
	obj, actual, err := serializer.Decode(body, &want, nil)
	if actual != nil && actual.Kind == want.Kind && runtime.IsNotRegisteredError(err) && format != Protobuf {
		return decodeOptionsOnly(body, format)
	}
	if err != nil {
		return nil, apierrors.NewBadRequest(unregistered(err))
	}
	o, ok := obj.(*metav1.DeleteOptions)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("no kind %q is registered for version %q in scheme %q", actual.Kind, actual.GroupVersion(), schemeName))
	}
	return o, nil
}

// decodeOptionsOnly reads options whose group-version nobody knows.
func decodeOptionsOnly(body []byte, format Format) (*metav1.DeleteOptions, error) {
	var err error
	if format == YAML {
		if body, err = yaml.YAMLToJSON(body); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	}
	o := &metav1.DeleteOptions{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(body, o); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return o, nil
}
