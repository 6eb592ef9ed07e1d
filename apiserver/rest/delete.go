package rest

import (
	"context"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// delete removes one object, or begins to (API-175 to API-180).
func (h *Handler) delete(w http.ResponseWriter, r *http.Request, t *target) error {
	o, err := h.deleteOptions(w, r)
	if err != nil {
		return err
	}
	result, gone, err := t.store.Delete(r.Context(), t.info.Namespace, t.info.URLName, h.deletion(t, o))
	if err != nil {
		return h.named(t, err)
	}
	if !gone || t.res.DeleteReturnsObject {
		code := http.StatusOK
		if !gone && o.OrphanDependents != nil && !*o.OrphanDependents { // API-176
			code = http.StatusAccepted
		}
		return h.item(w, r, t, code, result)
	}
	obj, err := result.Typed()
	if err != nil {
		return err
	}
	m := metaOf(obj)
	return h.status(w, r, t, http.StatusOK, &metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess,
		Details: &metav1.StatusDetails{Name: m.GetName(), Group: t.res.Group, Kind: t.res.Name, UID: m.GetUID()},
	})
}

func (h *Handler) deletion(t *target, o *metav1.DeleteOptions) registry.DeleteOptions {
	dry := dryRun(o.DryRun)
	return registry.DeleteOptions{Options: *o, DryRun: dry, Validate: func(ctx context.Context, old runtime.Object) error {
		a := h.attributes(ctx, t, admission.Delete, nil, old, o, dry)
		if a.Name == "" {
			a.Name, a.Namespace = metaOf(old).GetName(), metaOf(old).GetNamespace()
		}
		if err := h.mutate(ctx, a); err != nil {
			return err
		}
		return h.validate(ctx, a)
	}}
}

// deleteOptions come in the body, or else in the query (API-101).
func (h *Handler) deleteOptions(w http.ResponseWriter, r *http.Request) (*metav1.DeleteOptions, error) {
	b, err := h.body(w, r)
	if err != nil {
		return nil, err
	}
	o := &metav1.DeleteOptions{}
	if len(b) > 0 {
		if o, err = schema.DecodeDeleteOptions(b, r.Header.Get("Content-Type")); err != nil {
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

// deleteCollection removes all objects that the selectors match (API-120), and answers with what it found.
func (h *Handler) deleteCollection(w http.ResponseWriter, r *http.Request, t *target) error {
	lo, sel, err := listOptions(r, t)
	if err != nil {
		return err
	}
	o, err := h.deleteOptions(w, r)
	if err != nil {
		return err
	}
	if v := lo.ResourceVersion; v != "" && v != "0" && lo.ResourceVersionMatch == "" {
		lo.ResourceVersionMatch = metav1.ResourceVersionMatchExact // a real server reads pages, which are of exactly this version
	}
	p := &page{handler: h, target: t, options: lo, sel: sel, prefix: h.prefix(t)}
	if err := p.read(r); err != nil {
		return err
	}
	if err := h.deleteAll(r.Context(), t, p.objects, o); err != nil {
		return err
	}
	return h.items(w, r, t, p.objects, p.meta)
}

// A collection of some size is deleted by several at a time, so that its writes share their way to the disk: one after the other, twenty
// thousand objects would take as long as a request may. A small one is deleted in its order, as by a real server.
const (
	deleters  = 16
	fewDelete = 100
)

func (h *Handler) deleteAll(ctx context.Context, t *target, objects []*cache.Object, o *metav1.DeleteOptions) error {
	one := func(ctx context.Context, obj *cache.Object) error {
		typed, err := obj.Typed()
		if err != nil {
			return err
		}
		m := metaOf(typed)
		_, _, err = t.store.Delete(ctx, m.GetNamespace(), m.GetName(), h.deletion(t, o))
		if apierrors.IsNotFound(err) {
			return nil // somebody else was quicker
		}
		return err
	}
	if len(objects) > fewDelete {
		return several(ctx, deleters, objects, one)
	}
	for _, obj := range objects {
		if ctx.Err() != nil {
			break
		}
		if err := one(ctx, obj); err != nil {
			return err
		}
	}
	return ctx.Err()
}
