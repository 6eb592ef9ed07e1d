package kubelet

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// reflectorBackoff is the wall time between tries of a watch that broke off: quick at first, since
// the server is mostly this very process, and never so slow that a node whose connection is healed keeps people waiting.
func reflectorBackoff() *wait.Backoff {
	return &wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 5, Cap: time.Second}
}

// feed is the watch of the pods bound to this node (NODE-6). It puts them straight into the
// kubelet's map, without a cache of its own, as the real kubelet does.
type feed struct {
	kubelet   *Kubelet
	reflector *cache.Reflector
}

func newFeed(k *Kubelet) *feed {
	f := &feed{kubelet: k}
	mine := fields.OneTermEqualSelector("spec.nodeName", k.cfg.NodeName).String()
	pods := k.client.CoreV1().Pods(metav1.NamespaceAll)
	f.reflector = cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = mine
			return pods.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = mine
			return pods.Watch(ctx, o)
		},
	}, k.client), &corev1.Pod{}, f, cache.ReflectorOptions{Name: k.cfg.NodeName + " pods", Backoff: reflectorBackoff()})
	return f
}

func (f *feed) run(ctx context.Context) { f.reflector.RunWithContext(ctx) }
func (f *feed) version() string         { return f.reflector.LastSyncResourceVersion() }

// The methods of cache.ReflectorStore, called by one goroutine in the order of events.

func (f *feed) Add(obj any) error    { return f.Update(obj) }
func (f *feed) Resync() error        { return nil }
func (f *feed) Update(obj any) error { f.kubelet.observe(obj.(*corev1.Pod)); return nil }

func (f *feed) Delete(obj any) error {
	f.kubelet.vanish(obj.(*corev1.Pod).UID)
	return nil
}

// Replace is the first list, and every list after a gap in the watch.
func (f *feed) Replace(objs []any, _ string) error {
	here := make(map[types.UID]bool, len(objs))
	for _, obj := range objs {
		pod := obj.(*corev1.Pod)
		here[pod.UID] = true
		f.kubelet.observe(pod)
	}
	for _, uid := range f.kubelet.known() {
		if !here[uid] {
			f.kubelet.vanish(uid)
		}
	}
	f.kubelet.sweepDirs(here)
	return nil
}

// observe takes in the newest object of a pod.
func (k *Kubelet) observe(object *corev1.Pod) {
	object.ManagedFields = nil // nobody here reads them, and they are half of a small pod
	k.mu.Lock()
	p := k.pods[object.UID]
	if p == nil {
		p = newPod(object)
		k.pods[object.UID] = p
	}
	work := p.object == nil || p.concerns(object)
	p.object = object
	if object.DeletionTimestamp != nil {
		p.leave()
	}
	k.mu.Unlock()
	if work {
		k.wake(p, reasonSync)
	}
}

// vanish notes that a pod's object is gone: deleted by this kubelet, or by force.
func (k *Kubelet) vanish(uid types.UID) {
	k.mu.Lock()
	p := k.pods[uid]
	if p != nil {
		p.gone = true
		p.leave()
	}
	k.mu.Unlock()
	if p != nil {
		k.wake(p, reasonSync)
	}
}

func (k *Kubelet) known() []types.UID {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]types.UID, 0, len(k.pods))
	for uid := range k.pods {
		out = append(out, uid)
	}
	return out
}
