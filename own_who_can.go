package kubemint

import (
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/rbac"
)

// ownWhoCan lists who may do something, by which bindings.
func (c *Cluster) ownWhoCan(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q := r.URL.Query()
	a := rbac.Attributes{
		Verb: q.Get("verb"), Group: q.Get("group"), Resource: q.Get("resource"), Subresource: q.Get("subresource"),
		Namespace: q.Get("namespace"), Name: q.Get("name"), Path: q.Get("path"), IsResource: q.Get("resource") != "",
	}
	if a.Verb == "" || (a.Resource == "") == (a.Path == "") {
		return nil, apierrors.NewBadRequest("a question names a verb, and either a resource or a path")
	}
	holders := c.server.Authorizer().Snapshot().WhoCan(a)
	if holders == nil {
		holders = []rbac.Holder{}
	}
	return holders, nil
}
