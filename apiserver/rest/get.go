package rest

import (
	"errors"
	"net/http"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/registry/prepare"
)

func asError[T error](err error, target *T) bool { return errors.As(err, target) }

// get answers with one object (API-87), or with the view of it that a subresource shows.
func (h *Handler) get(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	if err := h.reached(r); err != nil {
		return err
	}
	o, err := t.store.Get(t.info.Namespace, t.info.URLName)
	if err != nil {
		return h.named(t, err)
	}
	if t.sub != nil && t.sub.Name == "scale" {
		obj, err := o.Typed()
		if err != nil {
			return err
		}
		sc, err := prepare.ScaleOf(obj)
		if err != nil {
			return err
		}
		Object(w, r, http.StatusOK, sc)
		return nil
	}
	return h.item(w, r, t, http.StatusOK, o)
}

// reached refuses a resource version that does not exist yet (API-118).
func (h *Handler) reached(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	rv := r.URL.Query().Get("resourceVersion")
	if rv == "" || rv == "0" {
		return nil
	}
	n, err := strconv.ParseUint(rv, 10, 63)
	if err != nil {
		return apierrors.NewBadRequest("invalid resource version: " + err.Error())
	}
	if now := h.Registry.Cache().Revision(); int64(n) > now {
		return registry.TooLarge(int64(n), now)
	}
	return nil
}

// named gives an error about a stored-as kind the name of the kind that was asked for.
func (h *Handler) named(t *target, err error) error {
	if t.res.StoredAs != "" && apierrors.IsNotFound(err) {
		return apierrors.NewNotFound(t.res.GroupResource(), t.info.URLName)
	}
	return err
}
