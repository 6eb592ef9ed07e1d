package kubelet

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/token"
)

// syncRetry is when a pod whose containers could not be set up, or whose status could not be
// written, is tried again (KUB-8).
const syncRetry = 10 * time.Second

// reason is why a pod is looked at.
type reason uint8

const (
	reasonSync    reason = 1 << iota // its object changed, a deadline has come, a container ended
	reasonContent                    // a ConfigMap or Secret that it projects has changed
	reasonGrace                      // its grace period is over
)

func (k *Kubelet) wake(p *pod, why reason) {
	k.mu.Lock()
	p.reasons |= why
	k.mu.Unlock()
	k.queue.add(p)
}

// wakeAll has every pod looked at.
func (k *Kubelet) wakeAll() {
	k.mu.Lock()
	pods := slices.Collect(maps.Values(k.pods))
	k.mu.Unlock()
	for _, p := range pods {
		k.wake(p, reasonSync)
	}
}

// referenceChanged has pods apply a changed ConfigMap or Secret at their next periodic sync
// (KUB-30), which is 60 to 90 seconds from the last.
func (k *Kubelet) referenceChanged(users []*pod) {
	for _, p := range users {
		k.wake(p, reasonContent)
	}
}

// sync brings one pod in line with its newest object. It is called by one worker at a time for a
// pod.
func (k *Kubelet) sync(ctx context.Context, p *pod) {
	k.mu.Lock()
	object, gone, why := p.object, p.gone, p.reasons
	p.reasons = 0
	k.mu.Unlock()
	now := k.now()
	if why&reasonGrace != 0 && p.began {
		each(p, object, func(_ *corev1.Container, r *run) { r.kill() })
	}
	switch {
	case gone:
		k.forget(p)
	case object.DeletionTimestamp != nil:
		k.terminate(ctx, p, object, now)
	case ended(object.Status.Phase) && !p.began:
		// Found ended at the start: nothing runs and nothing is mounted.
		p.unmounted = true
		k.unmount(p)
	case why == reasonContent && p.began:
		k.plan(p, append(p.wishes, wish{kind: clock.Other, at: p.schedule.After(now), planned: true}))
	default:
		k.run(ctx, p, object, now)
	}
}

// run syncs a pod that is to live, or that ends by itself.
func (k *Kubelet) run(ctx context.Context, p *pod, object *corev1.Pod, now time.Time) {
	jitter := k.enter(ctx, p, object, now)
	k.checkFailure(p, object, now)
	var wishes []wish
	switch {
	case p.failure != nil:
		k.stopAll(p, object, now, podGrace(object))
	case !p.unmounted:
		var mounted bool
		if mounted, wishes = k.mount(ctx, p, object, now, jitter); mounted || p.placed {
			wishes = append(wishes, k.runContainers(ctx, p, object, now)...)
		}
		if s := object.Spec.ActiveDeadlineSeconds; s != nil {
			wishes = append(wishes, wish{kind: clock.Other, at: p.started.Add(time.Duration(*s) * time.Second)})
		}
	}
	status := k.statusOf(p, object, now)
	if ended(status.Phase) {
		p.killEphemeral()
	}
	if ended(status.Phase) && !p.alive() {
		p.unmounted = true
		wishes = nil
		k.unmount(p)
	}
	if !k.report(ctx, p, object, status) {
		wishes = append(wishes, wish{kind: clock.Backoff, at: now.Add(syncRetry)})
	}
	k.plan(p, wishes)
}

// enter begins a pod's life on this node, or goes on with it, and returns this sync's jitter.
func (k *Kubelet) enter(ctx context.Context, p *pod, object *corev1.Pod, now time.Time) time.Duration {
	if !p.began {
		p.began = true
		p.started = now
		p.schedule = token.Begin(k.seedOf(p), now)
		p.volumes = map[string]*mountState{}
		p.init = newRuns(object.Spec.InitContainers)
		p.main = newRuns(object.Spec.Containers)
		p.refs = referenced(object)
		k.refs.hold(p, p.refs)
		k.admitEphemeral(p, object)
		k.adopt(ctx, p, object)
		return p.schedule.Pass(now)
	}
	k.admitEphemeral(p, object)
	jitter := p.schedule.Pass(now)
	if p.planned.IsZero() || now.Before(p.planned) {
		p.schedule.Restart(now) // a sync with a reason of its own: the next follows a period later
	}
	return jitter
}

// checkFailure fails a pod that has lived as long as it may, or whose object says that it failed.
func (k *Kubelet) checkFailure(p *pod, object *corev1.Pod, now time.Time) {
	if p.failure != nil {
		return
	}
	if object.Status.Phase == corev1.PodFailed && p.alive() {
		p.failure = &podFailure{object.Status.Reason, object.Status.Message}
		return
	}
	s := object.Spec.ActiveDeadlineSeconds
	if s != nil && !now.Before(p.started.Add(time.Duration(*s)*time.Second)) && (p.alive() || !p.placed) {
		p.failure = &podFailure{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"}
		k.events.Event(object, corev1.EventTypeNormal, p.failure.reason, p.failure.message)
	}
}
