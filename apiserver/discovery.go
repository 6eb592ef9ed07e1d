package apiserver

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/rest"
	ourschema "github.com/kubemint/kubemint/apiserver/schema"
)

// groupOrder is that of a real server's /apis: it decides which of two kinds of one name kubectl takes.
var groupOrder = []string{"", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
	"networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "discovery.k8s.io"}

// discovery says what the server serves (API-20 to API-33), put together once.
type discovery struct {
	groups  metav1.APIGroupList
	byGroup map[string]*metav1.APIGroup
	lists   map[string]*metav1.APIResourceList // by "v1", "apps/v1"
	core    aggregated
	rest    aggregated
}

// aggregated is all of /api or /apis in one answer (API-24 to API-28).
type aggregated struct {
	body []byte
	etag string
}

func newDiscovery(rows []*registry.Resource) (*discovery, error) {
	d := &discovery{byGroup: map[string]*metav1.APIGroup{}, lists: map[string]*metav1.APIResourceList{}}
	d.groups.TypeMeta = metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}
	byGroup := map[string][]*registry.Resource{}
	for _, r := range rows {
		byGroup[r.Group] = append(byGroup[r.Group], r)
	}
	names := slices.Clone(groupOrder)
	for g := range byGroup {
		if !slices.Contains(names, g) {
			names = append(names, g)
		}
	}
	slices.Sort(names[len(groupOrder):])
	var core, others []apidiscoveryv2.APIGroupDiscovery
	for _, g := range names {
		if len(byGroup[g]) == 0 {
			continue
		}
		found := d.add(g, byGroup[g])
		if g == "" {
			core = append(core, found)
		} else {
			others = append(others, found)
		}
	}
	var err error
	if d.core, err = aggregate(core); err != nil {
		return nil, err
	}
	d.rest, err = aggregate(others)
	return d, err
}

// add takes in one group and returns its part of the aggregated answer.
func (d *discovery) add(group string, rows []*registry.Resource) apidiscoveryv2.APIGroupDiscovery {
	var versions []string
	byVersion := map[string][]*registry.Resource{}
	for _, r := range rows {
		if byVersion[r.Version] == nil {
			versions = append(versions, r.Version)
		}
		byVersion[r.Version] = append(byVersion[r.Version], r)
	}
	out := apidiscoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: group}}
	ag := &metav1.APIGroup{Name: group}
	for _, v := range versions {
		gv := schema.GroupVersion{Group: group, Version: v}
		ag.Versions = append(ag.Versions, metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: v})
		list := &metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String()}
		if group == "" {
			list.TypeMeta = metav1.TypeMeta{Kind: "APIResourceList"}
		}
		vd := apidiscoveryv2.APIVersionDiscovery{Version: v, Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent}
		sorted := slices.Clone(byVersion[v])
		slices.SortFunc(sorted, func(a, b *registry.Resource) int { return strings.Compare(a.Name, b.Name) })
		for _, r := range sorted {
			list.APIResources = append(list.APIResources, apiResources(r)...)
			vd.Resources = append(vd.Resources, resourceDiscovery(r))
		}
		d.lists[gv.String()] = list
		out.Versions = append(out.Versions, vd)
	}
	ag.PreferredVersion = ag.Versions[0]
	if group != "" {
		d.groups.Groups = append(d.groups.Groups, *ag)
		withType := *ag
		withType.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
		d.byGroup[group] = &withType
	}
	return out
}

// storageHash is the same for all that show the same stored objects.
func storageHash(r *registry.Resource) string {
	stored := r.GroupVersionResource()
	if r.StoredAs != nil {
		stored = *r.StoredAs
	}
	sum := sha256.Sum256([]byte(stored.Group + "/" + stored.Version + "/" + r.Kind))
	return base64.StdEncoding.EncodeToString(sum[:8])
}

