package schema

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// invalidPatch is the 422 for a patch whose result is not an object of the kind (API-97, API-158).
// It names no kind and no object.
func invalidPatch(value string, err error) error {
	return apierrors.NewInvalid(runtimeschema.GroupKind{}, "", field.ErrorList{
		field.Invalid(field.NewPath("patch"), value, err.Error()),
	})
}
