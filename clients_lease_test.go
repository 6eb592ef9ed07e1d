package kubemint_test

import (
	"context"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/kubemint/kubemint"
)

// TestLeadersAreElectedByLease: of two candidates one leads, and the other takes over when it lets go.
func TestLeadersAreElectedByLease(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	leading := make(chan string, 4)
	var group sync.WaitGroup
	candidate := func(name string) context.CancelFunc {
		ctx, cancel := context.WithCancel(t.Context())
		lock := &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: "default", Name: "lead"}, Client: r.Admin.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		}
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: lock, LeaseDuration: patience, RenewDeadline: patience / 2, RetryPeriod: 50 * time.Millisecond, ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { leading <- name }, OnStoppedLeading: func() {}},
		})
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() { elector.Run(ctx) })
		return cancel
	}
	stopFirst := candidate("first")
	if got := <-leading; got != "first" {
		t.Fatalf("%s leads", got)
	}
	stopSecond := candidate("second")
	stopFirst()
	if got := <-leading; got != "second" {
		t.Fatalf("%s leads after the first let go", got)
	}
	lease, err := r.Admin.CoordinationV1().Leases("default").Get(t.Context(), "lead", metav1.GetOptions{})
	if err != nil || *lease.Spec.HolderIdentity != "second" || *lease.Spec.LeaseTransitions != 1 {
		t.Errorf("the lease says %+v, %v", lease.Spec, err)
	}
	stopSecond()
	group.Wait()
}
