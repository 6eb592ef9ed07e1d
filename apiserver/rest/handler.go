package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/internal/clock"
)

// Creator answers a POST that stores nothing under its own kind: reviews, tokens, bindings, evictions. name is that of the URL.
type Creator func(ctx context.Context, namespace, name string, obj runtime.Object, dryRun bool) (runtime.Object, error)

// Config is what a Handler needs.
type Config struct {
	Registry  *registry.Registry
	Admission *admission.Chain
	Clock     *clock.Clock
	// Fields returns the field manager of a kind and subresource.
	Fields func(kind apischema.GroupVersionKind, subresource string) (FieldManager, error)
	// SecretsColumn shows the number of a ServiceAccount's secrets, as servers up to 1.34 do.
	SecretsColumn bool
	// DeprecatesEndpoints has requests about Endpoints warned, as since 1.33.
	DeprecatesEndpoints bool
	// Authorize asks for a permission beyond the request's own; an error is the 403.
	Authorize func(ctx context.Context, user *request.User, info *request.Info) error
	// Creators by "RESOURCE.GROUP" or "RESOURCE.GROUP/SUBRESOURCE".
	Creators map[string]Creator
	// Connectors serve the streams of pods: log, exec, attach, portforward.
	Connectors map[string]http.Handler
	// BodyLimit bounds request bodies in bytes; 0 means 3 MiB (API-5).
	BodyLimit int64
	// Patience is how long a watch waits for a client that does not read, in wall time; 0 means 30 s.
	Patience time.Duration
}

// Handler serves /api/VERSION/… and /apis/GROUP/VERSION/….
type Handler struct {
	Config
	served map[apischema.GroupVersion]bool
	groups map[string]bool
}

// New returns a handler. It starts nothing.
func New(c Config) *Handler {
	if c.BodyLimit == 0 {
		c.BodyLimit = 3 << 20
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	h := &Handler{Config: c, served: map[apischema.GroupVersion]bool{}, groups: map[string]bool{}}
	for _, r := range c.Registry.Resources() {
		h.served[apischema.GroupVersion{Group: r.Group, Version: r.Version}] = true
		h.groups[r.Group] = true
	}
	return h
}

// target is what a request is about, with the table's row.
type target struct {
	info  *request.Info
	res   *registry.Resource
	sub   *registry.Subresource
	store *registry.Store
	// accepted is the form of the answer, found before anything is done: who cannot be answered changes nothing.
	accepted schema.Accepted
	// lens is how the endpoint shows what is stored.
	lens *lens
}

var errNoResource = apierrors.NewGenericServerResponse(http.StatusNotFound, "", apischema.GroupResource{}, "", "", 0, true)

// ServeHTTP finds the row and the verb.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := request.InfoFrom(r.Context())
	switch {
	case info == nil || !info.IsResource:
		NotFoundPage(w)
		return
	case h.served[apischema.GroupVersion{Group: info.Group, Version: info.Version}]:
	case h.groups[info.Group]:
		Error(w, r, notServed())
		return
	default:
		NotFoundPage(w)
		return
	}
	t, err := h.target(info)
	if err != nil {
		Error(w, r, err)
		return
	}
	if h.DeprecatesEndpoints && offered(t) {
		request.Warn(r.Context(), t.res.Deprecated)
	}
	if err := h.serve(w, r, t); err != nil {
		Error(w, r, err)
	}
}

func (h *Handler) target(info *request.Info) (*target, error) {
	t := &target{info: info}
	t.res = h.Registry.Resource(apischema.GroupVersionResource{Group: info.Group, Version: info.Version, Resource: info.Resource})
	if t.res == nil || len(info.Parts) > 3 && !streams(info.Subresource) || info.Verb == "proxy" { // the old prefix is gone
		return nil, notServed()
	}
	// A path inside a namespace never leads to what is not: it was authorized as a request of that namespace (AUTHZ-7).
	if info.Inside && !t.res.Namespaced {
		return nil, notServed()
	}
	if info.Subresource != "" {
		if t.sub = t.res.Subresource(info.Subresource); t.sub == nil || t.res.Namespaced && !info.Inside {
			return nil, notServed()
		}
	} else if !exists(t) {
		return nil, notServed()
	}
	t.store = h.store(t.res)
	t.lens = lensOf(t)
	return t, nil
}

