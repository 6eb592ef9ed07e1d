package authz

import (
	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

// Attributes are a request as authorization sees it (AUTHZ-1).
type Attributes struct {
	User *request.User

	IsResource bool
	Verb       string
	Group      string
	// Version is never part of a decision (AUTHZ-14).
	Version     string
	Resource    string
	Subresource string
	Namespace   string
	Name        string
	Path        string

	// Fields is the parsed field selector of list, watch and deletecollection; only the Node authorizer looks at it (AUTHZ-13).
	Fields fields.Requirements
}

// FromRequest makes the attributes of a request. A field selector that does not parse is left out, which makes the
// question broader (AUTHZ-10).
func FromRequest(info *request.Info, user *request.User) Attributes {
	a := Attributes{
		User: user, IsResource: info.IsResource, Verb: info.Verb, Path: info.Path,
		Group: info.Group, Version: info.Version, Resource: info.Resource, Subresource: info.Subresource,
		Namespace: info.Namespace, Name: info.Name,
	}
	if info.FieldSelector != "" {
		if sel, err := fields.ParseSelector(info.FieldSelector); err == nil {
			a.Fields = sel.Requirements()
		}
	}
	return a
}

// rbac is the part of the question that RBAC answers.
func (a *Attributes) rbac() rbac.Attributes {
	out := rbac.Attributes{
		Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource,
		Namespace: a.Namespace, Name: a.Name, Path: a.Path, IsResource: a.IsResource,
	}
	if a.User != nil {
		out.User, out.UserUID, out.Groups = a.User.Name, a.User.UID, a.User.Groups
	}
	return out
}
