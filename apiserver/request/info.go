package request

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Info says what a request is about, as authorization sees it (AUTHZ-1 to AUTHZ-13).
type Info struct {
	// IsResource is true for paths below /api/VERSION/ and /apis/GROUP/VERSION/ (AUTHZ-2).
	IsResource bool
	// Verb is the API verb of a resource request (get, list, watch, create, update, patch, delete, deletecollection) or the
	// lower-cased HTTP method otherwise.
	Verb string
	// APIPrefix is "api" or "apis", Group and Version what follows.
	APIPrefix, Group, Version string
	Namespace                 string
	// Inside says that the path names the namespace in front of the resource. The path of a namespace itself does not.
	Inside                bool
	Resource, Subresource string
	// Name is the object's name: of the URL, or of an exact metadata.name field selector on list and watch (AUTHZ-9).
	Name string
	// URLName is the name of the URL alone.
	URLName string
	// Unclear says that the path begins as that of a resource and names none: nobody can say what it is about.
	Unclear bool
	// Path is the decoded path.
	Path string
	// Parts are the path segments from the resource on.
	Parts []string
	// FieldSelector and LabelSelector are those of list, watch and deletecollection, unparsed (AUTHZ-13).
	FieldSelector, LabelSelector string
}

// namespaceSubresources are the parts behind /namespaces/NAME/ that are not a resource inside the namespace (AUTHZ-7).
var namespaceSubresources = map[string]bool{"status": true, "finalize": true}

// Parse reads a request's method, path and query. It is total: a path it cannot make a resource request of is a non-resource request.
// The rules are those of kube-apiserver's RequestInfoFactory (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go).
func Parse(r *http.Request) *Info {
	info := &Info{Path: r.URL.Path, Verb: strings.ToLower(r.Method)}
	parts := split(r.URL.Path)
	if len(parts) < 3 || (parts[0] != "api" && parts[0] != "apis") {
		return info
	}
	info.APIPrefix = parts[0]
	parts = parts[1:]
	if info.APIPrefix == "apis" {
		if len(parts) < 3 {
			return info
		}
		info.Group = parts[0]
		parts = parts[1:]
	}
	info.IsResource = true
	info.Version = parts[0]
	parts = parts[1:]
	special := ""
	if parts[0] == "watch" || parts[0] == "proxy" { // the deprecated prefixes (AUTHZ-5)
		if len(parts) < 2 {
			info.IsResource, info.Unclear = false, true
			return info
		}
		special = parts[0]
		parts = parts[1:]
	}
	info.Verb = resourceVerb(r.Method)
	if special != "" {
		info.Verb = special
	}
	if parts[0] == "namespaces" && len(parts) > 1 {
		info.Namespace = parts[1]
		if len(parts) > 2 && !namespaceSubresources[parts[2]] {
			parts = parts[2:]
			info.Inside = true
		}
	}
	info.Parts = parts
	info.Resource = parts[0]
	if len(parts) > 1 {
		info.Name, info.URLName = parts[1], parts[1]
	}
	if len(parts) > 2 {
		info.Subresource = parts[2]
	}
	if info.Name == "" {
		info.collection(r.URL.Query())
	}
	return info
}

// collection turns get into list or watch, delete into deletecollection, and takes the name out of an exact selector.
func (i *Info) collection(q url.Values) {
	switch i.Verb {
	case "get":
		i.Verb = "list"
	case "delete":
		i.Verb = "deletecollection"
	}
	if i.Verb != "list" && i.Verb != "watch" && i.Verb != "deletecollection" {
		return
	}
	i.FieldSelector, i.LabelSelector = q.Get("fieldSelector"), q.Get("labelSelector")
	if i.Verb == "deletecollection" {
		return
	}
	if v, ok := q["watch"]; ok && i.Verb == "list" && (len(v) == 0 || Truthy(v[0])) {
		i.Verb = "watch"
	}
	if i.FieldSelector == "" {
		return
	}
	sel, err := fields.ParseSelector(i.FieldSelector)
	if err != nil {
		return
	}
	if name, ok := sel.RequiresExactMatch("metadata.name"); ok && validSegment(name) {
		i.Name = name
	}
}

// Truthy reads a boolean query parameter: any value but "false" and "0" is true (API-95).
func Truthy(v string) bool { return v != "false" && v != "0" }

func resourceVerb(method string) string {
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodGet, http.MethodHead:
		return "get"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		return "delete"
	}
	return "" // AUTHZ-10
}

func validSegment(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/%")
}

func split(p string) []string {
	p = strings.Trim(p, "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// GroupVersion is the API group and version as one string: "v1", "apps/v1".
func (i *Info) GroupVersion() string {
	if i.Group == "" {
		return i.Version
	}
	return i.Group + "/" + i.Version
}

// GroupResource names the resource as error messages do: "pods", "deployments.apps".
func (i *Info) GroupResource() string {
	if i.Group == "" {
		return i.Resource
	}
	return i.Resource + "." + i.Group
}

// LongRunning requests have no deadline and are not counted as in flight (API-6).
func (i *Info) LongRunning() bool {
	if !i.IsResource {
		return false
	}
	if i.Verb == "watch" || i.Verb == "proxy" {
		return true
	}
	switch i.Subresource {
	case "exec", "attach", "portforward", "proxy", "log":
		return true
	}
	return false
}

// ReadOnly requests change nothing.
func (i *Info) ReadOnly() bool {
	switch i.Verb {
	case "get", "list", "watch", "head", "options":
		return true
	}
	return false
}

// Secretive requests are about objects that hold secrets or tokens: nothing of their bodies may be kept anywhere.
func (i *Info) Secretive() bool {
	switch {
	case !i.IsResource:
		return false
	case i.Group == "authentication.k8s.io":
		return true
	}
	return i.Group == "" && (i.Resource == "secrets" || i.Resource == "serviceaccounts" && i.Subresource == "token")
}

func (i *Info) String() string {
	if !i.IsResource {
		return i.Verb + " " + i.Path
	}
	s := i.Verb + " " + i.GroupResource()
	if i.Subresource != "" {
		s = fmt.Sprintf("%s %s/%s", i.Verb, i.GroupResource(), i.Subresource)
	}
	if i.Name != "" {
		s += " " + i.Name
	}
	if i.Namespace != metav1.NamespaceAll {
		s += " -n " + i.Namespace
	}
	return s
}
