package reviews

import (
	"fmt"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

// Question is what kubemint's own endpoints are asked about rights: who wants to do what. Path is for non-resource requests;
// a question with a Resource is about that.
type Question struct {
	User        string   `json:"user,omitempty"`
	Groups      []string `json:"groups,omitempty"`
	Verb        string   `json:"verb,omitempty"`
	Group       string   `json:"group,omitempty"`
	Resource    string   `json:"resource,omitempty"`
	Subresource string   `json:"subresource,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	Name        string   `json:"name,omitempty"`
	Path        string   `json:"path,omitempty"`
}

// Who is the identity asked about, with the groups that authentication would add: those of a ServiceAccount and
// system:authenticated, or that of strangers (AUTHZ-16, AUTHZ-17). Groups that were given are kept.
func (q *Question) Who() *request.User {
	u := &request.User{Name: q.User, Groups: append([]string(nil), q.Groups...)}
	join := func(group string) {
		if !u.In(group) {
			u.Groups = append(u.Groups, group)
		}
	}
	switch namespace, _, ok := rbac.AccountOf(q.User); {
	case ok:
		join("system:serviceaccounts")
		join("system:serviceaccounts:" + namespace)
	case q.User == request.Anonymous:
		join(request.Unauthenticated)
		return u
	}
	if !u.In(request.Unauthenticated) {
		join(request.Authenticated)
	}
	return u
}

func (q *Question) attributes() authz.Attributes {
	return authz.Attributes{
		User: q.Who(), IsResource: q.Resource != "", Verb: q.Verb, Group: q.Group, Version: "*", Resource: q.Resource,
		Subresource: q.Subresource, Namespace: q.Namespace, Name: q.Name, Path: q.Path,
	}
}

// Explain tells why the answer to a question is what it is, and the smallest fix if it is no. policy nil means now.
func (x Access) Explain(q Question, policy *rbac.Policy) authz.Explanation {
	return x.Authorizer.Explain(q.attributes(), policy)
}

// WhoCan lists everybody who may do what is asked; User and Groups of the question are not looked at.
func (x Access) WhoCan(q Question) []rbac.Holder {
	return x.Authorizer.Snapshot().WhoCan(rbac.Attributes{
		IsResource: q.Resource != "", Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Namespace: q.Namespace, Name: q.Name, Path: q.Path,
	})
}

// Matrix lists what the user of the question may do with each of the resources in its namespace.
func (x Access) Matrix(q Question, resources []rbac.Resource) []rbac.AccessRow {
	who := q.Who()
	return x.Authorizer.Snapshot().Access(who.Name, who.Groups, q.Namespace, resources)
}

// Difference is what would change if a manifest were applied.
type Difference struct {
	Gains []rbac.Gain `json:"gains"`
	// Skipped are the kinds in the manifest that grant nothing by themselves.
	Skipped []string `json:"skipped,omitempty"`
}

// Diff says who would gain and who would lose what if the roles and bindings of a manifest were applied now. namespace is
// that of objects which name none.
func (x Access) Diff(manifest []byte, namespace string) (Difference, error) {
	m, err := rbac.Decode(manifest, namespace)
	if err != nil {
		return Difference{}, err
	}
	before := x.Authorizer.Snapshot()
	after, err := before.With(m.Objects...)
	if err != nil {
		return Difference{}, fmt.Errorf("apply in thought: %w", err)
	}
	return Difference{Gains: rbac.Diff(before, after.Aggregated()), Skipped: m.Skipped}, nil
}
