package work

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// Resource is one kind of objects that the server serves.
type Resource struct {
	schema.GroupVersionResource
	Kind       string
	Namespaced bool
	Verbs      []string
}

// Can says whether the resource has all these verbs.
func (r Resource) Can(verbs ...string) bool {
	for _, v := range verbs {
		if !slices.Contains(r.Verbs, v) {
			return false
		}
	}
	return true
}

// Name is the resource with its group: "pods", "deployments.apps". Shared informers go by it.
func (r Resource) Name() string { return r.GroupResource().String() }

// Discover lists the resources of the server, each once, in its group's preferred version. Beside an error (some group
// did not answer) it lists those it could learn of.
func Discover(d discovery.DiscoveryInterface) ([]Resource, error) {
	groups, lists, err := d.ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("discover resources: %w", err)
	}
	preferred := map[string]string{}
	for _, g := range groups {
		preferred[g.Name] = g.PreferredVersion.GroupVersion
	}
	found := map[schema.GroupResource]Resource{}
	var order []schema.GroupResource
	for _, l := range lists {
		gv, parseErr := schema.ParseGroupVersion(l.GroupVersion)
		if parseErr != nil {
			return nil, fmt.Errorf("discover resources: %w", parseErr)
		}
		for _, r := range l.APIResources {
			if isSubresource(r) {
				continue
			}
			res := Resource{GroupVersionResource: gv.WithResource(r.Name), Kind: r.Kind, Namespaced: r.Namespaced, Verbs: r.Verbs}
			gr := res.GroupResource()
			if _, ok := found[gr]; !ok {
				order = append(order, gr)
			} else if preferred[gv.Group] != gv.String() {
				continue
			}
			found[gr] = res
		}
	}
	all := make([]Resource, 0, len(order))
	for _, gr := range order {
		all = append(all, found[gr])
	}
	return all, err
}

func isSubresource(r metav1.APIResource) bool { return slices.Contains([]byte(r.Name), '/') }
