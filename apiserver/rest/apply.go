package rest

import (
	"context"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/request"
)

// admissionNone is the resource of errors that name none.
var admissionNone = apischema.GroupResource{}

// applied is what the handler itself must know of an apply patch; the field manager reads the rest.
type applied struct {
	Metadata struct {
		Name            string `json:"name"`
		Namespace       string `json:"namespace"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
}

// fit compares name and namespace with the URL (API-71).
func (a *applied) fit(t *target) error {
	m := &metav1.ObjectMeta{Name: a.Metadata.Name, Namespace: a.Metadata.Namespace}
	if m.Name == "" {
		m.Name = t.info.URLName
	}
	return fitName(t, m)
}

// apply is server-side apply: it makes what is missing and merges into what is there (API-161 to API-166).
func (h *Handler) apply(w http.ResponseWriter, r *http.Request, t *target, body []byte, o *metav1.PatchOptions) error {
	if t.store.Resource() != t.res {
		return notAllowed() // a kind that another group stores cannot be merged under its own name
	}
	var a applied
	if err := yaml.Unmarshal(body, &a); err == nil { // what cannot be read is the field manager's to refuse
		if err := a.fit(t); err != nil {
			return err
		}
	}
	fm, err := h.fieldManager(t)
	if err != nil {
		return err
	}
	force, dry := o.Force != nil && *o.Force, dryRun(o.DryRun)
	u := h.updateOptions(r, t, o, dry)
	u.Retries = patchRetries
	if t.sub == nil {
		u.Create = h.creation(r, t, dry)
	}
	u.Transform = func(ctx context.Context, present runtime.Object) (runtime.Object, error) {
		live, old, op := present, present, admission.Update
		if present == nil {
			op = admission.Create
			live = t.res.New()
			m := live.(metav1.ObjectMetaAccessor).GetObjectMeta()
			m.SetName(t.info.URLName)
			m.SetNamespace(t.info.Namespace)
		}
		live.GetObjectKind().SetGroupVersionKind(t.res.GroupVersionKind())
		obj, warnings, err := fm.Apply(live, body, o.FieldManager, force, fieldValidation(o.FieldValidation), h.Clock.Now())
		if err != nil {
			return nil, err
		}
		for _, text := range warnings {
			request.Warn(ctx, text)
		}
		if a.Metadata.ResourceVersion == "" && !t.res.Locked { // no lock was asked for
			obj.(metav1.ObjectMetaAccessor).GetObjectMeta().SetResourceVersion("")
		}
		if d := t.store.Strategy().Default; d != nil {
			d(obj)
		}
		at := h.attributes(ctx, t, op, obj, old, o, dry)
		if err := h.mutate(ctx, at); err != nil {
			return nil, err
		}
		return at.Object, nil
	}
	result, created, err := t.store.Update(r.Context(), t.info.Namespace, t.info.URLName, u)
	if apierrors.IsNotFound(err) && t.sub != nil {
		return err
	}
	if err != nil {
		return err
	}
	code := http.StatusOK
	if created {
		code = http.StatusCreated
	}
	return h.item(w, r, t, code, result)
}
