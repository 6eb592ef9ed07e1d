package kubelet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// firstList is the wall time that a pod's sync waits for a watch it has just begun.
const firstList = time.Second

// refKind is a kind of objects that pods refer to by name, as errors call it.
type refKind string

const (
	refConfigMap refKind = "configmap"
	refSecret    refKind = "secret"
)

type refKey struct {
	kind            refKind
	namespace, name string
}

// references watches single ConfigMaps and Secrets for as long as a pod of this node refers to them
// (KUB-30, NODE-5): one watch an object, however many pods share it, and none for an immutable one
// once it is known.
type references struct {
	client  kubernetes.Interface
	changed func(users []*pod)

	mu    sync.Mutex
	ctx   context.Context
	items map[refKey]*reference
	group sync.WaitGroup
}

type reference struct {
	key    refKey
	refs   *references
	cancel context.CancelFunc
	watch  *cache.Reflector
	synced chan struct{}

	// Guarded by references.mu.
	users  map[*pod]struct{}
	object runtime.Object // nil: does not exist
	known  bool           // synced is closed
	still  bool           // immutable, and not watched any more
}

func newReferences(c kubernetes.Interface, changed func([]*pod)) *references {
	return &references{client: c, changed: changed, items: map[refKey]*reference{}}
}

func (r *references) start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = ctx
}

func (r *references) wait() { r.group.Wait() }

// hold begins to watch everything in keys for the pod, and stops for the pod whatever is not there.
func (r *references) hold(p *pod, keys []refKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, item := range r.items {
		if _, ok := item.users[p]; ok && !slices.Contains(keys, key) {
			r.release(p, item)
		}
	}
	for _, key := range keys {
		item := r.items[key]
		if item == nil {
			item = r.begin(key)
			r.items[key] = item
		}
		item.users[p] = struct{}{}
	}
}

// drop stops all watches that only this pod needed.
func (r *references) drop(p *pod, keys []refKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		if item := r.items[key]; item != nil {
			r.release(p, item)
		}
	}
}

func (r *references) release(p *pod, item *reference) {
	delete(item.users, p)
	if len(item.users) == 0 {
		item.cancel()
		delete(r.items, item.key)
	}
}

func (r *references) begin(key refKey) *reference {
	ctx, cancel := context.WithCancel(r.ctx)
	item := &reference{key: key, refs: r, cancel: cancel, synced: make(chan struct{}), users: map[*pod]struct{}{}}
	one := fields.OneTermEqualSelector("metadata.name", key.name).String()
	lw := &cache.ListWatch{}
	var expected runtime.Object
	switch key.kind {
	case refConfigMap:
		api := r.client.CoreV1().ConfigMaps(key.namespace)
		expected = &corev1.ConfigMap{}
		lw.ListWithContextFunc = func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = one
			return api.List(ctx, o)
		}
		lw.WatchFuncWithContext = func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = one
			return api.Watch(ctx, o)
		}
	case refSecret:
		api := r.client.CoreV1().Secrets(key.namespace)
		expected = &corev1.Secret{}
		lw.ListWithContextFunc = func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = one
			return api.List(ctx, o)
		}
		lw.WatchFuncWithContext = func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = one
			return api.Watch(ctx, o)
		}
	}
	item.watch = cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, r.client), expected, item,
		cache.ReflectorOptions{Name: string(key.kind) + " " + key.namespace + "/" + key.name, Backoff: reflectorBackoff()})
	r.group.Go(func() { item.watch.RunWithContext(ctx) })
	return item
}

// The methods of cache.ReflectorStore. An object of another name, from a server that knows no field
// selectors, is passed over.

func (i *reference) Add(obj any) error { return i.Update(obj) }
func (i *reference) Resync() error     { return nil }

func (i *reference) Update(obj any) error {
	if i.mine(obj) {
		i.set(obj.(runtime.Object))
	}
	return nil
}

func (i *reference) Delete(obj any) error {
	if i.mine(obj) {
		i.set(nil)
	}
	return nil
}

func (i *reference) Replace(objs []any, _ string) error {
	if at := slices.IndexFunc(objs, i.mine); at >= 0 {
		i.set(objs[at].(runtime.Object))
	} else {
		i.set(nil)
	}
	return nil
}

func (i *reference) mine(obj any) bool {
	o, err := meta.Accessor(obj)
	return err == nil && o.GetName() == i.key.name
}

func (i *reference) set(object runtime.Object) {
	r := i.refs
	immutable := false
	switch o := object.(type) {
	case *corev1.ConfigMap:
		o.ManagedFields = nil
		immutable = o.Immutable != nil && *o.Immutable
	case *corev1.Secret:
		o.ManagedFields = nil
		immutable = o.Immutable != nil && *o.Immutable
	}
	r.mu.Lock()
	first, same := !i.known, sameContent(i.object, object)
	i.object, i.known, i.still = object, true, immutable
	users := slices.Collect(maps.Keys(i.users))
	r.mu.Unlock()
	if immutable {
		i.cancel()
	}
	if first {
		close(i.synced)
		return
	}
	if !same {
		r.changed(users)
	}
}

// sameContent says whether two objects hold the same data: a watch that begins anew tells of what is
// known already, and labels reach no pod.
func sameContent(a, b runtime.Object) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *corev1.ConfigMap:
		b, ok := b.(*corev1.ConfigMap)
		return ok && maps.Equal(a.Data, b.Data) && maps.EqualFunc(a.BinaryData, b.BinaryData, bytes.Equal)
	case *corev1.Secret:
		b, ok := b.(*corev1.Secret)
		return ok && maps.EqualFunc(a.Data, b.Data, bytes.Equal)
	}
	return false
}

// get returns the object, waiting a moment for the first list of a watch.
func (r *references) get(ctx context.Context, key refKey) (runtime.Object, error) {
	r.mu.Lock()
	item := r.items[key]
	r.mu.Unlock()
	if item == nil {
		return nil, fmt.Errorf("object %q/%q not registered", key.namespace, key.name)
	}
	select {
	case <-item.synced:
	default:
		timeout := time.NewTimer(firstList) // wall time: the server is busy, not late
		defer timeout.Stop()
		select {
		case <-item.synced:
		case <-timeout.C:
			return nil, fmt.Errorf("failed to sync %s cache: %w", key.kind, errTimedOut)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	r.mu.Lock()
	object := item.object
	r.mu.Unlock()
	if object == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: string(key.kind)}, key.name)
	}
	return object, nil
}

var errTimedOut = errors.New("timed out waiting for the condition")

func (r *references) configMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	object, err := r.get(ctx, refKey{refConfigMap, namespace, name})
	if err != nil {
		return nil, err
	}
	return object.(*corev1.ConfigMap), nil
}

func (r *references) secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	object, err := r.get(ctx, refKey{refSecret, namespace, name})
	if err != nil {
		return nil, err
	}
	return object.(*corev1.Secret), nil
}

// synced tells how far the watches have come; immutable objects are not watched any more.
func (r *references) synced(node string) []Synced {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Synced, 0, len(r.items))
	for key, item := range r.items {
		if item.still {
			continue
		}
		out = append(out, Synced{
			Name:            fmt.Sprintf("%s %s %s/%s", node, key.kind, key.namespace, key.name),
			ResourceVersion: item.watch.LastSyncResourceVersion(),
		})
	}
	return out
}
