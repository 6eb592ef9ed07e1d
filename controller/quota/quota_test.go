package quota

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	clienttesting "k8s.io/client-go/testing"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

const key = "shop/q"

// crowded is a loop over one quota and one pod, whose writes are refused by onWrite as long as that returns true: somebody else was quicker.
func crowded(t *testing.T, onWrite func() bool) (*Controller, *clienttest.Clientset) {
	t.Helper()
	hard := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("5")}
	api := clienttest.NewClientset(
		&corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "q"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "p"}})
	api.PrependReactor("update", "resourcequotas", func(clienttesting.Action) (bool, runtime.Object, error) {
		if onWrite() {
			return true, nil, apierrors.NewConflict(corev1.Resource("resourcequotas"), "q", errors.New("somebody was quicker"))
		}
		return false, nil, nil
	})
	return New(work.Env{Informers: &work.Informers{}, Factory: informers.NewSharedInformerFactory(api, 0), Client: api, Clock: clock.New(clock.Config{})}, nil), api
}

func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// A quota that could not be written because somebody else was quicker is still to be counted, and said to be.
func TestAConflictIsPending(t *testing.T) {
	t.Parallel()
	var conflicts atomic.Int32
	c, api := crowded(t, func() bool { return conflicts.Add(1) < 5 })
	run(t, func(ctx context.Context) error {
		err := c.Run(ctx)
		c.Informers.Wait()
		return err
	})
	eventually(t, "a conflict", func() bool { return conflicts.Load() > 0 })
	eventually(t, "more of them", func() bool {
		pending, n := c.Pending(), conflicts.Load()
		if n < 5 && len(pending) == 0 {
			t.Error("nothing is pending")
			return true
		}
		return n >= 5
	})
	eventually(t, "the status", func() bool {
		q, err := api.CoreV1().ResourceQuotas("shop").Get(t.Context(), "q", metav1.GetOptions{})
		used := q.Status.Used[corev1.ResourcePods]
		return err == nil && used.Value() == 1
	})
	eventually(t, "an end of the work", func() bool { return len(c.Pending()) == 0 })
}

// Something goes while a gentle count is being written, which then fails: the next count is not gentle.
func TestAGentleCountThatFailsForgetsNoOther(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ first, meanwhile, want bool }{
		"gone meanwhile": {first: true, meanwhile: false, want: false},
		"come meanwhile": {first: true, meanwhile: true, want: true},
		"gone before":    {first: false, meanwhile: true, want: false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c *Controller
			c, _ = crowded(t, func() bool {
				c.ask(key, tt.meanwhile)
				return true
			})
			run(t, func(ctx context.Context) error { // the informers alone
				c.Informers.Start(ctx, c.ResourceQuotas(), c.Env.Pods())
				<-ctx.Done()
				c.Informers.Wait()
				return nil
			})
			eventually(t, "what is there", func() bool {
				gentle, asked := c.gentleFor(key)
				return asked && !gentle && c.Env.Pods().HasSynced()
			})
			c.asked(key)
			c.note(key, tt.first)
			if err := c.sync(t.Context(), key); !apierrors.IsConflict(err) {
				t.Errorf("%v, want a conflict", err)
			}
			if got := c.asked(key); got != tt.want {
				t.Errorf("the next is gentle: %v, want %v", got, tt.want)
			}
		})
	}
}

func (c *Controller) gentleFor(key string) (gentle, asked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gentle, asked = c.gentle[key]
	return gentle, asked
}

// What is served is asked once, for kinds that are not as well.
func TestKindsThatAreNotServedAreRemembered(t *testing.T) {
	t.Parallel()
	c, api := crowded(t, func() bool { return false })
	api.Resources = []*metav1.APIResourceList{{GroupVersion: "apps/v1", APIResources: []metav1.APIResource{
		{Name: "deployments", Namespaced: true, Kind: "Deployment", Verbs: metav1.Verbs{"create", "delete", "list", "watch"}}}}}
	for range 3 {
		for gr, want := range map[schema.GroupResource]bool{{Group: "apps", Resource: "deployments"}: true, {Group: "example.com", Resource: "widgets"}: false} {
			if gvr, served, err := c.source.resource(gr); err != nil || served != want || served && gvr.Version != "v1" {
				t.Errorf("%v: %v %v %v", gr, gvr, served, err)
			}
		}
	}
	asked := 0
	for _, a := range api.Actions() {
		if a.Matches("get", "group") {
			asked++
		}
	}
	if asked > 2 {
		t.Errorf("asked %d times", asked)
	}
}
