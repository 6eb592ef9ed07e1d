package garbage

import (
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/controller/work"
)

// node is an object as far as ownership goes. It is never changed once it is in the graph; an update replaces it.
type node struct {
	resource   work.Resource
	namespace  string
	name       string
	uid        types.UID
	owners     []metav1.OwnerReference
	deleting   bool
	finalizers []string
}

func newNode(r work.Resource, o metav1.Object) *node {
	return &node{
		resource: r, namespace: o.GetNamespace(), name: o.GetName(), uid: o.GetUID(),
		owners: o.GetOwnerReferences(), deleting: o.GetDeletionTimestamp() != nil, finalizers: o.GetFinalizers(),
	}
}

// foreground says whether n waits for its dependents, and orphaning whether it waits for them to be let go.
func (n *node) foreground() bool {
	return n.deleting && slices.Contains(n.finalizers, metav1.FinalizerDeleteDependents)
}
func (n *node) orphaning() bool {
	return n.deleting && slices.Contains(n.finalizers, metav1.FinalizerOrphanDependents)
}

func (n *node) reference(owner types.UID) *metav1.OwnerReference {
	for i := range n.owners {
		if n.owners[i].UID == owner {
			return &n.owners[i]
		}
	}
	return nil
}

// is says whether ref points to n: the UID alone does not make it right (API-181).
func (n *node) is(ref metav1.OwnerReference, dependentNamespace string) bool {
	return n.uid == ref.UID && n.name == ref.Name && n.resource.Kind == ref.Kind && (!n.resource.Namespaced || n.namespace == dependentNamespace)
}

// graph knows the objects of all kinds and who depends on whom. It is safe for concurrent use.
type graph struct {
	mu         sync.Mutex
	nodes      map[types.UID]*node
	dependents map[types.UID]map[types.UID]struct{} // by owner, known or not
}

func newGraph() *graph {
	return &graph{nodes: map[types.UID]*node{}, dependents: map[types.UID]map[types.UID]struct{}{}}
}

// put adds or replaces n and returns what was known before.
func (g *graph) put(n *node) (old *node) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old = g.nodes[n.uid]
	g.unlink(old)
	g.nodes[n.uid] = n
	for _, o := range n.owners {
		set := g.dependents[o.UID]
		if set == nil {
			set = map[types.UID]struct{}{}
			g.dependents[o.UID] = set
		}
		set[n.uid] = struct{}{}
	}
	return old
}

func (g *graph) remove(uid types.UID) (old *node) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old = g.nodes[uid]
	g.unlink(old)
	delete(g.nodes, uid)
	return old
}

func (g *graph) unlink(n *node) {
	if n == nil {
		return
	}
	for _, o := range n.owners {
		delete(g.dependents[o.UID], n.uid)
		if len(g.dependents[o.UID]) == 0 {
			delete(g.dependents, o.UID)
		}
	}
}

func (g *graph) get(uid types.UID) *node {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.nodes[uid]
}

// of returns the dependents of an owner.
func (g *graph) of(owner types.UID) []*node {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*node
	for uid := range g.dependents[owner] {
		if n := g.nodes[uid]; n != nil {
			all = append(all, n)
		}
	}
	return all
}

// ownersWaiting returns the known owners of n that are deleted in the foreground.
func (g *graph) ownersWaiting(n *node) []*node {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*node
	for _, o := range n.owners {
		if owner := g.nodes[o.UID]; owner != nil && owner.foreground() {
			all = append(all, owner)
		}
	}
	return all
}

// settled says whether all owners of n are known, are what n's references say, and stay: then there is nothing to do
// for n, and no need to ask the server.
func (g *graph) settled(n *node) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, ref := range n.owners {
		owner := g.nodes[ref.UID]
		if owner == nil || !owner.is(ref, n.namespace) || owner.foreground() {
			return false
		}
	}
	return true
}
