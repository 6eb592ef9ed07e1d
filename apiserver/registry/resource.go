package registry

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is one row of the table of kinds: all that discovery, routing and the generic store need to know of it.
type Resource struct {
	Group, Version string
	// Name is the plural of the URL, Singular and ShortNames are what kubectl takes for it.
	Name, Singular, Kind string
	ShortNames           []string
	Categories           []string
	Namespaced           bool
	// Verbs are those of the resource itself; nil means Standard.
	Verbs []string
	// New and List make empty objects.
	New  func() runtime.Object
	List func() runtime.Object

	// Stored is false for kinds that are only computed, such as access reviews.
	Stored bool
	// Hot kinds are kept decoded: authentication, authorization and admission read them with each request.
	Hot bool
	// CreateOnUpdate lets a PUT make the object (API-78). Locked kinds refuse an update without resourceVersion (API-76).
	CreateOnUpdate, Locked bool
	// DeleteReturnsObject: DELETE answers with the object and not with a Status (API-175).
	DeleteReturnsObject bool
	// Deprecated, if set, is the warning that goes with each answer about the resource.
	Deprecated string
	// StoredAs names the resource whose objects this one shows under another group or version: events, autoscalers. Nil: its own.
	StoredAs *schema.GroupVersionResource

	Subresources []Subresource
}

// Subresource is a part of a resource with a URL of its own.
type Subresource struct {
	Name string
	// Kind, when it is not the parent's (API-23).
	Group, Version, Kind string
	Verbs                []string
	// New makes the body of create, and of update where it is not the parent's kind.
	New func() runtime.Object
}

// Standard are the verbs of most kinds, in the order in which discovery lists them.
var Standard = []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}

// GroupResource names the resource.
func (r *Resource) GroupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.Group, Resource: r.Name}
}

// GroupVersionResource names the resource in its version.
func (r *Resource) GroupVersionResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Name}
}

// GroupVersionKind names the kind.
func (r *Resource) GroupVersionKind() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}
}

// GroupKind names the kind without its version.
func (r *Resource) GroupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

// GroupVersion is "v1" or "apps/v1".
func (r *Resource) GroupVersion() string {
	return schema.GroupVersion{Group: r.Group, Version: r.Version}.String()
}

// Head is how an object of this kind begins on the wire, behind its opening brace.
func (r *Resource) Head() string {
	return `"kind":"` + r.Kind + `","apiVersion":"` + r.GroupVersion() + `",`
}

// Prefix is where its objects lie in storage.
func (r *Resource) Prefix() string {
	return Root + r.GroupResource().String() + "/"
}

// Root is the storage prefix of all objects.
const Root = "/registry/"

// Allows says whether a verb is offered.
func (r *Resource) Allows(verb string) bool { return slices.Contains(r.Verbs, verb) }

// Subresource returns a subresource by name, or nil.
func (r *Resource) Subresource(name string) *Subresource {
	for i := range r.Subresources {
		if r.Subresources[i].Name == name {
			return &r.Subresources[i]
		}
	}
	return nil
}

// BodyKind is the kind that a body sent to the subresource must have.
func (s *Subresource) BodyKind(parent *Resource) schema.GroupVersionKind {
	if s.Kind == "" || s.New == nil {
		return parent.GroupVersionKind()
	}
	if s.Version == "" {
		return schema.GroupVersionKind{Group: parent.Group, Version: parent.Version, Kind: s.Kind}
	}
	return schema.GroupVersionKind{Group: s.Group, Version: s.Version, Kind: s.Kind}
}
