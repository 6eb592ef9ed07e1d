package kubelet

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

// terminate ends a pod that is being deleted (KUB-55): containers are told and, after the grace
// period, killed; the last status is written; everything on disk goes; only then is the object
// deleted, which is what tells others that the name is free.
func (k *Kubelet) terminate(ctx context.Context, p *pod, object *corev1.Pod, now time.Time) {
	if !p.began && !p.dirGone {
		k.enter(ctx, p, object, now) // found at the start: its containers may still run
	}
	// From when the node hears of it: its clock may be off, and the news late.
	k.stopAll(p, object, now, time.Duration(max(grace(object), 0))*time.Second)
	if p.alive() {
		k.plan(p, nil)
		return
	}
	if p.mainBegan() && !p.dirGone {
		k.report(ctx, p, object, k.statusOf(p, object, now))
	}
	if !p.dirGone {
		k.unmount(p)
		p.unmounted = true
		if err := k.removeDir(p); err != nil {
			k.log.Error("cannot remove a pod's directory", "pod", p.key(), "err", err)
			k.plan(p, []wish{{kind: clock.Backoff, at: now.Add(syncRetry)}})
			return
		}
		p.dirGone = true
	}
	if p.deleted {
		return // finalizers may hold the object: they are others' to take away
	}
	zero, uid := int64(0), p.uid
	err := k.client.CoreV1().Pods(p.namespace).Delete(ctx, p.name, metav1.DeleteOptions{
		GracePeriodSeconds: &zero, Preconditions: &metav1.Preconditions{UID: &uid},
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
		k.log.Error("cannot delete the object of a pod that has ended", "pod", p.key(), "err", err)
		k.plan(p, []wish{{kind: clock.Backoff, at: now.Add(syncRetry)}})
		return
	}
	p.deleted = true
}

// stopAll tells every container to stop, once, and sees to it that the rest is killed when the
// grace period is over. A later and shorter grace period moves that moment forward.
func (k *Kubelet) stopAll(p *pod, object *corev1.Pod, now time.Time, grace time.Duration) {
	if !p.stopping {
		p.stopping = true
		each(p, object, func(c *corev1.Container, r *run) {
			if r.running() {
				k.containerEvent(object, c, corev1.EventTypeNormal, "Killing", "Stopping container "+c.Name)
				k.stop(p, object, c, r.handle, grace)
			}
			r.waiting = nil
		})
	}
	k.mu.Lock()
	old, at := p.graceEnd, p.graceAt
	k.mu.Unlock()
	end := now.Add(max(grace, 0))
	switch {
	case !p.alive():
		if old != nil {
			old.Stop()
		}
	case grace <= 0:
		each(p, object, func(_ *corev1.Container, r *run) { r.kill() })
	case old == nil || end.Before(at):
		if old != nil {
			old.Stop()
		}
		set := k.clock.GraceDeadline(p.what(), grace, func() { k.wake(p, reasonGrace) })
		k.mu.Lock()
		p.graceEnd, p.graceAt = set, end
		k.mu.Unlock()
	}
}

// each visits the containers of a pod: its own first, then init containers from the last on, which
// is the order in which they are stopped.
func each(p *pod, object *corev1.Pod, f func(*corev1.Container, *run)) {
	for i := range p.main {
		f(&object.Spec.Containers[i], &p.main[i])
	}
	for i := len(p.init) - 1; i >= 0; i-- {
		f(&object.Spec.InitContainers[i], &p.init[i])
	}
	for i := range p.extra {
		f(ephemeral(object, i), &p.extra[i])
	}
}

// forget drops a pod whose object is gone. Whatever still runs of it, after a forced deletion, ends
// now; once it has, its files go.
func (k *Kubelet) forget(p *pod) {
	for _, list := range [][]run{p.main, p.init, p.extra} {
		for i := range list {
			list[i].kill()
		}
	}
	k.plan(p, nil)
	if p.alive() {
		return // its end brings us back
	}
	if !p.dirGone {
		k.unmount(p)
		if err := k.removeDir(p); err != nil {
			k.log.Error("cannot remove a pod's directory", "pod", p.key(), "err", err)
			k.plan(p, []wish{{kind: clock.Backoff, at: k.now().Add(syncRetry)}})
			return
		}
		p.dirGone = true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.graceEnd != nil {
		p.graceEnd.Stop()
	}
	delete(k.pods, p.uid)
}
