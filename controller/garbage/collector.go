package garbage

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/lru"

	"github.com/kubemint/kubemint/controller/work"
)

// missingMemory is how many owners are remembered as not existing: a thousand pods of one owner ask for it once.
const missingMemory = 500

// Collector is the loop. Its keys are UIDs.
type Collector struct {
	work.Env
	reader metadata.Interface
	loop   *work.Loop
	graph  *graph

	kinds map[schema.GroupKind]work.Resource

	missing *lru.Cache // missingOwner → nothing
}

// missingOwner is an owner that the server was asked for in vain. A UID is never given out again.
type missingOwner struct {
	namespace string
	ref       metav1.OwnerReference
}

// New returns the collector. reader lists and watches the metadata of all kinds; e's client and metadata client are
// those of generic-garbage-collector.
func New(e work.Env, reader metadata.Interface) *Collector {
	c := &Collector{Env: e, reader: reader, loop: e.Loop("garbage collector"), graph: newGraph(), missing: lru.New(missingMemory)}
	c.loop.Workers = 20
	c.loop.Sync = c.sync
	return c
}

// Pending lists what the collector has still to do.
func (c *Collector) Pending() []string { return c.loop.Pending() }

// Run learns the server's kinds, watches those that can be deleted, and collects until ctx ends.
func (c *Collector) Run(ctx context.Context) error {
	resources, err := discover(ctx, c.Env)
	if err != nil || ctx.Err() != nil {
		return nil // ended before the server answered
	}
	c.kinds = map[schema.GroupKind]work.Resource{}
	for _, r := range resources {
		c.kinds[schema.GroupKind{Group: r.Group, Kind: r.Kind}] = r
		if r.Can("delete", "list", "watch") && r.GroupVersionResource.Resource != "events" {
			c.watch(r)
		}
	}
	return c.loop.Run(ctx)
}

// watch feeds the graph with one kind.
func (c *Collector) watch(r work.Resource) {
	i := c.Informers.Get(r.Name(), func() cache.SharedIndexInformer {
		return metadatainformer.NewFilteredMetadataInformer(c.reader, r.GroupVersionResource, metav1.NamespaceAll, 0, cache.Indexers{}, nil).Informer()
	})
	c.loop.Watch(i, func(old, new metav1.Object) {
		if new != nil {
			// An object deleted and made again between two lists is an update to an informer.
			if old != nil && old.GetUID() != new.GetUID() {
				c.gone(old.GetUID())
			}
			c.seen(newNode(r, new))
			return
		}
		c.gone(old.GetUID())
	})
}

// seen takes in a new state of an object and queues whom it concerns.
func (c *Collector) seen(n *node) {
	old := c.graph.put(n)
	if n.orphaning() || n.foreground() || (!n.deleting && !c.graph.settled(n)) {
		c.loop.Queue.Add(string(n.uid))
	}
	if n.foreground() && (old == nil || !old.foreground()) {
		for _, d := range c.graph.of(n.uid) {
			c.loop.Queue.Add(string(d.uid))
		}
	}
	if old != nil { // a reference that no longer blocks, or is gone, may let an owner go
		for _, owner := range c.graph.ownersWaiting(old) {
			c.loop.Queue.Add(string(owner.uid))
		}
	}
}

// gone takes an object out and queues its dependents, and owners that waited for it.
func (c *Collector) gone(uid types.UID) {
	old := c.graph.remove(uid)
	for _, d := range c.graph.of(uid) {
		c.loop.Queue.Add(string(d.uid))
	}
	if old != nil {
		for _, owner := range c.graph.ownersWaiting(old) {
			c.loop.Queue.Add(string(owner.uid))
		}
	}
}

func (c *Collector) sync(ctx context.Context, key string) error {
	n := c.graph.get(types.UID(key))
	switch {
	case n == nil:
		return nil
	case n.orphaning():
		return c.orphan(ctx, n)
	case n.foreground():
		return c.waitForDependents(ctx, n)
	case n.deleting || c.graph.settled(n):
		return nil
	}
	if err := c.collect(ctx, n); err != nil {
		return fmt.Errorf("%s %s/%s: %w", n.resource.Name(), n.namespace, n.name, err)
	}
	return nil
}

// client returns the metadata client for where n lives.
func (c *Collector) client(r work.Resource, namespace string) metadata.ResourceInterface {
	if r.Namespaced {
		return c.Metadata.Resource(r.GroupVersionResource).Namespace(namespace)
	}
	return c.Metadata.Resource(r.GroupVersionResource)
}
