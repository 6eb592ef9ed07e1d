package kubemint

import (
	"net/http"

	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// ownWhoCan lists who may do something, and by which bindings.
func (c *Cluster) ownWhoCan(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q := questionIn(r.URL.Query())
	if err := complete(q, false); err != nil {
		return nil, err
	}
	a := attributesOf(q)
	a.User = nil
	out := told.Holders{Question: c.questionOf(a), Holders: c.access().WhoCan(q)}
	if out.Holders == nil {
		out.Holders = []rbac.Holder{}
	}
	return out, nil
}
