package garbage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/controller/work"
)

// owners are an object's references, sorted by what became of the owner.
type owners struct {
	solid    []metav1.OwnerReference
	dangling []metav1.OwnerReference // the owner does not exist
	waiting  []metav1.OwnerReference // the owner is being deleted and waits for its dependents
}

// collect deletes n if nobody owns it any more, or takes out the references that lead nowhere.
func (c *Collector) collect(ctx context.Context, n *node) error {
	live, err := c.client(n.resource, n.namespace).Get(ctx, n.name, metav1.GetOptions{})
	if err != nil || live.UID != n.uid || live.DeletionTimestamp != nil {
		return work.Gone(err) // the informer will tell
	}
	o, err := c.sort(ctx, n, live)
	if err != nil {
		return err
	}
	switch {
	case len(o.solid) == len(live.OwnerReferences):
		return nil
	case len(o.solid) > 0:
		return c.patch(ctx, n, live, map[string]any{"ownerReferences": o.solid})
	}
	policy := metav1.DeletePropagationBackground
	switch {
	case len(o.waiting) > 0 && len(c.graph.of(n.uid)) > 0:
		// The whole chain goes in the foreground; an owner that waits for its own dependent's dependent must not.
		if slices.ContainsFunc(c.graph.of(n.uid), (*node).foreground) {
			if err := c.unblock(ctx, n, live); err != nil {
				return err
			}
		}
		policy = metav1.DeletePropagationForeground
	case slices.Contains(live.Finalizers, metav1.FinalizerOrphanDependents):
		policy = metav1.DeletePropagationOrphan
	case slices.Contains(live.Finalizers, metav1.FinalizerDeleteDependents):
		policy = metav1.DeletePropagationForeground
	}
	err = c.client(n.resource, n.namespace).Delete(ctx, n.name, metav1.DeleteOptions{
		PropagationPolicy: &policy, Preconditions: &metav1.Preconditions{UID: &n.uid},
	})
	if apierrors.IsConflict(err) {
		return nil // another object of that name by now
	}
	return work.Gone(err)
}

// sort asks for each owner that the graph does not vouch for.
func (c *Collector) sort(ctx context.Context, n *node, live *metav1.PartialObjectMetadata) (owners, error) {
	var o owners
	for _, ref := range live.OwnerReferences {
		exists, waits, err := c.owner(ctx, n, ref)
		switch {
		case err != nil:
			return o, err
		case !exists:
			o.dangling = append(o.dangling, ref)
		case waits:
			o.waiting = append(o.waiting, ref)
		default:
			o.solid = append(o.solid, ref)
		}
	}
	return o, nil
}

// owner says whether the owner that ref names exists, and whether it waits for its dependents.
func (c *Collector) owner(ctx context.Context, n *node, ref metav1.OwnerReference) (exists, waits bool, err error) {
	known := c.graph.get(ref.UID)
	if known != nil && known.is(ref, n.namespace) {
		return true, known.foreground(), nil
	}
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return true, false, nil // nobody can say: leave it alone
	}
	r, ok := c.kinds[schema.GroupKind{Group: gv.Group, Kind: ref.Kind}]
	if !ok || r.Namespaced && !n.resource.Namespaced {
		// A kind the server does not serve, or a cluster-wide object that claims a namespaced owner: never collected.
		if ok {
			c.complain(n, ref)
		}
		return true, false, nil
	}
	if known != nil && known.resource.Namespaced && known.namespace != n.namespace {
		c.complain(n, ref)
	}
	key := missingOwner{ref: metav1.OwnerReference{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name, UID: ref.UID}}
	if r.Namespaced {
		key.namespace = n.namespace
	}
	if _, missing := c.missing.Get(key); missing {
		return false, false, nil
	}
	owner, err := c.client(r, n.namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && owner.UID != ref.UID {
		c.missing.Add(key, nil)
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("owner %s %s: %w", r.Name(), ref.Name, err)
	}
	return true, newNode(r, owner).foreground(), nil
}

// complain reports a reference that leaves its namespace (API-181).
func (c *Collector) complain(n *node, ref metav1.OwnerReference) {
	about := &corev1.ObjectReference{APIVersion: n.resource.GroupVersion().String(), Kind: n.resource.Kind, Namespace: n.namespace, Name: n.name, UID: n.uid}
	c.Events.Eventf(about, corev1.EventTypeWarning, "OwnerRefInvalidNamespace",
		"ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace %q", ref.APIVersion, ref.Kind, n.namespace, ref.Name, ref.UID, n.namespace)
}

// patch changes metadata of the very object that live shows.
func (c *Collector) patch(ctx context.Context, n *node, live *metav1.PartialObjectMetadata, change map[string]any) error {
	change["uid"] = live.UID
	change["resourceVersion"] = live.ResourceVersion
	data, err := json.Marshal(map[string]any{"metadata": change})
	if err != nil {
		return err
	}
	_, err = c.client(n.resource, n.namespace).Patch(ctx, n.name, types.MergePatchType, data, metav1.PatchOptions{})
	return work.Gone(err)
}

// unblock has n no longer hold up its owners.
func (c *Collector) unblock(ctx context.Context, n *node, live *metav1.PartialObjectMetadata) error {
	refs := slices.Clone(live.OwnerReferences)
	no := false
	for i := range refs {
		refs[i].BlockOwnerDeletion = &no
	}
	return c.patch(ctx, n, live, map[string]any{"ownerReferences": refs})
}
