package kubelet

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

func TestDeletionLeavesNothingBehindKUB55(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, command string
		wait          bool // for the grace period
		code          int32
	}{
		{"a container that heeds TERM", "[nginx]", false, 0},
		{"a container that does not", "[sleep, infinity]", true, 137},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run()
			p := b.pod("app", "containers: [{name: c, image: x, command: "+tc.command+"}]")
			p = b.running(p.Name)
			var last *corev1.PodStatus
			p = p.DeepCopy()
			now := metav1.NewTime(b.clock.Now().Add(30 * time.Second))
			grace := int64(30)
			p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &now, &grace
			if err := b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), p, "default"); err != nil {
				t.Fatal(err)
			}
			b.wantEvent("Normal|Killing|spec.containers{c}|Stopping container c")
			if tc.wait {
				b.quiet()
				if next := b.clock.Upcoming(1, clock.Grace); len(next) != 1 || next[0].At.Sub(b.clock.Now()) != 30*time.Second {
					t.Errorf("the grace period: %+v", next)
				}
				b.read("pods/uid-app", access, "token")
				b.advance(30 * time.Second)
			}
			b.eventually("deletion", func() bool {
				p, err := b.api.CoreV1().Pods("default").Get(context.Background(), "app", metav1.GetOptions{})
				if err == nil {
					last = &p.Status
				}
				return err != nil
			})
			b.quiet()
			b.mu.Lock()
			deletes := b.deletes
			b.mu.Unlock()
			if diff := cmp.Diff(deletes, []string{"delete app uid=uid-app grace=0"}); diff != "" {
				t.Errorf("deletes (-got +want):\n%s", diff)
			}
			b.eventually("nothing on disk", func() bool {
				entries, err := os.ReadDir(b.path("pods"))
				names, _ := os.ReadDir(b.path("pods/by-name"))
				return err == nil && len(entries) == 1 && len(names) == 0
			})
			if tc.wait && last != nil && last.ContainerStatuses[0].State.Terminated != nil {
				if e := last.ContainerStatuses[0].State.Terminated; e.ExitCode != tc.code || last.Phase != corev1.PodFailed {
					t.Errorf("last words %+v, phase %s", e, last.Phase)
				}
			}
			if n := b.node.tokens.Len(); n != 0 {
				t.Errorf("%d tokens are left in the cache (KUB-6)", n)
			}
			if got := b.node.Informers(); len(got) != 1 {
				t.Errorf("watches are left: %v", got)
			}
		})
	}
}

func TestForcedDeletionKillsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: x, command: [sleep, infinity]}]")
	b.running("app")
	if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "default", "app"); err != nil {
		t.Fatal(err)
	}
	b.eventually("nothing on disk", func() bool {
		_, err := os.Lstat(b.path("pods/uid-app"))
		return os.IsNotExist(err)
	})
	b.quiet()
	if len(b.deletes) != 0 {
		t.Errorf("the object that is gone was deleted: %v", b.deletes)
	}
	if len(b.clock.Upcoming(0)) != 0 {
		t.Errorf("deadlines are left: %+v", b.clock.Upcoming(0))
	}
}

func TestActiveDeadlineEndsThePod(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{activeDeadlineSeconds: 60, containers: [{name: c, image: x}]}`)
	b.running("app")
	b.advance(time.Minute)
	s := b.phase("app", corev1.PodFailed).Status
	if s.Reason != "DeadlineExceeded" || s.Message != "Pod was active on the node longer than the specified deadline" {
		t.Errorf("%s: %s", s.Reason, s.Message)
	}
}

func TestNothingIsLeftAfterManyPods(t *testing.T) {
	// Not parallel: it counts goroutines.
	b := newBench(t)
	b.run()
	b.pod("first", "containers: [{name: c, image: x}]")
	b.running("first")
	goroutines := runtime.NumGoroutine()
	const many = 200
	for i := range many { // one by one: the simulated API panics when a watch lags behind
		b.pod(fmt.Sprint("p", i), "containers: [{name: c, image: x}]")
		b.running(fmt.Sprint("p", i))
	}
	if n := runtime.NumGoroutine() - goroutines; n > 5 {
		t.Errorf("%d pods at rest cost %d goroutines", many, n)
	}
	for i := range many {
		if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "default", fmt.Sprint("p", i)); err != nil {
			t.Fatal(err)
		}
		b.eventually("its directory is gone", func() bool {
			_, err := os.Lstat(b.path("pods", fmt.Sprint("uid-p", i)))
			return os.IsNotExist(err)
		})
	}
	b.eventually("one pod on disk", func() bool {
		entries, err := os.ReadDir(b.path("pods"))
		return err == nil && len(entries) == 2
	})
	b.quiet()
	if n := b.node.tokens.Len(); n != 1 {
		t.Errorf("%d tokens", n)
	}
	if n := len(b.clock.Upcoming(0)); n != 1 {
		t.Errorf("%d deadlines", n)
	}
	if n := runtime.NumGoroutine() - goroutines; n > 5 {
		t.Errorf("%d goroutines are left", n)
	}
}
