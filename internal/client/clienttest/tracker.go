package clienttest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
)

// tracker keeps, beside client-go's own, the order of all writes.
type tracker struct {
	clienttesting.ObjectTracker

	mu      sync.Mutex
	version int64 // of the last write
	log     []written
	streams []*stream
}

// written is one write.
type written struct {
	version   int64
	resource  schema.GroupVersionResource
	namespace string
	event     watch.Event
}

func newTracker(inner clienttesting.ObjectTracker) *tracker {
	return &tracker{ObjectTracker: inner, version: 1}
}

// serve makes the tracker what a simulated API answers from.
func (t *tracker) serve(api *clienttesting.Fake) {
	api.ReactionChain, api.WatchReactionChain = nil, nil
	api.AddReactor("*", "*", clienttesting.ObjectReaction(t))
	api.AddWatchReactor("*", func(a clienttesting.Action) (bool, watch.Interface, error) {
		w := a.(clienttesting.WatchActionImpl)
		s, err := t.Watch(a.GetResource(), a.GetNamespace(), w.ListOptions)
		return err == nil, s, err
	})
}

func (t *tracker) now() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.version
}

// note logs a write and tells those who watch; t.mu is held.
func (t *tracker) note(kind watch.EventType, gvr schema.GroupVersionResource, ns string, obj runtime.Object) {
	t.version++
	w := written{t.version, gvr, ns, watch.Event{Type: kind, Object: obj.DeepCopyObject()}}
	t.log = append(t.log, w)
	for _, s := range t.streams {
		if s.wants(w) {
			s.send(w)
		}
	}
}

// stored notes an object as it is now.
func (t *tracker) stored(kind watch.EventType, gvr schema.GroupVersionResource, ns string, obj runtime.Object) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	now, err := t.ObjectTracker.Get(gvr, ns, m.GetName())
	if err != nil {
		return err
	}
	t.note(kind, gvr, ns, now)
	return nil
}

// Add puts an object in, or the items of a list.
func (t *tracker) Add(obj runtime.Object) error {
	if meta.IsListType(obj) {
		return meta.EachListItem(obj, t.Add)
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		return err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	gvr, _ := meta.UnsafeGuessKindToResource(kinds[0])
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ObjectTracker.Add(obj); err != nil {
		return err
	}
	return t.stored(watch.Added, gvr, m.GetNamespace(), obj)
}

func (t *tracker) Create(gvr schema.GroupVersionResource, obj runtime.Object, ns string, o ...metav1.CreateOptions) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ObjectTracker.Create(gvr, obj, ns, o...); err != nil {
		return err
	}
	return t.stored(watch.Added, gvr, ns, obj)
}

func (t *tracker) Update(gvr schema.GroupVersionResource, obj runtime.Object, ns string, o ...metav1.UpdateOptions) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ObjectTracker.Update(gvr, obj, ns, o...); err != nil {
		return err
	}
	return t.stored(watch.Modified, gvr, ns, obj)
}

func (t *tracker) Patch(gvr schema.GroupVersionResource, obj runtime.Object, ns string, o ...metav1.PatchOptions) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ObjectTracker.Patch(gvr, obj, ns, o...); err != nil {
		return err
	}
	return t.stored(watch.Modified, gvr, ns, obj)
}

func (t *tracker) Apply(gvr schema.GroupVersionResource, obj runtime.Object, ns string, o ...metav1.PatchOptions) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	kind := watch.Modified
	if _, err := t.ObjectTracker.Get(gvr, ns, m.GetName()); err != nil {
		kind = watch.Added
	}
	if err := t.ObjectTracker.Apply(gvr, obj, ns, o...); err != nil {
		return err
	}
	return t.stored(kind, gvr, ns, obj)
}

func (t *tracker) Delete(gvr schema.GroupVersionResource, ns, name string, o ...metav1.DeleteOptions) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, err := t.ObjectTracker.Get(gvr, ns, name)
	if err != nil {
		return err
	}
	if err := t.ObjectTracker.Delete(gvr, ns, name, o...); err != nil {
		return err
	}
	t.note(watch.Deleted, gvr, ns, last)
	return nil
}

// List says at which write it stands.
func (t *tracker) List(gvr schema.GroupVersionResource, gvk schema.GroupVersionKind, ns string, o ...metav1.ListOptions) (runtime.Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list, err := t.ObjectTracker.List(gvr, gvk, ns, o...)
	if err != nil {
		return nil, err
	}
	m, err := meta.ListAccessor(list)
	if err != nil {
		return nil, err
	}
	m.SetResourceVersion(strconv.FormatInt(t.version, 10))
	return list, nil
}

// Watch tells of what was written after a version, or from now on without one: client-go lists first.
func (t *tracker) Watch(gvr schema.GroupVersionResource, ns string, o ...metav1.ListOptions) (watch.Interface, error) {
	var options metav1.ListOptions
	if len(o) > 0 {
		options = o[0]
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	after := t.version
	if v := options.ResourceVersion; v != "" {
		var err error
		if after, err = strconv.ParseInt(v, 10, 64); err != nil {
			return nil, fmt.Errorf("resource version %q: %w", v, err)
		}
	}
	s := newStream(t, gvr, ns, options.AllowWatchBookmarks)
	for _, w := range t.log {
		if w.version > after && s.wants(w) {
			s.send(w)
		}
	}
	t.streams = append(t.streams, s)
	return s, nil
}

func (t *tracker) heard() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !slices.ContainsFunc(t.streams, (*stream).behind)
}

func (t *tracker) leave(s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams = slices.DeleteFunc(t.streams, func(o *stream) bool { return o == s })
}
