package namespace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Pauses in wall time before a namespace that waits is looked at again.
const (
	firstLook = 50 * time.Millisecond
	maxLook   = 5 * time.Second
)

type deleter struct {
	work.Env
	loop *work.Loop

	mu    sync.Mutex
	looks map[string]time.Duration
}

// New returns the loop. Keys are namespaces.
func New(e work.Env) *work.Loop {
	d := &deleter{Env: e, loop: e.Loop("namespace"), looks: map[string]time.Duration{}}
	namespaces := e.Factory.Core().V1().Namespaces().Lister()
	d.loop.Watch(e.Namespaces(), func(_, ns metav1.Object) {
		if ns != nil && ns.GetDeletionTimestamp() != nil {
			d.loop.Queue.Add(ns.GetName())
		}
	})
	d.loop.Watch(e.Pods(), func(old, pod metav1.Object) {
		if pod != nil {
			return
		}
		if ns, err := namespaces.Get(old.GetNamespace()); err == nil && ns.DeletionTimestamp != nil {
			d.loop.Queue.Add(ns.Name)
		}
	})
	d.loop.Sync = func(ctx context.Context, key string) error {
		ns, err := namespaces.Get(key)
		if err != nil || ns.DeletionTimestamp == nil || !slices.Contains(ns.Spec.Finalizers, corev1.FinalizerKubernetes) {
			return work.Gone(err)
		}
		return d.sync(ctx, ns)
	}
	return d.loop
}

// sync takes one namespace as far as it goes now.
func (d *deleter) sync(ctx context.Context, ns *corev1.Namespace) error {
	resources, discoveryErr := work.Discover(d.Client.Discovery())
	rest := d.empty(ctx, ns.Name, resources)
	rest.discovery = discoveryErr

	ns, err := d.report(ctx, ns, rest)
	if err != nil {
		return work.Gone(err)
	}
	if failed := errors.Join(discoveryErr, errors.Join(rest.failed...)); failed != nil {
		return failed
	}
	if !rest.empty() {
		d.lookAgain(ns.Name)
		return nil
	}
	d.forget(ns.Name)
	ns = ns.DeepCopy()
	ns.Spec.Finalizers = slices.DeleteFunc(ns.Spec.Finalizers, func(f corev1.FinalizerName) bool { return f == corev1.FinalizerKubernetes })
	_, err = d.Client.CoreV1().Namespaces().Finalize(ctx, ns, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) {
		return fmt.Errorf("finalize: %w", err)
	}
	return work.Gone(err)
}

// empty deletes what a namespace holds and says what is left: the pods first, and the rest only when they are gone
// (API-185).
func (d *deleter) empty(ctx context.Context, namespace string, resources []work.Resource) remainder {
	var left remainder
	pods := func(r work.Resource) bool { return r.Name() == "pods" }
	for _, r := range resources {
		if pods(r) {
			d.clear(ctx, namespace, r, &left)
		}
	}
	if !left.empty() || len(left.failed) > 0 {
		return left
	}
	for _, r := range resources {
		if r.Namespaced && !pods(r) && r.Can("list", "delete") {
			d.clear(ctx, namespace, r, &left)
		}
	}
	return left
}

// clear deletes all objects of one kind and adds what remains to left.
func (d *deleter) clear(ctx context.Context, namespace string, r work.Resource, left *remainder) {
	c := d.Metadata.Resource(r.GroupVersionResource).Namespace(namespace)
	there, err := c.List(ctx, metav1.ListOptions{})
	if err == nil && len(there.Items) > 0 {
		background := metav1.DeletePropagationBackground
		o := metav1.DeleteOptions{PropagationPolicy: &background}
		if r.Can("deletecollection") {
			err = c.DeleteCollection(ctx, o, metav1.ListOptions{})
		} else {
			for _, item := range there.Items {
				err = errors.Join(err, work.Gone(c.Delete(ctx, item.Name, o)))
			}
		}
		if err == nil {
			there, err = c.List(ctx, metav1.ListOptions{})
		}
	}
	if err != nil {
		if !apierrors.IsNotFound(err) && !apierrors.IsMethodNotSupported(err) {
			left.failed = append(left.failed, fmt.Errorf("%s: %w", r.Name(), err))
		}
		return
	}
	left.add(r.GroupVersionResource, there.Items)
}

// report writes the conditions that say how far the deletion has come (API-186).
func (d *deleter) report(ctx context.Context, ns *corev1.Namespace, left remainder) (*corev1.Namespace, error) {
	next := ns.DeepCopy()
	next.Status.Phase = corev1.NamespaceTerminating
	changed := left.conditions(&next.Status, metav1.NewTime(d.Clock.Now()))
	if !changed && ns.Status.Phase == corev1.NamespaceTerminating || left.empty() && left.discovery == nil && len(left.failed) == 0 && len(ns.Status.Conditions) == 0 {
		return ns, nil // a namespace that goes at once needs no report
	}
	return d.Client.CoreV1().Namespaces().UpdateStatus(ctx, next, metav1.UpdateOptions{})
}

// lookAgain queues a namespace after a pause that doubles each time.
func (d *deleter) lookAgain(name string) {
	d.mu.Lock()
	pause := min(max(2*d.looks[name], firstLook), maxLook)
	d.looks[name] = pause
	d.mu.Unlock()
	d.loop.Queue.Later(name, pause)
}

func (d *deleter) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.looks, name)
}
