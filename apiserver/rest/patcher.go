package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	sigsjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint/apiserver/schema"
)

// The bounds of patches (API-157): the operations of a JSON patch, by how many bytes its copies may make an object grow, and the items of
// one list of a strategic merge patch or an apply. Merging a list takes the square of its length: a body of the size allowed would keep a processor
// busy for a quarter of an hour.
const (
	operationsLimit = 10000
	copyLimit       = 3 << 20
	itemsLimit      = 10000
)

// The library knows this bound by a variable of its own alone. Without it sixty copies of an object into itself fill any memory.
func init() { jsonpatch.AccumulatedCopySizeLimit = copyLimit }

// patcher applies one patch to objects as an endpoint shows them.
type patcher struct {
	kind       types.PatchType
	body       []byte
	lens       *lens
	validation schema.FieldValidation
}

// apply returns a new object; what it was given stays as it is. Its errors are API errors.
func (p *patcher) apply(shown runtime.Object) (obj runtime.Object, warnings []string, err error) {
	if p.kind == types.StrategicMergePatchType {
		return p.strategic(shown)
	}
	doc, err := json.Marshal(shown)
	if err != nil {
		return nil, nil, err
	}
	var problems []error
	if p.kind == types.JSONPatchType {
		doc, problems, err = p.operations(doc)
	} else {
		doc, problems, err = p.merge(doc)
	}
	if err != nil {
		return nil, nil, err
	}
	return schema.DecodePatched(doc, p.lens.kind, p.validation, problems)
}

// operation is one of a JSON patch, for the sake of what it may not hold.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from"`
	Value any    `json:"value"`
}

func (p *patcher) operations(doc []byte) (_ []byte, problems []error, err error) {
	if p.validation != schema.Ignore {
		var ops []operation
		if problems, err = sigsjson.UnmarshalStrict(p.body, &ops); err != nil {
			return nil, nil, apierrors.NewBadRequest("error decoding patch: " + typeNames.Replace(err.Error()))
		}
		for i, e := range problems {
			problems[i] = fmt.Errorf("json patch %w", e)
		}
	}
	ops, err := jsonpatch.DecodePatch(p.body)
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	if len(ops) > operationsLimit {
		return nil, nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum operations in a JSON patch is %d, got %d", operationsLimit, len(ops)))
	}
	out, err := ops.Apply(doc)
	if err != nil {
		return nil, nil, unprocessable(err)
	}
	return out, problems, nil
}

func (p *patcher) merge(doc []byte) (_ []byte, problems []error, err error) {
	if p.validation != schema.Ignore {
		var v map[string]any
		if problems, err = sigsjson.UnmarshalStrict(p.body, &v); err != nil {
			return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
		}
	}
	out, err := jsonpatch.MergePatch(doc, p.body)
	if errors.Is(err, jsonpatch.ErrBadJSONPatch) {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	return out, problems, err
}

// strategic merges by what the Go types say of their lists (API-159).
func (p *patcher) strategic(shown runtime.Object) (obj runtime.Object, warnings []string, err error) {
	original, err := runtime.DefaultUnstructuredConverter.ToUnstructured(shown)
	if err != nil {
		return nil, nil, err
	}
	patch := map[string]any{}
	var problems []error
	if p.validation == schema.Ignore {
		err = sigsjson.UnmarshalCaseSensitivePreserveInts(p.body, &patch)
	} else {
		problems, err = sigsjson.UnmarshalStrict(p.body, &patch)
	}
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	if err := checkItems(patch, "a strategic merge patch"); err != nil {
		return nil, nil, err
	}
	obj = p.lens.fresh()
	merged, err := strategicpatch.StrategicMergeMapPatch(original, patch, obj)
	if err != nil {
		return nil, nil, strategicError(err)
	}
	refused := func(err error) error {
		return apierrors.NewInvalid(apischema.GroupKind{}, "", field.ErrorList{
			field.Invalid(field.NewPath("patch"), fmt.Sprintf("%+v", patch), err.Error())})
	}
	err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(merged, obj, p.validation != schema.Ignore)
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		problems = append(problems, strict.Errors()...)
	} else if err != nil {
		return nil, nil, refused(err)
	}
	if warnings, err = schema.FieldProblems(problems, p.validation); err != nil {
		return nil, nil, refused(err)
	}
	obj.GetObjectKind().SetGroupVersionKind(p.lens.kind)
	return obj, warnings, nil
}

// checkItems refuses a document that takes too long to be merged.
func checkItems(doc any, what string) error {
	if n := longestList(doc); n > itemsLimit {
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum items in a list of %s is %d, got %d", what, itemsLimit, n))
	}
	return nil
}

// checkApplied is checkItems of the body of an apply. One that has no room for so many items is not looked at, and one that cannot be
// read is refused by the apply itself.
func checkApplied(body []byte) error {
	var doc any
	if len(body) <= 2*itemsLimit || yaml.Unmarshal(body, &doc) != nil {
		return nil
	}
	return checkItems(doc, "an apply patch")
}

// longestList is the length of the longest list inside a document.
func longestList(v any) int {
	most := 0
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			most = max(most, longestList(inner))
		}
	case []any:
		most = len(v)
		for _, inner := range v {
			most = max(most, longestList(inner))
		}
	}
	return most
}

// strategicError gives the library's errors their codes; one that it has no name for is the server's.
func strategicError(err error) error {
	for _, bad := range []error{mergepatch.ErrBadJSONDoc, mergepatch.ErrBadPatchFormatForPrimitiveList, mergepatch.ErrBadPatchFormatForRetainKeys,
		mergepatch.ErrBadPatchFormatForSetElementOrderList, mergepatch.ErrUnsupportedStrategicMergePatchFormat} {
		if errors.Is(err, bad) {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	if errors.Is(err, mergepatch.ErrNoListOfLists) || errors.Is(err, mergepatch.ErrPatchContentNotMatchRetainKeys) {
		return unprocessable(err)
	}
	return err
}

// unprocessable is the 422 of API-157; its text is in the details.
func unprocessable(err error) error {
	return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", apischema.GroupResource{}, "", err.Error(), 0, false)
}
