package work

import (
	"context"
	"strconv"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/internal/client/clienttest"
)

func configMap(name, version string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, ResourceVersion: version}}
}

// start runs l and its informers until the test ends.
func start(t *testing.T, s *Informers, l *Loop) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
		s.Wait()
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func configMaps(s *Informers, c *clienttest.Clientset) *Informer {
	return s.Get("configmaps", func() cache.SharedIndexInformer {
		return informers.NewSharedInformerFactory(c, 0).Core().V1().ConfigMaps().Informer()
	})
}

func TestLoopSyncsWhatExistsAndWhatChanges(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset(configMap("a", "5"))
	s := &Informers{}
	i := configMaps(s, c)
	if configMaps(s, c) != i || s.Find("configmaps") != i || s.Find("x") != nil || len(s.All()) != 1 {
		t.Error("an informer is made once per name")
	}
	l := NewLoop("loop", nil, s)
	l.WatchKeys(i)
	var mu sync.Mutex
	seen := map[string]int{}
	l.Sync = func(_ context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		seen[key]++
		return nil
	}
	start(t, s, l)
	count := func(key string) func() bool {
		return func() bool { mu.Lock(); defer mu.Unlock(); return seen[key] > 0 }
	}
	eventually(t, "a", count("shop/a"))
	if _, err := c.CoreV1().ConfigMaps("shop").Create(t.Context(), configMap("b", "7"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "b", count("shop/b"))
	eventually(t, "handlers at version 7", func() bool { return !i.Behind() && i.Knows(configMap("", "7")) })
	if i.Knows(configMap("", "8")) {
		t.Error("nothing of version 8 has come")
	}
}

func TestLoopWaitsForItsOwnWrites(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset(configMap("a", "5"))
	s := &Informers{}
	i := configMaps(s, c)
	l := NewLoop("loop", nil, s)
	l.WatchKeys(i)
	var mu sync.Mutex
	var states []int // how many objects each sync of a saw
	l.Sync = func(ctx context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		if key != "shop/a" {
			return nil
		}
		states = append(states, len(i.GetStore().List()))
		if n := len(states); n <= 3 {
			made, err := c.CoreV1().ConfigMaps("shop").Create(ctx, configMap("made"+strconv.Itoa(n), strconv.Itoa(5+n)), metav1.CreateOptions{})
			if err != nil {
				return err
			}
			l.Wrote(key, i, made)
			l.Queue.Add(key) // at once, before the informer can know
		}
		return nil
	}
	start(t, s, l)
	eventually(t, "four syncs", func() bool { mu.Lock(); defer mu.Unlock(); return len(states) >= 4 })
	for n, saw := range states {
		if saw != n+1 {
			t.Errorf("sync %d saw %d objects, want %d", n, saw, n+1)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"shop/a", "node-1"} {
		ns, name := Split(key)
		if got := Key(&metav1.ObjectMeta{Namespace: ns, Name: name}); got != key {
			t.Errorf("%q became %q", key, got)
		}
	}
}
