package openapi

import (
	"slices"
	"strings"

	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is a served resource, as far as its documentation is concerned.
type Resource struct {
	Group, Version, Name, Kind string
	Namespaced                 bool
	Verbs                      []string // as discovery lists them
	Subresources               []Subresource
}

// Subresource is a part of a resource with a URL of its own.
type Subresource struct {
	Name string
	// Group, Version and Kind of what is sent to it; empty means those of the resource.
	Group, Version, Kind string
	Verbs                []string
}

func (r *Resource) kind() runtimeschema.GroupVersionKind {
	return runtimeschema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}
}

// path is where the group-version lives: api/v1 or apis/apps/v1.
func (r *Resource) path() string {
	if r.Group == "" {
		return "api/" + r.Version
	}
	return "apis/" + r.Group + "/" + r.Version
}

// titles are a group-version's names in operation ids and in tags: AppsV1 and apps_v1,
// RbacAuthorizationV1 and rbacAuthorization_v1.
func titles(group, version string) (id, tag string) {
	group = strings.TrimSuffix(group, ".k8s.io")
	if group == "" {
		group = "core"
	}
	words := strings.Split(group, ".")
	for i, word := range words {
		words[i] = title(word)
	}
	id = strings.Join(words, "")
	return id + title(version), strings.ToLower(id[:1]) + id[1:] + "_" + version
}

