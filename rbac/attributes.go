package rbac

// Attributes are the question put to a policy: who wants to do what, to which object. They are what remains of a request
// once its version, its body and its selectors are left out, none of which RBAC looks at (AUTHZ-13, AUTHZ-14).
type Attributes struct {
	// User is the name of the one who asks, UserUID is not looked at. Groups are taken verbatim; nothing is added.
	User    string
	UserUID string
	Groups  []string

	// Verb is the request verb in lower case, such as get, list or bind.
	Verb string
	// Group is the API group, "" for the core group.
	Group string
	// Resource is the lower-case plural from the URL, Subresource what follows the name ("log", "" for none).
	Resource    string
	Subresource string
	// Namespace is "" for cluster-scoped requests and for requests across all namespaces.
	Namespace string
	// Name is "" for collections (RBAC-17).
	Name string

	// Path is the URL path of a non-resource request, without its query.
	Path string
	// IsResource tells a resource request (the fields above Path count) from a non-resource request (Path counts).
	IsResource bool
}

// combined is the form in which rules name resources: "pods" or "pods/log" (RBAC-13).
func (a *Attributes) combined() string {
	if a.Subresource == "" {
		return a.Resource
	}
	return a.Resource + "/" + a.Subresource
}
