package network

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// feed is a watch into an index, without a queue between: what its version says has been taken in.
type feed struct {
	cache.Indexer
	name      string
	reflector *cache.Reflector
	listed    chan struct{}
	once      sync.Once
}

// Replace is the first list, and every list after a gap in the watch.
func (f *feed) Replace(objs []any, version string) error {
	err := f.Indexer.Replace(objs, version)
	f.once.Do(func() { close(f.listed) })
	return err
}

func newFeed(client kubernetes.Interface, name string, kind runtime.Object, lw *cache.ListWatch, by cache.Indexers) *feed {
	f := &feed{Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, by), name: "network's " + name, listed: make(chan struct{})}
	// Wall time between tries of a watch that broke off: quick at first, since the server is mostly
	// this very process.
	backoff := &wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 8, Cap: 5 * time.Second}
	f.reflector = cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, client), kind, f,
		cache.ReflectorOptions{Name: f.name, Backoff: backoff})
	return f
}

// Indexes of what is watched.
const (
	byAddress = "address" // Services, by cluster addresses and node ports
	byService = "service" // EndpointSlices, by namespace and name of their Service
)

func newServiceFeed(client kubernetes.Interface) *feed {
	api := client.CoreV1().Services(metav1.NamespaceAll)
	return newFeed(client, "services", &corev1.Service{}, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return api.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return api.Watch(ctx, o)
		},
	}, cache.Indexers{byAddress: func(obj any) ([]string, error) { return addressesOf(obj.(*corev1.Service)), nil }})
}

func newSliceFeed(client kubernetes.Interface) *feed {
	api := client.DiscoveryV1().EndpointSlices(metav1.NamespaceAll)
	return newFeed(client, "endpoint slices", &discoveryv1.EndpointSlice{}, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return api.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return api.Watch(ctx, o)
		},
	}, cache.Indexers{byService: func(obj any) ([]string, error) {
		s := obj.(*discoveryv1.EndpointSlice)
		return []string{s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]}, nil
	}})
}