func title(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// withArticle puts the article before a kind: a Pod, an Ingress, Endpoints.
func withArticle(kind string) string {
	switch {
	case strings.HasSuffix(kind, "s") && !strings.HasSuffix(kind, "ss"):
		return kind
	case strings.ContainsAny(kind[:1], "AEIOU"):
		return "an " + kind
	}
	return "a " + kind
}

// operation is one method of one URL, the same for both versions of the format.
type operation struct {
	method      string
	action      string // what API machinery calls it
	id          string
	tag         string
	description string
	kind        runtimeschema.GroupVersionKind
	query       []string // names in parameterTypes
	body        string   // name of the schema of the request's body
	patch       bool
	answer      string   // name of the schema of the answer; empty: plain text
	created     bool     // answers 201 as well
	produces    []string // the media types of the answer; nil: those of API objects
}

// pathItem is a URL with its operations.
type pathItem struct {
	path       string
	name       string // what {name} is the name of; empty without it
	namespaced bool
	operations []operation
}

// parameterTypes are the query parameters of requests and their types.
var parameterTypes = map[string]string{
	"allowWatchBookmarks": "boolean", "continue": "string", "fieldSelector": "string", "labelSelector": "string", "limit": "integer",
	"resourceVersion": "string", "resourceVersionMatch": "string", "sendInitialEvents": "boolean", "timeoutSeconds": "integer", "watch": "boolean",
	"dryRun": "string", "fieldManager": "string", "fieldValidation": "string", "force": "boolean",
	"gracePeriodSeconds": "integer", "orphanDependents": "boolean", "propagationPolicy": "string", "pretty": "string",
	"command": "string", "container": "string", "stdin": "boolean", "stdout": "boolean", "stderr": "boolean", "tty": "boolean",
	"follow": "boolean", "previous": "boolean", "sinceSeconds": "integer", "tailLines": "integer", "limitBytes": "integer", "timestamps": "boolean",
	"ports": "integer", "path": "string",
}

var (
	writeQuery  = []string{"dryRun", "fieldManager", "fieldValidation"}
	patchQuery  = []string{"dryRun", "fieldManager", "fieldValidation", "force"}
	deleteQuery = []string{"dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"}
	selectQuery = []string{"continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds"}
	listQuery   = append([]string{"allowWatchBookmarks", "watch"}, selectQuery...)

	connectQuery = map[string][]string{
		"exec": {"command", "container", "stderr", "stdin", "stdout", "tty"}, "attach": {"container", "stderr", "stdin", "stdout", "tty"},
		"portforward": {"ports"}, "proxy": {"path"},
		"log": {"container", "follow", "limitBytes", "previous", "sinceSeconds", "tailLines", "timestamps"},
	}
)

const (
	metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1."
	statusType  = metaPackage + "Status"
	patchType   = metaPackage + "Patch"
	deleteType  = metaPackage + "DeleteOptions"
)

// namer finds the schema of a kind; it answers "" for one that has none.
type namer func(kind runtimeschema.GroupVersionKind) string

// items returns the URLs of a resource.
func (r *Resource) items(name namer) []pathItem {
	group, tag := titles(r.Group, r.Version)
	scope := ""
	base := "/" + r.path() + "/"
	collection := base + r.Name
	if r.Namespaced {
		scope, collection = "Namespaced", base+"namespaces/{namespace}/"+r.Name
	}
	object, list := name(r.kind()), name(r.kind())+"List"
	has := func(verb string) bool { return slices.Contains(r.Verbs, verb) }
	op := func(method, action, id, description string, kind runtimeschema.GroupVersionKind) operation {
		return operation{method: method, action: action, id: id, tag: tag, description: description, kind: kind}
	}

	many := pathItem{path: collection, namespaced: r.Namespaced}
	if has("list") {
		o := op("get", "list", "list"+group+scope+r.Kind, "list or watch objects of kind "+r.Kind, r.kind())
		o.query, o.answer = listQuery, list
		many.operations = append(many.operations, o)
	}
	if has("create") {
		o := op("post", "post", "create"+group+scope+r.Kind, "create "+withArticle(r.Kind), r.kind())
		o.query, o.body, o.answer, o.created = writeQuery, object, object, true
		many.operations = append(many.operations, o)
	}
	if has("deletecollection") {
		o := op("delete", "deletecollection", "delete"+group+"Collection"+scope+r.Kind, "delete collection of "+r.Kind, r.kind())
		o.query, o.body, o.answer = append(slices.Clone(selectQuery), deleteQuery...), deleteType, statusType
		many.operations = append(many.operations, o)
	}
	items := []pathItem{many}

	one := pathItem{path: collection + "/{name}", name: r.Kind, namespaced: r.Namespaced}
	one.operations = r.single(op, group+scope+r.Kind, "the specified "+r.Kind, r.kind(), object, r.Verbs)
	if has("delete") {
		o := op("delete", "delete", "delete"+group+scope+r.Kind, "delete "+withArticle(r.Kind), r.kind())
		o.query, o.body, o.answer = deleteQuery, deleteType, statusType
		one.operations = append(one.operations, o)
	}
	items = append(items, one)

	for _, s := range r.Subresources {
		kind := r.kind()
		if s.Kind != "" {
			kind.Kind = s.Kind
		}
		if s.Version != "" {
			kind.Group, kind.Version = s.Group, s.Version
		}
		items = append(items, pathItem{
			path: one.path + "/" + s.Name, name: kind.Kind, namespaced: r.Namespaced,
			operations: r.sub(op, s, kind, name(kind)),
		})
	}
	if r.Namespaced && has("list") {
		o := op("get", "list", "list"+group+r.Kind+"ForAllNamespaces", "list or watch objects of kind "+r.Kind, r.kind())
		o.query, o.answer = listQuery, list
		items = append(items, pathItem{path: base + r.Name, operations: []operation{o}})
	}
	return slices.DeleteFunc(items, func(i pathItem) bool { return len(i.operations) == 0 })
}

type newOperation func(method, action, id, description string, kind runtimeschema.GroupVersionKind) operation

// single returns what can be done with one object: read, replace, patch.
func (r *Resource) single(op newOperation, id, what string, kind runtimeschema.GroupVersionKind, object string, verbs []string) (out []operation) {
	if slices.Contains(verbs, "get") {
		o := op("get", "get", "read"+id, "read "+what, kind)
		o.answer = object
		out = append(out, o)
	}
	if slices.Contains(verbs, "update") {
		o := op("put", "put", "replace"+id, "replace "+what, kind)
		o.query, o.body, o.answer, o.created = writeQuery, object, object, true
		out = append(out, o)
	}
	if slices.Contains(verbs, "patch") {
		o := op("patch", "patch", "patch"+id, "partially update "+what, kind)
		o.query, o.body, o.answer, o.created, o.patch = patchQuery, patchType, object, true, true
		out = append(out, o)
	}
	return out
}

// sub returns the operations of a subresource. What streams has no schema, only parameters.
func (r *Resource) sub(op newOperation, s Subresource, kind runtimeschema.GroupVersionKind, object string) []operation {
	group, _ := titles(r.Group, r.Version)
	rest := r.Kind + title(s.Name)
	if r.Namespaced {
		rest = "Namespaced" + rest
	}
	id := group + rest
	query, streams := connectQuery[s.Name]
	switch {
	case s.Name == "log":
		o := op("get", "get", "read"+id, "read log of the specified "+r.Kind, kind)
		o.query = query
		return []operation{o}
	case streams:
		var out []operation
		for _, method := range []string{"get", "post"} {
			o := op(method, "connect", "connect"+group+title(method)+rest, "connect "+strings.ToUpper(method)+" requests to "+s.Name+" of "+r.Kind, kind)
			o.query = query
			out = append(out, o)
		}
		return out
	}
	out := r.single(op, id, s.Name+" of the specified "+r.Kind, kind, object, s.Verbs)
	if slices.Contains(s.Verbs, "create") {
		o := op("post", "post", "create"+id, "create "+s.Name+" of "+withArticle(r.Kind), kind)
		o.query, o.body, o.answer, o.created = writeQuery, object, object, true
		out = append(out, o)
	}
	return out
}
