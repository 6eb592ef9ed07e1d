package rest

import (
	"context"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// create makes an object (API-70 to API-75), or hands the body to the Creator of a kind that stores nothing.
func (h *Handler) create(w http.ResponseWriter, r *http.Request, t *target) error {
	if _, err := schema.BodyFormat(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	o, err := createOptions(r)
	if err != nil {
		return err
	}
	want := t.res.GroupVersionKind()
	if t.sub != nil {
		want = t.sub.BodyKind(t.res)
	}
	ctx := r.Context()
	obj, err := decode(ctx, body, r.Header.Get("Content-Type"), want, o.FieldValidation)
	if err != nil {
		return err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	if err := fitNamespace(t, m); err != nil {
		return err
	}
	if c := h.Creators[t.called()]; c != nil {
		return h.compute(w, r, t, c, obj, o)
	}
	if t.store == nil || t.sub != nil {
		return notAllowed()
	}
	if obj, err = h.admitCreate(ctx, t, obj, manager(o.FieldManager, r), o, dryRun(o.DryRun)); err != nil {
		return err
	}
	result, err := t.store.Create(ctx, obj, h.createValidation(t, o, dryRun(o.DryRun)))
	if err != nil {
		return h.named(t, err)
	}
	return h.item(w, r, t, http.StatusCreated, result)
}

// decode reads a body, and warns of what it has too much of.
func decode(ctx context.Context, body []byte, contentType string, want apischema.GroupVersionKind, validation string) (runtime.Object, error) {
	obj, warnings, err := schema.Decode(body, contentType, want, fieldValidation(validation))
	if err != nil {
		return nil, err
	}
	warnOfFields(ctx, warnings)
	return obj, nil
}

// compute answers a POST whose result is not stored.
func (h *Handler) compute(w http.ResponseWriter, r *http.Request, t *target, c Creator, obj runtime.Object, o *metav1.CreateOptions) error {
	ctx := r.Context()
	a := h.attributes(ctx, t, admission.Create, obj, nil, o, dryRun(o.DryRun))
	if t.sub != nil {
		a.Kind = t.sub.BodyKind(t.res)
	}
	if err := h.mutate(ctx, a); err != nil {
		return err
	}
	if err := h.validate(ctx, a); err != nil {
		return err
	}
	out, err := c(ctx, t.info.Namespace, t.info.URLName, a.Object, dryRun(o.DryRun))
	if err != nil {
		return err
	}
	if status, ok := out.(*metav1.Status); ok {
		return h.status(w, r, t, http.StatusCreated, status)
	}
	return h.object(w, r, t, http.StatusCreated, out)
}

// admitCreate defaults a new object that a client sent, notes its field owner and runs mutating admission. What it returns is as stored.
func (h *Handler) admitCreate(ctx context.Context, t *target, obj runtime.Object, mgr string, o runtime.Object, dry bool) (runtime.Object, error) {
	if m := metaOf(obj); t.info.Verb == "create" { // nobody owns what is wiped
		m.SetDeletionTimestamp(nil)
		m.SetDeletionGracePeriodSeconds(nil)
	}
	h.fill(t, obj)
	if err := dedupOwners(ctx, obj, false); err != nil {
		return nil, err
	}
	if err := h.owned(t, nil, obj, mgr); err != nil {
		return nil, err
	}
	return h.admit(ctx, t, admission.Create, obj, nil, o, dry)
}

// fill defaults what is shown as it is stored. What is not is defaulted once it has its stored form.
func (h *Handler) fill(t *target, obj runtime.Object) {
	if d := t.store.Strategy().Default; d != nil && t.lens.plain() {
		d(obj)
	}
}

// admit gives an object, shown as the endpoint does, its stored form and has mutating admission change it.
func (h *Handler) admit(ctx context.Context, t *target, op admission.Operation, shown, present, o runtime.Object, dry bool) (runtime.Object, error) {
	obj, err := t.lens.stored(shown, present)
	if err != nil {
		return nil, err
	}
	if d := t.store.Strategy().Default; d != nil && !t.lens.plain() {
		d(obj)
	}
	a := h.attributes(ctx, t, op, obj, present, o, dry)
	if err := h.mutate(ctx, a); err != nil {
		return nil, err
	}
	return a.Object, dedupOwners(ctx, a.Object, true)
}

func (h *Handler) createValidation(t *target, o runtime.Object, dry bool) registry.CreateOptions {
	return registry.CreateOptions{DryRun: dry, Validate: func(ctx context.Context, obj runtime.Object) error {
		return h.validate(ctx, h.attributes(ctx, t, admission.Create, obj, nil, o, dry))
	}}
}

// attributes says what admission needs to know of a write.
func (h *Handler) attributes(ctx context.Context, t *target, op admission.Operation, obj, old, options runtime.Object, dry bool) *admission.Attributes {
	a := &admission.Attributes{
		Operation: op, User: request.UserFrom(ctx), Resource: t.res.GroupVersionResource(), Kind: t.res.GroupVersionKind(),
		Namespace: t.info.Namespace, Name: t.info.URLName, Object: obj, Old: old, Options: options, DryRun: dry,
	}
	if t.sub != nil {
		a.Subresource = t.sub.Name
	}
	if m, ok := obj.(metav1.ObjectMetaAccessor); ok && a.Name == "" {
		a.Name = m.GetObjectMeta().GetName()
	}
	return a
}

func (h *Handler) mutate(ctx context.Context, a *admission.Attributes) error {
	request.ScopeFrom(ctx).Forget()
	before := sentObject(ctx, a)
	err := h.Admission.Mutate(ctx, a)
	request.Done(ctx, request.StepAdmit)
	h.told(ctx, a)
	if before != nil && err == nil {
		tellChange(ctx, before, a.Object)
	}
	return err
}

func (h *Handler) validate(ctx context.Context, a *admission.Attributes) error {
	err := h.Admission.Validate(ctx, a)
	request.Done(ctx, request.StepValidate)
	h.told(ctx, a)
	return err
}

// told passes on what admission has to say beside its decision.
func (h *Handler) told(ctx context.Context, a *admission.Attributes) {
	for _, text := range a.Warnings {
		request.Warn(ctx, text)
	}
	if scope := request.ScopeFrom(ctx); scope != nil {
		for _, n := range a.Notes {
			scope.Note(n)
		}
	}
	a.Warnings, a.Notes = nil, nil
}

// fitNamespace fills an empty namespace from the URL and refuses another one (API-71). Objects of the cluster are in none.
func fitNamespace(t *target, m metav1.Object) error {
	namespace := ""
	if t.res.Namespaced {
		namespace = t.info.Namespace
	}
	switch m.GetNamespace() {
	case namespace:
	case "":
		m.SetNamespace(namespace)
	default:
		if namespace != "" {
			return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
		}
		m.SetNamespace("")
	}
	return nil
}
