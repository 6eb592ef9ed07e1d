package kubemint

import (
	"net/http"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/rbac"
)

// explainQuestion is a question to RBAC: that of a request by its number, answered by the policy in force then, or any other, answered
// by the policy in force now.
type explainQuestion struct {
	Story       int64    `json:"story"`
	User        string   `json:"user"`
	Groups      []string `json:"groups"`
	Verb        string   `json:"verb"`
	Group       string   `json:"group"`
	Resource    string   `json:"resource"`
	Subresource string   `json:"subresource"`
	Namespace   string   `json:"namespace"`
	Name        string   `json:"name"`
	Path        string   `json:"path"`
}

// ownExplain says why RBAC allows or refuses: every grant, or the near misses and the smallest fix.
func (c *Cluster) ownExplain(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q explainQuestion
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	if q.Story != 0 {
		return c.explainStory(q.Story)
	}
	if q.Verb == "" || q.User == "" || (q.Resource == "") == (q.Path == "") {
		return nil, apierrors.NewBadRequest("a question names a user, a verb, and either a resource or a path")
	}
	return c.server.Authorizer().Snapshot().Explain(rbac.Attributes{
		User: q.User, Groups: q.Groups, Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Namespace: q.Namespace, Name: q.Name, Path: q.Path, IsResource: q.Resource != "",
	}), nil
}

// explainStory answers with the very policy that the request was decided by.
func (c *Cluster) explainStory(number int64) (any, error) {
	s := c.server.Stories().Find(number, "")
	if s == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "stories"}, strconv.FormatInt(number, 10))
	}
	d, ok := s.Authorization.(*authz.Decision)
	if !ok || d.Policy == nil {
		return nil, apierrors.NewBadRequest("the request ended before anybody asked whether it was allowed")
	}
	return d.Policy.Explain(rbac.Attributes{
		User: s.User, Groups: s.Groups, Verb: s.Verb, Group: s.Group, Resource: s.Resource, Subresource: s.Subresource,
		Namespace: s.Namespace, Name: s.Name, Path: s.Path, IsResource: s.IsResource,
	}), nil
}
