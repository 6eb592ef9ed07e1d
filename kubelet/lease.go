package kubelet

import (
	"context"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The lease of a node (NODE-3), and the housekeeping that goes with its beat.
const (
	leaseSeconds = 40
	leasePeriod  = 10 * time.Second
	prunePeriod  = time.Minute
	leasePause   = 200 * time.Millisecond // wall time before another try
	maxPause     = 7 * time.Second
)

// lease says that the node lives.
type lease struct {
	kubelet *Kubelet

	turn   chan struct{} // holds one token: two renewals must not race for one resourceVersion
	held   *coordinationv1.Lease
	failed bool // the last renewal, which was reported
	poked  chan struct{}

	mu    sync.Mutex
	taken time.Time // cluster time
}

func newLease(k *Kubelet) *lease {
	l := &lease{kubelet: k, turn: make(chan struct{}, 1), poked: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// run renews the lease every ten seconds of cluster time until ctx ends. What else a node does
// regularly hangs on the same beat.
func (l *lease) run(ctx context.Context) {
	k := l.kubelet
	beat := k.clock.NewTicker(leasePeriod)
	defer beat.Stop()
	pruned := k.now()
	pause := leasePause
	for {
		var again <-chan time.Time
		if l.renew(ctx) {
			pause = leasePause
		} else {
			again = time.After(pause) // wall time: the server is away, not late
			pause = min(2*pause, maxPause)
		}
		if now := k.now(); now.Sub(pruned) >= prunePeriod {
			k.tokens.Prune()
			pruned = now
		}
		k.node.refresh(ctx)
		select {
		case <-ctx.Done():
			return
		case <-beat.C():
		case <-again:
		case <-l.poked:
		}
	}
}

// nudge has the next beat come now.
func (l *lease) nudge() {
	select {
	case l.poked <- struct{}{}:
	default:
	}
}

func (l *lease) lastTaken() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken
}

// renew moves the lease's renewTime to now, making the lease if there is none, and reports whether
// it is renewed.
func (l *lease) renew(ctx context.Context) bool {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return false
	}
	defer func() { l.turn <- struct{}{} }()
	err := l.tryRenew(ctx)
	switch {
	case err == nil:
		l.mu.Lock()
		l.taken = l.kubelet.clock.Clock.Now()
		l.mu.Unlock()
	case ctx.Err() == nil && !l.failed: // said once, however long it lasts
		l.kubelet.log.Error("cannot renew the node's lease", "err", err)
	}
	l.failed = err != nil && ctx.Err() == nil
	return err == nil
}

func (l *lease) tryRenew(ctx context.Context) (err error) {
	k := l.kubelet
	api := k.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	for range 5 {
		err = nil
		if l.held == nil {
			l.held, err = api.Get(ctx, k.cfg.NodeName, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				l.held, err = api.Create(ctx, l.object(nil), metav1.CreateOptions{})
				if err == nil {
					return nil
				}
			}
		}
		if err == nil {
			l.held, err = api.Update(ctx, l.object(l.held), metav1.UpdateOptions{})
			if err == nil {
				return nil
			}
		}
		l.held = nil
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return err
}

// object is the lease as it is to be, by what it was.
func (l *lease) object(old *coordinationv1.Lease) *coordinationv1.Lease {
	k := l.kubelet
	now := metav1.NewMicroTime(k.now())
	seconds := int32(leaseSeconds)
	fresh := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{
		Name: k.cfg.NodeName, Namespace: corev1.NamespaceNodeLease,
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: k.cfg.NodeName, UID: k.node.uid}},
	}}
	if old != nil {
		fresh = old.DeepCopy()
	}
	fresh.Spec.HolderIdentity = &k.cfg.NodeName
	fresh.Spec.LeaseDurationSeconds = &seconds
	fresh.Spec.RenewTime = &now
	return fresh
}
