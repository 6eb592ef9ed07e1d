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
	"github.com/kubemint/kubemint/apiserver/schema"
)

// unlockedRetries is how often an update without a lock is tried when other writers are quicker.
const unlockedRetries = 50

// update replaces an object (API-76 to API-82).
func (h *Handler) update(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	o, err := updateOptions(r)
	if err != nil {
		return err
	}
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	want := t.res.GroupVersionKind()
	if t.sub != nil {
		want = t.sub.BodyKind(t.res)
	}
	sent, warnings, err := schema.Decode(body, r.Header.Get("Content-Type"), want, fieldValidation(o.FieldValidation))
	if err != nil {
		return err
	}
	ctx := r.Context()
	for _, text := range warnings {
		request.Warn(ctx, text)
	}
	m, err := meta.Accessor(sent)
	if err != nil {
		return err
	}
	if err := fitName(t, m); err != nil {
		return err
	}
	if t.sub != nil && t.sub.Name == "scale" {
		return h.putScale(w, r, t, sent, o)
	}
	if sent, err = h.unalias(t.res, sent); err != nil {
		return err
	}
	u := h.updateOptions(r, t, o, dryRun(o.DryRun))
	mgr := manager(o.FieldManager, r)
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		obj := sent.DeepCopyObject()
		if present == nil {
			return h.admitCreate(ctx, t, obj, mgr, createFrom(o), dryRun(o.DryRun))
		}
		return h.admitUpdate(ctx, t, present, obj, mgr, o, dryRun(o.DryRun))
	}
	result, created, err := t.store.Update(ctx, t.info.Namespace, t.info.URLName, u)
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
func (h *Handler) updateOptions(r *http.Request, t *target, o runtime.Object, dry bool) registry.UpdateOptions {
	u := registry.UpdateOptions{Retries: unlockedRetries, DryRun: dry}
	if t.sub != nil {
		u.Subresource = t.sub.Name
	}
	u.Validate = func(ctx context.Context, obj, old runtime.Object) error {
		return h.validate(ctx, h.attributes(ctx, t, admission.Update, obj, old, o, dry))
	}
	if t.res.CreateOnUpdate && t.sub == nil {
		u.Create = h.creation(r, t, dry)
	}
	return u
}

// creation lets a write to a missing object make it, if its sender may also create (AUTHZ-12).
func (h *Handler) creation(r *http.Request, t *target, dry bool) *registry.CreateOptions {
	c := h.createValidation(t, &metav1.CreateOptions{}, dry)
	admit := c.Validate
	c.Validate = func(ctx context.Context, obj runtime.Object) error {
		info := *t.info
		info.Verb = "create"
		if err := h.Authorize(ctx, request.UserFrom(r.Context()), &info); err != nil {
			return err
		}
		return admit(ctx, obj)
	}
	return &c
}

// admitUpdate defaults a changed object, notes its field owners and runs mutating admission.
func (h *Handler) admitUpdate(ctx context.Context, t *target, present, obj runtime.Object, mgr string, o runtime.Object, dry bool) (runtime.Object, error) {
	if d := t.store.Strategy().Default; d != nil {
		d(obj)
	}
	if err := dedupOwners(ctx, obj); err != nil {
		return nil, err
	}
	if err := h.owned(t, present, obj, mgr); err != nil {
		return nil, err
	}
	a := h.attributes(ctx, t, admission.Update, obj, present, o, dry)
	if err := h.mutate(ctx, a); err != nil {
		return nil, err
	}
	return a.Object, nil
}

func createFrom(o *metav1.UpdateOptions) *metav1.CreateOptions {
	return &metav1.CreateOptions{DryRun: o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation}
}

// fitName compares name and namespace of a body with the URL (API-71).
func fitName(t *target, m metav1.Object) error {
	if err := fitNamespace(t, m); err != nil {
		return err
	}
	switch m.GetName() {
	case "":
		if t.sub != nil && t.sub.New != nil {
			m.SetName(t.info.URLName)
			return nil
		}
		return apierrors.NewBadRequest("name must be provided")
	case t.info.URLName:
		return nil
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", m.GetName(), t.info.URLName))
}
