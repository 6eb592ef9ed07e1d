package garbage

import (
	"context"
	"errors"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// waitForDependents lets an owner go once nothing blocks it any more; until then it hurries its dependents.
func (c *Collector) waitForDependents(ctx context.Context, n *node) error {
	blocked := false
	for _, d := range c.graph.of(n.uid) {
		ref := d.reference(n.uid)
		if ref == nil || ref.BlockOwnerDeletion == nil || !*ref.BlockOwnerDeletion || !n.is(*ref, d.namespace) {
			continue
		}
		blocked = true
		if !d.deleting {
			c.loop.Queue.Add(string(d.uid))
		}
	}
	if blocked {
		return nil // each dependent that goes queues its owner
	}
	return c.drop(ctx, n, metav1.FinalizerDeleteDependents)
}

// orphan takes the owner out of its dependents, then lets it go (API-181).
func (c *Collector) orphan(ctx context.Context, n *node) error {
	var failed error
	for _, d := range c.graph.of(n.uid) {
		failed = errors.Join(failed, c.release(ctx, d, n))
	}
	if failed != nil {
		return failed
	}
	return c.drop(ctx, n, metav1.FinalizerOrphanDependents)
}

// release takes owner out of the references of d.
func (c *Collector) release(ctx context.Context, d, owner *node) error {
	live, err := c.client(d.resource, d.namespace).Get(ctx, d.name, metav1.GetOptions{})
	if err != nil || live.UID != d.uid {
		return work.Gone(err)
	}
	rest := slices.DeleteFunc(slices.Clone(live.OwnerReferences), func(r metav1.OwnerReference) bool { return r.UID == owner.uid })
	if len(rest) == len(live.OwnerReferences) {
		return nil
	}
	return c.patch(ctx, d, live, map[string]any{"ownerReferences": rest})
}

// drop takes a finalizer off an object.
func (c *Collector) drop(ctx context.Context, n *node, finalizer string) error {
	live, err := c.client(n.resource, n.namespace).Get(ctx, n.name, metav1.GetOptions{})
	if err != nil || live.UID != n.uid {
		return work.Gone(err)
	}
	rest := slices.DeleteFunc(slices.Clone(live.Finalizers), func(f string) bool { return f == finalizer })
	if len(rest) == len(live.Finalizers) {
		return nil
	}
	return c.patch(ctx, n, live, map[string]any{"finalizers": rest})
}