func apiResources(r *registry.Resource) []metav1.APIResource {
	main := metav1.APIResource{Name: r.Name, SingularName: r.Singular, Namespaced: r.Namespaced, Kind: r.Kind, Verbs: r.Verbs,
		ShortNames: r.ShortNames, Categories: r.Categories}
	if r.Stored {
		main.StorageVersionHash = storageHash(r)
	}
	out := []metav1.APIResource{main}
	for _, s := range r.Subresources {
		kind := r.Kind
		if s.Kind != "" {
			kind = s.Kind
		}
		out = append(out, metav1.APIResource{Name: r.Name + "/" + s.Name, Namespaced: r.Namespaced, Group: s.Group, Version: s.Version, Kind: kind, Verbs: s.Verbs})
	}
	return out
}

func resourceDiscovery(r *registry.Resource) apidiscoveryv2.APIResourceDiscovery {
	scope := apidiscoveryv2.ScopeCluster
	if r.Namespaced {
		scope = apidiscoveryv2.ScopeNamespace
	}
	out := apidiscoveryv2.APIResourceDiscovery{Resource: r.Name, Scope: scope, SingularResource: r.Singular, Verbs: r.Verbs, ShortNames: r.ShortNames, Categories: r.Categories,
		ResponseKind: &metav1.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}}
	for _, s := range r.Subresources {
		kind := metav1.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}
		if s.Kind != "" {
			kind.Kind = s.Kind
		}
		if s.Version != "" {
			kind.Group, kind.Version = s.Group, s.Version
		}
		out.Subresources = append(out.Subresources, apidiscoveryv2.APISubresourceDiscovery{Subresource: s.Name, ResponseKind: &kind, Verbs: s.Verbs})
	}
	return out
}

func aggregate(groups []apidiscoveryv2.APIGroupDiscovery) (aggregated, error) {
	list := &apidiscoveryv2.APIGroupDiscoveryList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"}, Items: groups}
	body, err := ourschema.EncodeJSON(list)
	if err != nil {
		return aggregated{}, fmt.Errorf("encode discovery: %w", err)
	}
	return aggregated{body: append(body, '\n'), etag: fmt.Sprintf(`"%X"`, sha512.Sum512(body))}, nil
}

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// root answers /api or /apis, aggregated if the client asks for it first.
func (d *discovery) root(a *aggregated, plain func(r *http.Request) http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		accepted, err := ourschema.Choose(r.Header.Get("Accept"), ourschema.Discovery)
		if err != nil {
			rest.Error(w, r, err)
			return
		}
		if accepted.As != ourschema.AsGroupDiscovery {
			plain(r)(w, r)
			return
		}
		h := w.Header()
		h.Set("Vary", "Accept")
		h.Set("Cache-Control", "public")
		h.Set("ETag", a.etag)
		if r.Header.Get("If-None-Match") == a.etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", aggregatedType)
		_, _ = w.Write(a.body)
	}
}

func (d *discovery) api(w http.ResponseWriter, r *http.Request) {
	d.root(&d.core, func(r *http.Request) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			rest.Object(w, r, http.StatusOK, &metav1.APIVersions{
				TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"},
				ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{{ClientCIDR: "0.0.0.0/0", ServerAddress: r.Host}},
			})
		}
	})(w, r)
}

func (d *discovery) apis(w http.ResponseWriter, r *http.Request) {
	d.root(&d.rest, func(*http.Request) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { rest.Object(w, r, http.StatusOK, &d.groups) }
	})(w, r)
}

// group answers /apis/GROUP, version /api/v1 and /apis/GROUP/VERSION.
func (d *discovery) group(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if g := d.byGroup[parts[len(parts)-1]]; g != nil {
		rest.Object(w, r, http.StatusOK, g)
		return
	}
	rest.NotFoundPage(w)
}

// readOnly refuses to change what version shows; what it does not show is not found by any method.
func (d *discovery) readOnly(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if d.lists[strings.Join(parts[1:], "/")] == nil {
		d.version(w, r)
		return
	}
	rest.Error(w, r, rest.NotAllowed())
}

func (d *discovery) version(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if list := d.lists[strings.Join(parts[1:], "/")]; list != nil {
		routed(func(w http.ResponseWriter, r *http.Request) { rest.Object(w, r, http.StatusOK, list) })(w, r)
		return
	}
	if parts[0] == "api" || d.byGroup[parts[1]] != nil {
		rest.Error(w, r, rest.NotServed())
		return
	}
	rest.NotFoundPage(w)
}
