package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// create makes an object (API-70 to API-75), or hands the body to the Creator of a kind that stores nothing.
func (h *Handler) create(w http.ResponseWriter, r *http.Request, t *target) error {
	o, err := createOptions(r)
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
	obj, warnings, err := schema.Decode(body, r.Header.Get("Content-Type"), want, fieldValidation(o.FieldValidation))
	if err != nil {
		return err
	}
	ctx := r.Context()
	for _, text := range warnings {
		request.Warn(ctx, text)
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	if err := fitNamespace(t, m); err != nil {
		return err
	}
	name := t.res.GroupResource().String()
	if t.sub != nil {
		name += "/" + t.sub.Name
	}
	if c := h.Creators[name]; c != nil {
		return h.compute(w, r, t, c, obj, o)
	}
	if t.store == nil || t.sub != nil {
		return notAllowed()
	}
	if obj, err = h.unalias(t.res, obj); err != nil {
		return err
	}
	result, err := h.admitAndStore(ctx, r, t, obj, o)
	if err != nil {
		return err
	}
	return h.item(w, r, t, http.StatusCreated, result)
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
	Object(w, r, http.StatusCreated, out)
	return nil
}

// admitAndStore admits and stores an object that a client sent, under its name or a generated one.
func (h *Handler) admitAndStore(ctx context.Context, r *http.Request, t *target, obj runtime.Object, o *metav1.CreateOptions) (result storedObject, err error) {
	obj, err = h.admitCreate(ctx, t, obj, manager(o.FieldManager, r), o, dryRun(o.DryRun))
	if err != nil {
		return nil, err
	}
	return t.store.Create(ctx, obj, h.createValidation(t, o, dryRun(o.DryRun)))
}

// admitCreate defaults a new object, notes its field owner and runs mutating admission.
func (h *Handler) admitCreate(ctx context.Context, t *target, obj runtime.Object, mgr string, o runtime.Object, dry bool) (runtime.Object, error) {
	if d := t.store.Strategy().Default; d != nil {
		d(obj)
	}
	if err := dedupOwners(ctx, obj); err != nil {
		return nil, err
	}
	if err := h.owned(t, nil, obj, mgr); err != nil {
		return nil, err
	}
	a := h.attributes(ctx, t, admission.Create, obj, nil, o, dry)
	if err := h.mutate(ctx, a); err != nil {
		return nil, err
	}
	return a.Object, nil
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

// fitNamespace fills an empty namespace from the URL and refuses another one (API-71).
func fitNamespace(t *target, m metav1.Object) error {
	if !t.res.Namespaced {
		return nil
	}
	switch m.GetNamespace() {
	case "":
		m.SetNamespace(t.info.Namespace)
	case t.info.Namespace:
	default:
		return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	return nil
}

// dedupOwners removes owner references that are there twice, and says so (API-84).
func dedupOwners(ctx context.Context, obj runtime.Object) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	refs := m.GetOwnerReferences()
	if len(refs) < 2 {
		return nil
	}
	seen := map[types.UID]metav1.OwnerReference{}
	var kept []metav1.OwnerReference
	var doubled []string
	for _, ref := range refs {
		old, ok := seen[ref.UID]
		if ok && sameOwner(old, ref) {
			doubled = append(doubled, string(ref.UID))
			continue
		}
		seen[ref.UID] = ref
		kept = append(kept, ref)
	}
	if len(doubled) == 0 {
		return nil
	}
	m.SetOwnerReferences(kept)
	request.Warn(ctx, fmt.Sprintf(".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %s", strings.Join(doubled, ", ")))
	return nil
}

func sameOwner(a, b metav1.OwnerReference) bool {
	is := func(p *bool) bool { return p != nil && *p }
	return a.APIVersion == b.APIVersion && a.Kind == b.Kind && a.Name == b.Name && a.UID == b.UID &&
		is(a.Controller) == is(b.Controller) && is(a.BlockOwnerDeletion) == is(b.BlockOwnerDeletion)
}
