package rest

import (
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
)

func asError[T error](err error, target *T) bool { return errors.As(err, target) }

// get answers with one object (API-87), or with the view of it that a subresource shows.
func (h *Handler) get(w http.ResponseWriter, r *http.Request, t *target) error {
	if err := h.reached(r); err != nil {
		return err
	}
	o, err := t.store.Get(t.info.Namespace, t.info.URLName)
	if err != nil {
		return h.named(t, err)
	}
	if t.scales() {
		return h.scaleOf(w, r, t, o)
	}
	return h.item(w, r, t, http.StatusOK, o)
}

// reached refuses a resource version that does not exist yet (API-118), and parameters of the past.
func (h *Handler) reached(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	q := r.URL.Query()
	if v, ok := q["export"]; ok && request.Truthy(v[0]) {
		return apierrors.NewBadRequest("the export parameter, deprecated since v1.14, is no longer supported")
	}
	wanted, err := parseVersion(q.Get("resourceVersion"))
	if err != nil {
		return err // a real server does not make a Status of it here
	}
	if now := h.Registry.Cache().Revision(); wanted > now {
		return registry.TooLarge(wanted, now)
	}
	return nil
}

// named gives an error about a stored-as kind the name of the kind that was asked for.
func (h *Handler) named(t *target, err error) error {
	if t.res.StoredAs != nil && apierrors.IsNotFound(err) {
		return apierrors.NewNotFound(t.res.GroupResource(), t.info.URLName)
	}
	return err
}
