package rest

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// patch changes an object by a document of one of four types (API-155).
func (h *Handler) patch(w http.ResponseWriter, r *http.Request, t *target) error {
	kind, err := patchType(r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	o, err := query(r, func(v *url.Values, o *metav1.PatchOptions) error {
		return metav1.Convert_url_Values_To_v1_PatchOptions(v, o, nil)
	})
	if err != nil {
		return err
	}
	if err := invalidOptions("PatchOptions", validation.ValidatePatchOptions(o, kind)); err != nil {
		return err
	}
	if err := schema.CheckDepth(body, kind == types.ApplyPatchType); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if kind == types.ApplyPatchType {
		if err := checkApplied(body); err != nil {
			return err
		}
		return h.apply(w, r, t, body, o)
	}
	options, mgr, dry := updateFrom(o), manager(o.FieldManager, r), dryRun(o.DryRun)
	p := &patcher{kind: kind, body: body, lens: t.lens, validation: fieldValidation(o.FieldValidation)}
	u := h.updateOptions(t, options, dry)
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		shown, err := t.lens.shown(present)
		if err != nil {
			return nil, err
		}
		shown.GetObjectKind().SetGroupVersionKind(t.lens.kind)
		obj, warnings, err := p.apply(shown)
		if err != nil {
			return nil, err
		}
		warnOfFields(ctx, warnings)
		if err := fit(t, metaOf(obj)); err != nil {
			return nil, err
		}
		h.fill(t, obj)
		return h.admitUpdate(ctx, t, present, obj, mgr, options, dry)
	}
	return h.change(w, r, t, u)
}

func updateFrom(o *metav1.PatchOptions) *metav1.UpdateOptions {
	return &metav1.UpdateOptions{DryRun: o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation}
}

// patchType is what a Content-Type says of a patch, if it is served (API-53).
func patchType(contentType string) (types.PatchType, error) {
	media, _, _ := strings.Cut(contentType, ";")
	switch k := types.PatchType(media); k {
	case types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType, types.ApplyPatchType:
		return k, nil
	}
	return "", &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "415: Unsupported Media Type", Details: &metav1.StatusDetails{},
	}}
}

// warnOfFields sends what a decoder found to be too much. Those of YAML come several in one text.
func warnOfFields(ctx context.Context, texts []string) {
	for _, text := range texts {
		lines, ok := strings.CutPrefix(strings.TrimPrefix(text, "error converting YAML to JSON: "), "yaml: unmarshal errors:\n")
		if !ok {
			request.Warn(ctx, text)
			continue
		}
		for line := range strings.SplitSeq(lines, "\n") {
			request.Warn(ctx, strings.TrimSpace(line))
		}
	}
}