// exists says whether there is such a path at all, whatever the method: a kind of which nothing can be listed has none across
// namespaces, one of which nothing can be read has none for its objects.
func exists(t *target) bool {
	offers := func(verbs ...string) bool { return slices.ContainsFunc(verbs, t.res.Allows) }
	switch {
	case t.info.URLName != "":
		return offers("get", "update", "patch", "delete") && (t.info.Inside || !t.res.Namespaced)
	case t.res.Namespaced && !t.info.Inside:
		return offers("list", "watch")
	}
	return true
}

// called is the row's name and its subresource's, as Creators and Connectors have them.
func (t *target) called() string {
	name := t.res.GroupResource().String()
	if t.sub != nil {
		name += "/" + t.sub.Name
	}
	return name
}

func streams(sub string) bool { return sub == "proxy" }

func (h *Handler) store(res *registry.Resource) *registry.Store {
	if res.StoredAs != nil {
		return h.Registry.Store(res.StoredAs.GroupResource())
	}
	return h.Registry.Store(res.GroupResource())
}

// NotServed is the answer to a resource that a served group-version does not have.
func NotServed() error { return notServed() }

func notServed() error {
	e := *errNoResource
	e.ErrStatus.Message = "the server could not find the requested resource"
	e.ErrStatus.Details = &metav1.StatusDetails{}
	return &e
}

// NotAllowed is the answer to a method that a path does not offer.
func NotAllowed() error { return notAllowed() }

func notAllowed() error { return &apierrors.StatusError{ErrStatus: NotAllowedStatus()} }

// NotAllowedStatus is the answer to a method that a path does not offer.
func NotAllowedStatus() metav1.Status {
	return metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusMethodNotAllowed, Reason: metav1.StatusReasonMethodNotAllowed,
		Message: "the server does not allow this method on the requested resource", Details: &metav1.StatusDetails{},
	}
}

// serve carries out a request whose row is found. The order of the first refusals is that of a real server: the verb, then for a patch
// its type, then the form of the answer.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, t *target) error {
	verb := t.info.Verb
	// HEAD is for documents (API-10), and the old prefix of watches is a GET like any other watch.
	if !offered(t) || r.Method == http.MethodHead && t.info.Subresource != "proxy" || verb == "watch" && r.Method != http.MethodGet {
		return notAllowed()
	}
	if t.sub != nil {
		if c := h.Connectors[t.called()]; c != nil {
			if t.sub.Name != "log" && len(r.URL.Query()["dryRun"]) > 0 {
				return apierrors.NewBadRequest("dryRun is not supported")
			}
			c.ServeHTTP(w, r)
			return nil
		}
	}
	if verb == "patch" {
		if _, err := patchType(r.Header.Get("Content-Type")); err != nil {
			return err
		}
	}
	var err error
	if t.accepted, err = schema.Negotiate(r.Header.Get("Accept"), h.endpoint(t)); err != nil {
		return err
	}
	if verb == "get" || verb == "delete" || verb == "patch" {
		if faults := path.IsValidPathSegmentName(t.info.URLName); len(faults) > 0 {
			return apierrors.NewBadRequest(fmt.Sprintf("Name parameter invalid: %q: %s", t.info.URLName, strings.Join(faults, ";")))
		}
	}
	switch verb {
	case "get":
		return h.get(w, r, t)
	case "list":
		return h.list(w, r, t)
	case "watch":
		return h.watch(w, r, t)
	case "create":
		return h.create(w, r, t)
	case "update":
		return h.update(w, r, t)
	case "patch":
		return h.patch(w, r, t)
	case "delete":
		return h.delete(w, r, t)
	case "deletecollection":
		return h.deleteCollection(w, r, t)
	}
	return notAllowed()
}

// offered says whether the path takes the request's verb.
func offered(t *target) bool {
	verb, named := t.info.Verb, t.info.URLName != ""
	if t.sub != nil {
		return slices.Contains(t.sub.Verbs, verb)
	}
	if !t.res.Allows(verb) {
		return false
	}
	switch verb {
	case "list", "watch":
		return true
	case "create", "deletecollection":
		if named {
			return false
		}
	default:
		if !named {
			return false
		}
	}
	// Namespaced kinds can only be listed and watched across namespaces (API-90).
	return !t.res.Namespaced || t.info.Namespace != ""
}

func (h *Handler) endpoint(t *target) schema.Endpoint {
	switch t.info.Verb {
	case "create":
		if h.Creators[t.called()] != nil {
			return schema.Answer
		}
	case "list":
		return schema.Collection
	case "deletecollection":
		return schema.Removal
	case "watch":
		return schema.Stream
	}
	return schema.Item
}
