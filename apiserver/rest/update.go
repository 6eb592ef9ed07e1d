package rest

import (
	"context"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
)

// update replaces an object (API-76 to API-82).
func (h *Handler) update(w http.ResponseWriter, r *http.Request, t *target) error {
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	o, err := updateOptions(r)
	if err != nil {
		return err
	}
	sent, err := decode(r.Context(), body, r.Header.Get("Content-Type"), t.lens.kind, o.FieldValidation)
	if err != nil {
		return err
	}
	m, err := meta.Accessor(sent)
	if err != nil {
		return err
	}
	if err := fit(t, m); err != nil {
		return err
	}
	h.fill(t, sent)
	if err := dedupOwners(r.Context(), sent, false); err != nil {
		return err
	}
	dry, mgr := dryRun(o.DryRun), manager(o.FieldManager, r)
	u := h.updateOptions(t, o, dry)
	u.UID = m.GetUID()
	if t.res.CreateOnUpdate && t.sub == nil {
		u.Create = h.creation(t, createFrom(o), dry)
	}
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		if present == nil {
			return h.admitCreate(ctx, t, sent.DeepCopyObject(), mgr, createFrom(o), dry)
		}
		return h.admitUpdate(ctx, t, present, sent.DeepCopyObject(), mgr, o, dry)
	}
	return h.change(w, r, t, u)
}

// change carries out an update and answers.
func (h *Handler) change(w http.ResponseWriter, r *http.Request, t *target, u registry.UpdateOptions) error {
	result, created, err := t.store.Update(r.Context(), t.info.Namespace, t.info.URLName, u)
	if err != nil {
		return h.named(t, err)
	}
	code := http.StatusOK
	if created {
		code = http.StatusCreated
	}
	return h.item(w, r, t, code, result)
}

// updateOptions are those that update and patch share; the caller adds the Transform.
func (h *Handler) updateOptions(t *target, o runtime.Object, dry bool) registry.UpdateOptions {
	u := registry.UpdateOptions{DryRun: dry}
	if t.sub != nil && !t.scales() { // what a scale changes is stored by the rules of its parent's own endpoint
		u.Subresource = t.sub.Name
	}
	u.Validate = func(ctx context.Context, obj, old runtime.Object) error {
		return h.validate(ctx, h.attributes(ctx, t, admission.Update, obj, old, o, dry))
	}
	return u
}

// creation lets a write to a missing object make it, if its sender may also create (AUTHZ-12).
func (h *Handler) creation(t *target, o *metav1.CreateOptions, dry bool) *registry.CreateOptions {
	c := h.createValidation(t, o, dry)
	admit := c.Validate
	c.Validate = func(ctx context.Context, obj runtime.Object) error {
		info := *t.info
		info.Verb = "create"
		if err := h.Authorize(ctx, request.UserFrom(ctx), &info); err != nil {
			return err
		}
		return admit(ctx, obj)
	}
	return &c
}

// admitUpdate notes the field owners of a changed object, shown as the endpoint does, and runs mutating admission. What it returns is as
// stored.
func (h *Handler) admitUpdate(ctx context.Context, t *target, present, obj runtime.Object, mgr string, o runtime.Object, dry bool) (runtime.Object, error) {
	shown, err := t.lens.shown(present)
	if err != nil {
		return nil, err
	}
	if err := h.owned(t, shown, obj, mgr); err != nil {
		return nil, err
	}
	return h.admit(ctx, t, admission.Update, obj, present, o, dry)
}

func createFrom(o *metav1.UpdateOptions) *metav1.CreateOptions {
	return &metav1.CreateOptions{DryRun: o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation}
}

// fit compares namespace and name of an object with the URL (API-71).
func fit(t *target, m metav1.Object) error {
	if err := fitNamespace(t, m); err != nil {
		return err
	}
	switch m.GetName() {
	case t.info.URLName:
		return nil
	case "":
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", t.info.URLName))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", m.GetName(), t.info.URLName))
}
