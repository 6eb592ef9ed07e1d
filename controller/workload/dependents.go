package workload

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/controller/work"
)

// ownerIndex is the index of a shared informer by controller: the UID of the owner, or "/NAMESPACE" for
// objects without one.
const ownerIndex = "controller"

// Dependents finds and claims what owners of one kind own: pods of ReplicaSets, ReplicaSets of Deployments.
type Dependents[T metav1.Object] struct {
	Kind     schema.GroupVersionKind // of the owners
	Informer *work.Informer          // of the dependents
	// Patch sends a merge patch.
	Patch func(ctx context.Context, namespace, name string, data []byte) (T, error)
}

// Pods are dependents that are made and deleted, too.
type Pods struct {
	work.Env
	Dependents[*corev1.Pod]
}

// Owner is what owns dependents.
type Owner struct {
	metav1.Object
	// Key is the owner's, for the loop.
	Key      string
	Selector labels.Selector
	// Fresh reads the owner from the server: nothing is adopted by an owner that is going.
	Fresh func(ctx context.Context) (metav1.Object, error)
}

// NewPods prepares the shared pod informer for owners of a kind.
func NewPods(e work.Env, kind schema.GroupVersionKind) *Pods {
	return &Pods{Env: e, Dependents: NewDependents(kind, e.Pods(), func(ctx context.Context, namespace, name string, data []byte) (*corev1.Pod, error) {
		return e.Client.CoreV1().Pods(namespace).Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{})
	})}
}

// NewDependents prepares a shared informer of dependents.
func NewDependents[T metav1.Object](kind schema.GroupVersionKind, i *work.Informer, patch func(ctx context.Context, namespace, name string, data []byte) (T, error)) Dependents[T] {
	if _, ok := i.GetIndexer().GetIndexers()[ownerIndex]; !ok {
		// It cannot fail: the name is new, and informers do not run while loops are built.
		_ = i.AddIndexers(cache.Indexers{ownerIndex: func(obj any) ([]string, error) {
			o, ok := obj.(metav1.Object)
			if !ok {
				return nil, nil
			}
			return []string{ownerIndexKey(o)}, nil
		}})
	}
	return Dependents[T]{Kind: kind, Informer: i, Patch: patch}
}

func ownerIndexKey(o metav1.Object) string {
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		return string(ref.UID)
	}
	return "/" + o.GetNamespace()
}

// Watch queues the owners that a change of a dependent concerns: its old and its new controller or, for one without,
// those that orphans names.
func (p *Dependents[T]) Watch(l *work.Loop, orphans func(o metav1.Object) []string) {
	l.Watch(p.Informer, func(old, new metav1.Object) {
		var was, is *metav1.OwnerReference
		if old != nil {
			was = p.controller(old)
		}
		if new != nil {
			is = p.controller(new)
		}
		if was != nil && (is == nil || was.UID != is.UID) {
			l.Queue.Add(old.GetNamespace() + "/" + was.Name)
		}
		if is != nil {
			l.Queue.Add(new.GetNamespace() + "/" + is.Name)
		}
		if new != nil && new.GetDeletionTimestamp() == nil && metav1.GetControllerOfNoCopy(new) == nil && orphans != nil {
			for _, key := range orphans(new) {
				l.Queue.Add(key)
			}
		}
	})
}

// controller is the owner that manages o, if it is of this kind.
func (p *Dependents[T]) controller(o metav1.Object) *metav1.OwnerReference {
	ref := metav1.GetControllerOfNoCopy(o)
	if ref == nil || ref.Kind != p.Kind.Kind {
		return nil
	}
	if gv, err := schema.ParseGroupVersion(ref.APIVersion); err != nil || gv.Group != p.Kind.Group {
		return nil
	}
	return ref
}

// Owned lists the dependents whose controller is owner, and does nothing more.
func (p *Dependents[T]) Owned(owner metav1.Object) []T { return p.byIndex(string(owner.GetUID())) }

func (p *Dependents[T]) byIndex(key string) []T {
	all, err := p.Informer.GetIndexer().ByIndex(ownerIndex, key)
	if err != nil {
		return nil
	}
	dependents := make([]T, 0, len(all))
	for _, obj := range all {
		dependents = append(dependents, obj.(T))
	}
	return dependents
}

// Claim returns the dependents of an owner. One that the owner controls but no longer selects is let go; one that it
// selects and nobody controls is adopted.
func (p *Dependents[T]) Claim(ctx context.Context, l *work.Loop, o Owner) ([]T, error) {
	var claimed []T
	for _, d := range p.Owned(o) {
		if o.Selector.Matches(labels.Set(d.GetLabels())) {
			claimed = append(claimed, d)
			continue
		}
		if o.GetDeletionTimestamp() == nil {
			if err := p.release(ctx, l, o, d); err != nil {
				return nil, err
			}
		}
	}
	if o.GetDeletionTimestamp() != nil {
		return claimed, nil
	}
	mayAdopt := false
	for _, d := range p.byIndex("/" + o.GetNamespace()) {
		if d.GetDeletionTimestamp() != nil || !o.Selector.Matches(labels.Set(d.GetLabels())) {
			continue
		}
		if !mayAdopt {
			fresh, err := o.Fresh(ctx)
			if err != nil || fresh.GetUID() != o.GetUID() || fresh.GetDeletionTimestamp() != nil {
				return claimed, work.Gone(err)
			}
			mayAdopt = true
		}
		adopted, ok, err := p.adopt(ctx, l, o, d)
		if err != nil {
			return nil, err
		}
		if ok {
			claimed = append(claimed, adopted)
		}
	}
	return claimed, nil
}

func (p *Dependents[T]) adopt(ctx context.Context, l *work.Loop, o Owner, d T) (adopted T, ok bool, err error) {
	refs := append(append([]metav1.OwnerReference(nil), d.GetOwnerReferences()...), *metav1.NewControllerRef(o, p.Kind))
	next, err := p.patchOwners(ctx, d, refs)
	if err == nil {
		l.Wrote(o.Key, p.Informer, next)
		return next, true, nil
	}
	if apierrors.IsInvalid(err) { // somebody else was quicker
		err = nil
	}
	return d, false, work.Gone(err)
}

func (p *Dependents[T]) release(ctx context.Context, l *work.Loop, o Owner, d T) error {
	refs := make([]metav1.OwnerReference, 0, len(d.GetOwnerReferences()))
	for _, r := range d.GetOwnerReferences() {
		if r.UID != o.GetUID() {
			refs = append(refs, r)
		}
	}
	next, err := p.patchOwners(ctx, d, refs)
	if err == nil {
		l.Wrote(o.Key, p.Informer, next)
	}
	return work.Gone(err)
}

func (p *Dependents[T]) patchOwners(ctx context.Context, d T, refs []metav1.OwnerReference) (T, error) {
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": d.GetUID(), "resourceVersion": d.GetResourceVersion(), "ownerReferences": refs,
	}})
	if err != nil {
		return d, err
	}
	next, err := p.Patch(ctx, d.GetNamespace(), d.GetName(), data)
	if err != nil {
		return d, fmt.Errorf("owners of %s: %w", work.Key(d), err)
	}
	return next, nil
}
