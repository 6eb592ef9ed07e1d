package scheduler

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// feed is a watch that puts what it sees straight into the scheduler's picture of the cluster. Its
// methods are those of cache.ReflectorStore, called by one goroutine in the order of events.
type feed struct {
	name      string
	reflector *cache.Reflector
	set       func(obj any)
	gone      func(obj any)
	replace   func(objs []any)
	listed    chan struct{} // closed with the first list
	once      sync.Once
}

func (f *feed) Add(obj any) error    { f.set(obj); return nil }
func (f *feed) Update(obj any) error { f.set(obj); return nil }
func (f *feed) Delete(obj any) error { f.gone(obj); return nil }
func (f *feed) Resync() error        { return nil }

// Replace is the first list, and every list after a gap in the watch.
func (f *feed) Replace(objs []any, _ string) error {
	f.replace(objs)
	f.once.Do(func() { close(f.listed) })
	return nil
}

func (s *Scheduler) start(f *feed, kind runtime.Object, lw *cache.ListWatch) *feed {
	// Wall time between tries of a watch that broke off: quick at first, since the server is mostly
	// this very process.
	backoff := &wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 8, Cap: 5 * time.Second}
	f.reflector = cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, s.cfg.Client), kind, f,
		cache.ReflectorOptions{Name: "scheduler's " + f.name, Backoff: backoff})
	return f
}

func (s *Scheduler) nodeFeed() *feed {
	api := s.cfg.Client.CoreV1().Nodes()
	f := &feed{name: "nodes", listed: make(chan struct{})}
	f.set = func(obj any) {
		if s.world.setNode(obj.(*corev1.Node)) {
			s.line.unpark()
		}
	}
	f.gone = func(obj any) { s.world.dropNode(obj.(*corev1.Node).Name) }
	f.replace = func(objs []any) {
		here := make(map[string]bool, len(objs))
		for _, obj := range objs {
			here[obj.(*corev1.Node).Name] = true
			f.set(obj)
		}
		for _, name := range s.world.nodeNames() {
			if !here[name] {
				s.world.dropNode(name)
			}
		}
	}
	return s.start(f, &corev1.Node{}, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return api.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return api.Watch(ctx, o)
		},
	})
}

func (s *Scheduler) podFeed() *feed {
	api := s.cfg.Client.CoreV1().Pods(metav1.NamespaceAll)
	f := &feed{name: "pods", listed: make(chan struct{})}
	f.set = func(obj any) { s.observe(obj.(*corev1.Pod)) }
	f.gone = func(obj any) {
		p := obj.(*corev1.Pod)
		s.line.drop(p.UID)
		if s.world.dropPod(p.UID) {
			s.line.unpark()
		}
	}
	f.replace = func(objs []any) {
		here := make(map[string]bool, len(objs))
		for _, obj := range objs {
			here[string(obj.(*corev1.Pod).UID)] = true
			f.set(obj)
		}
		for _, uid := range s.world.podUIDs() {
			if !here[string(uid)] {
				s.line.drop(uid)
				if s.world.dropPod(uid) {
					s.line.unpark()
				}
			}
		}
	}
	return s.start(f, &corev1.Pod{}, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return api.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return api.Watch(ctx, o)
		},
	})
}

// observe sorts a pod: onto its node, into the line, or out of sight.
func (s *Scheduler) observe(object *corev1.Pod) {
	over := object.Status.Phase == corev1.PodSucceeded || object.Status.Phase == corev1.PodFailed
	switch {
	case over:
		s.line.drop(object.UID)
		if s.world.dropPod(object.UID) {
			s.line.unpark()
		}
	case object.Spec.NodeName != "":
		s.line.drop(object.UID)
		s.world.place(newPod(object), object.Spec.NodeName)
	case object.DeletionTimestamp != nil, object.Spec.SchedulerName != profile, len(object.Spec.SchedulingGates) > 0:
		s.line.drop(object.UID)
	default:
		object.ManagedFields = nil
		if p := newPod(object); s.world.want(p) {
			s.line.add(p)
		}
	}
}
