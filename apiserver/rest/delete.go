package rest

import (
	"context"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// delete removes one object, or begins to (API-175 to API-180).
func (h *Handler) delete(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	o, err := h.deleteOptions(w, r, t)
	if err != nil {
		return err
	}
	ctx := r.Context()
	result, gone, err := t.store.Delete(ctx, t.info.Namespace, t.info.URLName, h.deletion(t, o))
	if err != nil {
		return h.named(t, err)
	}
	if !gone || t.res.DeleteReturnsObject {
		return h.item(w, r, t, http.StatusOK, result)
	}
	obj, err := result.Typed()
	if err != nil {
		return err
	}
	Object(w, r, http.StatusOK, removedStatus(t.res, obj))
	return nil
}

func removedStatus(res *registry.Resource, obj runtime.Object) *metav1.Status {
	m := obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess,
		Details: &metav1.StatusDetails{Name: m.GetName(), Group: res.Group, Kind: res.Name, UID: m.GetUID()},
	}
}

func (h *Handler) deletion(t *target, o *metav1.DeleteOptions) registry.DeleteOptions {
	dry := dryRun(o.DryRun)
	return registry.DeleteOptions{Options: *o, DryRun: dry, Validate: func(ctx context.Context, old runtime.Object) error {
		a := h.attributes(ctx, t, admission.Delete, nil, old, o, dry)
		if m, ok := old.(metav1.ObjectMetaAccessor); ok && a.Name == "" {
			a.Name, a.Namespace = m.GetObjectMeta().GetName(), m.GetObjectMeta().GetNamespace()
		}
		if err := h.mutate(ctx, a); err != nil {
			return err
		}
		return h.validate(ctx, a)
	}}
}

// deleteOptions come in the body, or else in the query (API-101).
func (h *Handler) deleteOptions(w http.ResponseWriter, r *http.Request, t *target) (*metav1.DeleteOptions, error) {
	b, err := h.body(w, r)
	if err != nil {
		return nil, err
	}
	o := &metav1.DeleteOptions{}
	if len(b) > 0 {
		if o, err = decodeDeleteOptions(b, r.Header.Get("Content-Type"), t.res); err != nil {
			return nil, err
		}
	} else if r.URL.RawQuery != "" {
		if o, err = query(r, func(v *url.Values, o *metav1.DeleteOptions) error {
			return metav1.Convert_url_Values_To_v1_DeleteOptions(v, o, nil)
		}); err != nil {
			return nil, err
		}
	}
	return o, invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(o))
}

// decodeDeleteOptions takes the options under any of the group-versions that clients encode them with: typed ones use the resource's.
func decodeDeleteOptions(b []byte, contentType string, res *registry.Resource) (*metav1.DeleteOptions, error) {
	var first error
	for _, gv := range []apischema.GroupVersion{{Version: "v1"}, {Group: res.Group, Version: res.Version}, {Group: metav1.GroupName, Version: "v1"}} {
		obj, _, err := schema.Decode(b, contentType, gv.WithKind("DeleteOptions"), schema.Ignore)
		if err == nil {
			if o, ok := obj.(*metav1.DeleteOptions); ok {
				return o, nil
			}
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = apierrors.NewBadRequest("the body is not DeleteOptions")
	}
	return nil, first
}

// deleteCollection removes all objects that the selectors match (API-120).
func (h *Handler) deleteCollection(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	o, err := h.deleteOptions(w, r, t)
	if err != nil {
		return err
	}
	lo, err := listOptions(r)
	if err != nil {
		return err
	}
	sel, err := selectors(t.res, lo)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var found, deleted []*cache.Object
	snapshot := t.store.Kind().Snapshot()
	snapshot.Each(h.prefix(t), "", func(obj *cache.Object) bool {
		if sel.matches(obj) {
			found = append(found, obj)
		}
		return true
	})
	for _, obj := range found {
		typed, err := obj.Typed()
		if err != nil {
			return err
		}
		m := typed.(metav1.ObjectMetaAccessor).GetObjectMeta()
		result, _, err := t.store.Delete(ctx, m.GetNamespace(), m.GetName(), h.deletion(t, o))
		if apierrors.IsNotFound(err) {
			continue // somebody else was quicker
		}
		if err != nil {
			return err
		}
		deleted = append(deleted, result)
	}
	return h.items(w, r, t, deleted, metav1.ListMeta{ResourceVersion: format(h.Registry.Cache().Revision())})
}
