package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	sigsjson "sigs.k8s.io/json"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// patchRetries is how often a patch without a lock is tried again (API-156).
const patchRetries = 5

// operationsLimit bounds a JSON patch (API-157).
const operationsLimit = 10000

// patch changes an object by a document of one of four types (API-155).
func (h *Handler) patch(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	kind, err := patchType(r.Header.Get("Content-Type"))
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
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	if err := schema.CheckDepth(body, kind == types.ApplyPatchType); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if kind == types.ApplyPatchType {
		return h.apply(w, r, t, body, o)
	}
	p, err := newPatcher(kind, body, t.store.Resource().New)
	if err != nil {
		return err
	}
	if t.sub != nil && t.sub.Name == "scale" {
		return h.patchScale(w, r, t, o, func(doc []byte) ([]byte, error) {
			out, _, err := p.apply(doc)
			return out, err
		})
	}
	u := h.updateOptions(r, t, o, dryRun(o.DryRun))
	u.Create, u.Retries = nil, patchRetries
	mgr := manager(o.FieldManager, r)
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		obj, err := h.patched(ctx, t, p, present, fieldValidation(o.FieldValidation))
		if err != nil {
			return nil, err
		}
		return h.admitUpdate(ctx, t, present, obj, mgr, o, dryRun(o.DryRun))
	}
	result, _, err := t.store.Update(r.Context(), t.info.Namespace, t.info.URLName, u)
	if err != nil {
		return h.named(t, err)
	}
	return h.item(w, r, t, http.StatusOK, result)
}

// patched applies the patch to the present object.
func (h *Handler) patched(ctx context.Context, t *target, p *patcher, present runtime.Object, v schema.FieldValidation) (runtime.Object, error) {
	shown, err := h.alias(t.res, present)
	if err != nil {
		return nil, err
	}
	shown.GetObjectKind().SetGroupVersionKind(t.res.GroupVersionKind())
	doc, err := json.Marshal(shown)
	if err != nil {
		return nil, err
	}
	version := present.(metav1.ObjectMetaAccessor).GetObjectMeta().GetResourceVersion()
	doc, problems, err := p.apply(doc)
	if err != nil {
		return nil, err
	}
	obj, warnings, err := schema.DecodePatched(doc, t.res.GroupVersionKind(), v, problems)
	if err != nil {
		return nil, err
	}
	for _, text := range warnings {
		request.Warn(ctx, text)
	}
	if obj, err = h.unalias(t.res, obj); err != nil {
		return nil, err
	}
	// The version that was there before is not a lock that the client set.
	if m := obj.(metav1.ObjectMetaAccessor).GetObjectMeta(); m.GetResourceVersion() == version && !p.locks() {
		if !t.store.Resource().Locked {
			m.SetResourceVersion("")
		}
	}
	return obj, nil
}

func patchType(contentType string) (types.PatchType, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch k := types.PatchType(media); k {
		case types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType, types.ApplyPatchType:
			return k, nil
		}
	}
	return "", &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "415: Unsupported Media Type",
	}}
}

// patcher applies one patch to documents.
type patcher struct {
	kind     types.PatchType
	body     []byte
	ops      jsonpatch.Patch
	fresh    func() runtime.Object
	problems []error // duplicate fields in the patch itself
}

func newPatcher(kind types.PatchType, body []byte, fresh func() runtime.Object) (*patcher, error) {
	p := &patcher{kind: kind, body: body, fresh: fresh}
	if kind == types.JSONPatchType {
		var v []any
		problems, err := sigsjson.UnmarshalStrict(body, &v)
		if err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
		}
		p.problems = problems
		if p.ops, err = jsonpatch.DecodePatch(body); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		if len(p.ops) > operationsLimit {
			return nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum operations in a JSON patch is %d, got %d", operationsLimit, len(p.ops)))
		}
		return p, nil
	}
	var v map[string]any
	problems, err := sigsjson.UnmarshalStrict(body, &v)
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	p.problems = problems
	return p, nil
}

// locks says whether the patch itself names a resource version.
func (p *patcher) locks() bool {
	if p.kind == types.JSONPatchType {
		for _, op := range p.ops {
			if path, err := op.Path(); err == nil && path == "/metadata/resourceVersion" {
				return true
			}
		}
		return false
	}
	var v struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
	}
	return json.Unmarshal(p.body, &v) == nil && v.Metadata.ResourceVersion != ""
}

func (p *patcher) apply(doc []byte) ([]byte, []error, error) {
	switch p.kind {
	case types.JSONPatchType:
		out, err := p.ops.Apply(doc)
		if err != nil {
			return nil, nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", admissionNone, "", err.Error(), 0, false)
		}
		return out, p.problems, nil
	case types.MergePatchType:
		out, err := jsonpatch.MergePatch(doc, p.body)
		if err != nil {
			return nil, nil, apierrors.NewBadRequest(err.Error())
		}
		return out, p.problems, nil
	}
	out, err := strategicpatch.StrategicMergePatch(doc, p.body, p.fresh())
	if err != nil {
		if mergepatch.IsPreconditionFailed(err) || err == mergepatch.ErrBadJSONDoc || err == mergepatch.ErrBadPatchFormatForPrimitiveList || err == mergepatch.ErrBadPatchFormatForRetainKeys || err == mergepatch.ErrBadPatchFormatForSetElementOrderList || err == mergepatch.ErrUnsupportedStrategicMergePatchFormat {
			return nil, nil, apierrors.NewBadRequest(err.Error())
		}
		return nil, nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", admissionNone, "", err.Error(), 0, false)
	}
	return out, p.problems, nil
}
