package panel

import (
	"net/http"

	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// whoCan lists who may do something, and by which bindings.
func (p *panel) whoCan(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q := questionIn(r.URL.Query())
	if err := complete(q, false); err != nil {
		return nil, err
	}
	a := attributesOf(q)
	a.User = nil
	out := told.Holders{Question: p.questionOf(a), Holders: p.rights().WhoCan(q)}
	if out.Holders == nil {
		out.Holders = []rbac.Holder{}
	}
	return out, nil
}
