package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/registry/prepare"
)

func (h *Handler) putScale(w http.ResponseWriter, r *http.Request, t *target, sent runtime.Object, o *metav1.UpdateOptions) error {
	s, ok := sent.(*autoscalingv1.Scale)
	if !ok {
		return apierrors.NewBadRequest(fmt.Sprintf("expected a Scale, got %T", sent))
	}
	return h.rescale(w, r, t, manager(o.FieldManager, r), o, dryRun(o.DryRun), func(*autoscalingv1.Scale) (*autoscalingv1.Scale, error) { return s, nil })
}

// patchScale applies a merge or JSON patch to the Scale that is shown.
func (h *Handler) patchScale(w http.ResponseWriter, r *http.Request, t *target, o *metav1.PatchOptions, apply func(doc []byte) ([]byte, error)) error {
	return h.rescale(w, r, t, manager(o.FieldManager, r), o, dryRun(o.DryRun), func(present *autoscalingv1.Scale) (*autoscalingv1.Scale, error) {
		doc, err := json.Marshal(present)
		if err != nil {
			return nil, err
		}
		if doc, err = apply(doc); err != nil {
			return nil, err
		}
		changed := &autoscalingv1.Scale{}
		if err := json.Unmarshal(doc, changed); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return changed, nil
	})
}

func (h *Handler) rescale(w http.ResponseWriter, r *http.Request, t *target, mgr string, o runtime.Object, dry bool, change func(*autoscalingv1.Scale) (*autoscalingv1.Scale, error)) error {
	u := h.updateOptions(r, t, o, dry)
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		shown, err := prepare.ScaleOf(present)
		if err != nil {
			return nil, err
		}
		s, err := change(shown)
		if err != nil {
			return nil, err
		}
		if s.Spec.Replicas < 0 {
			return nil, apierrors.NewInvalid(apischema.GroupKind{Group: "autoscaling", Kind: "Scale"}, t.info.URLName, field.ErrorList{
				field.Invalid(field.NewPath("spec", "replicas"), s.Spec.Replicas, "must be greater than or equal to 0")})
		}
		obj := present.DeepCopyObject()
		m := obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
		m.SetResourceVersion(s.ResourceVersion)
		if s.UID != "" {
			m.SetUID(s.UID)
		}
		if err := prepare.SetScale(obj, s); err != nil {
			return nil, err
		}
		return h.admitUpdate(ctx, t, present, obj, mgr, o, dry)
	}
	// The parent is written by the rules of its own endpoint.
	u.Subresource = ""
	result, _, err := t.store.Update(r.Context(), t.info.Namespace, t.info.URLName, u)
	if err != nil {
		return err
	}
	obj, err := result.Typed()
	if err != nil {
		return err
	}
	s, err := prepare.ScaleOf(obj)
	if err != nil {
		return err
	}
	Object(w, r, http.StatusOK, s)
	return nil
}
