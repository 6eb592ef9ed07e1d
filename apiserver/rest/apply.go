package rest

import (
	"context"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/admission"
)

// apply is server-side apply: it makes what is missing and merges into what is there (API-161 to API-166).
func (h *Handler) apply(w http.ResponseWriter, r *http.Request, t *target, body []byte, o *metav1.PatchOptions) error {
	fm, err := h.fieldManager(t)
	if err != nil {
		return err
	}
	force, dry := o.Force != nil && *o.Force, dryRun(o.DryRun)
	options := updateFrom(o)
	u := h.updateOptions(t, options, dry)
	if t.sub == nil {
		u.Create = h.creation(t, createFrom(options), dry)
	}
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		op, live := admission.Create, t.lens.fresh()
		if present != nil {
			op = admission.Update
			if live, err = t.lens.shown(present); err != nil {
				return nil, err
			}
		}
		live.GetObjectKind().SetGroupVersionKind(t.lens.kind)
		obj, warnings, err := fm.Apply(live, body, o.FieldManager, force, fieldValidation(o.FieldValidation), h.Clock.Now())
		if err != nil {
			return nil, err
		}
		warnOfFields(ctx, warnings)
		if err := fit(t, metaOf(obj)); err != nil {
			return nil, err
		}
		h.fill(t, obj)
		var old runtime.Object
		given := options.DeepCopyObject()
		if op == admission.Update {
			old = present
		} else {
			given = createFrom(options)
		}
		return h.admit(ctx, t, op, obj, old, given, dry)
	}
	return h.change(w, r, t, u)
}
