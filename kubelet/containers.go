package kubelet

import (
	"context"
	"fmt"
	"path"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/container"
)

// Back-off of a container that ends again and again: none before the first restart, then doubling;
// a run of resetAfter makes it forget.
const (
	crashBackoff    = 10 * time.Second
	maxCrashBackoff = 5 * time.Minute
	resetAfter      = 2 * maxCrashBackoff
)

// run is one container of a pod over all its runs.
type run struct {
	handle   container.Handle // the present run, or the last
	begun    <-chan struct{}  // closed when its postStart handler is through; nil: it has none
	restarts int32
	last     *corev1.ContainerStateTerminated // the run before
	waiting  *corev1.ContainerStateWaiting    // why it does not run, if there is more to say than "not yet"
	backoff  time.Duration                    // the pause after the next end
	since    time.Time                        // the end that the pause counts from
	told     time.Time                        // the end for which a BackOff event was written
	probes   probes
	said     string // the last failure reported, so that it is said once
	// lastWords is what the container said of the end of the present run; nil: not read yet.
	lastWords *string
	pulling   *pulling
}

func newRuns(containers []corev1.Container) []run { return make([]run, len(containers)) }

// running says whether the container has started and not ended.
func (r *run) running() bool {
	if r.handle == nil {
		return false
	}
	_, over := r.handle.Exit()
	return !over
}

// kill ends the present run at once, if there is one.
func (r *run) kill() {
	if r.running() {
		r.handle.Kill()
	}
}

// over is the end of the present run; ok is false while it runs or if it never started.
func (r *run) over() (e container.Exit, ok bool) {
	if r.handle == nil {
		return container.Exit{}, false
	}
	return r.handle.Exit()
}

// alive says whether any container of the pod runs.
func (p *pod) alive() bool {
	for _, list := range [][]run{p.init, p.main, p.extra} {
		for i := range list {
			if list[i].running() {
				return true
			}
		}
	}
	return false
}

// sidecar says whether an init container is meant to go on running.
func sidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// runContainers starts what is to run: init containers one after the other, then all others.
func (k *Kubelet) runContainers(ctx context.Context, p *pod, object *corev1.Pod, now time.Time) []wish {
	var wishes []wish
	k.runEphemeral(ctx, p, object, now, &wishes)
	for i := range p.init {
		c, r := &object.Spec.InitContainers[i], &p.init[i]
		if p.mainBegan() && !sidecar(c) {
			continue // init containers do not run again
		}
		k.keepRunning(ctx, p, object, c, r, true, now, &wishes)
		e, over := r.over()
		switch {
		case sidecar(c):
			if !r.running() || r.starting() || !k.started(r, c) {
				return wishes
			}
		case !over || e.Code != 0:
			return wishes // it runs, waits to run again, or has failed the pod
		}
	}
	held := false // by a postStart handler: the next container starts when it is through
	for i := range p.main {
		c, r := &object.Spec.Containers[i], &p.main[i]
		if !held || r.running() {
			k.keepRunning(ctx, p, object, c, r, false, now, &wishes)
		}
		held = held || r.starting()
	}
	return wishes
}

// mainBegan says whether any of the pod's own containers has ever started.
func (p *pod) mainBegan() bool {
	for i := range p.main {
		if p.main[i].handle != nil {
			return true
		}
	}
	return false
}

// restarts says whether a container that ended with this code is started again.
func restarts(object *corev1.Pod, c *corev1.Container, init bool, code int32) bool {
	switch {
	case init && sidecar(c):
		return true
	case init:
		return code != 0 && object.Spec.RestartPolicy != corev1.RestartPolicyNever
	case object.Spec.RestartPolicy == corev1.RestartPolicyNever:
		return false
	case object.Spec.RestartPolicy == corev1.RestartPolicyOnFailure:
		return code != 0
	}
	return true
}

// keepRunning starts a container that has not run, and again one that has ended and may.
func (k *Kubelet) keepRunning(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container, r *run, init bool, now time.Time, wishes *[]wish) {
	if r.starting() {
		return
	}
	if r.running() {
		*wishes = append(*wishes, k.probe(p, object, c, r, now)...)
		return
	}
	if e, over := r.over(); over {
		if !restarts(object, c, init, e.Code) {
			return
		}
		if wait := k.pause(p, object, c, r, e, now); !wait.IsZero() {
			*wishes = append(*wishes, wish{kind: clock.Backoff, at: wait})
			return
		}
	}
	if again := k.pull(object, c, r, now); !again.IsZero() {
		*wishes = append(*wishes, wish{kind: clock.Backoff, at: again})
		return
	}
	if err := k.start(ctx, p, object, c, r, init, now); err != nil {
		*wishes = append(*wishes, wish{kind: clock.Backoff, at: now.Add(syncRetry)})
		return
	}
	if e, over := r.over(); over { // it ended at once: the pause begins at once
		if restarts(object, c, init, e.Code) {
			k.wake(p, reasonSync)
		}
		return
	}
	if !r.starting() {
		*wishes = append(*wishes, k.probe(p, object, c, r, now)...)
	}
}

// pause is until when a container that ended has to wait, or zero if it may start now.
func (k *Kubelet) pause(p *pod, object *corev1.Pod, c *corev1.Container, r *run, e container.Exit, now time.Time) time.Time {
	if !r.since.Equal(e.At) { // an end not seen before
		if e.At.Sub(r.handle.Started()) >= resetAfter {
			r.backoff = 0
		}
		r.since = e.At
	}
	until := e.At.Add(r.backoff)
	if r.backoff == 0 || !now.Before(until) {
		r.waiting = nil
		return time.Time{}
	}
	name := fmt.Sprintf("%s_%s(%s)", p.name, p.namespace, p.uid)
	r.waiting = &corev1.ContainerStateWaiting{
		Reason:  "CrashLoopBackOff",
		Message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", r.backoff, c.Name, name),
	}
	if !r.told.Equal(e.At) {
		r.told = e.At
		k.containerEvent(object, c, corev1.EventTypeWarning, "BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s", c.Name, name))
	}
	return until
}

// start begins a run of a container, with the events that go with it (KUB-52).
func (k *Kubelet) start(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container, r *run, init bool, now time.Time) error {
	again := r.handle != nil
	if again {
		e, _ := r.handle.Exit()
		r.last = k.terminated(object, c, r, e) // before the next run has the file that it is read from
		if err := k.freshRoot(p, object, c); err != nil {
			k.notStarted(object, c, r, "CreateContainerError", err)
			return err
		}
	}
	spec, err := k.spec(ctx, p, object, c, r, init)
	if err != nil {
		k.notStarted(object, c, r, "CreateContainerConfigError", err)
		return err
	}
	handle, err := k.runtime.Start(ctx, spec)
	if err != nil {
		k.notStarted(object, c, r, "CreateContainerError", err)
		return err
	}
	if again {
		r.restarts++
		r.backoff = min(max(2*r.backoff, crashBackoff), maxCrashBackoff)
	}
	r.handle, r.begun, r.waiting, r.said, r.probes, r.pulling, r.lastWords = handle, nil, nil, "", probes{}, nil, nil
	k.publish(p, c.Name, handle, spec.Attempt)
	created, started := k.cfg.Era.ContainerEvents(c.Name)
	k.containerEvent(object, c, corev1.EventTypeNormal, "Created", created)
	if e, over := handle.Exit(); over && e.Reason == container.StartError {
		k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", "Error: "+e.Message)
		return nil
	}
	k.containerEvent(object, c, corev1.EventTypeNormal, "Started", started)
	r.begun = k.postStart(p, object, c, handle)
	if i, ok := handle.(container.Idler); ok && !again && i.Idles() && k.images.reportIdle(c.Image) {
		k.containerEvent(object, c, corev1.EventTypeNormal, "Simulated", idleText(c))
	}
	return nil
}

// freshRoot has a container that is started again begin with its image as it was: what the last run wrote is
// gone, but for its volumes.
func (k *Kubelet) freshRoot(p *pod, object *corev1.Pod, c *corev1.Container) error {
	root, err := k.root.OpenRoot(podDir(p.uid))
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.RemoveAll(path.Join("containers", c.Name, "rootfs")); err != nil {
		return err
	}
	return k.placeContainer(object, root, c)
}

// notStarted reports why a container cannot start, once for each cause.
func (k *Kubelet) notStarted(object *corev1.Pod, c *corev1.Container, r *run, reason string, err error) {
	r.waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: err.Error()}
	if r.said != err.Error() {
		r.said = err.Error()
		k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", "Error: "+err.Error())
	}
}

// containerEvent reports on one container of a pod (KUB-54).
func (k *Kubelet) containerEvent(object *corev1.Pod, c *corev1.Container, kind, reason, message string) {
	list := "containers"
	for i := range object.Spec.InitContainers {
		if &object.Spec.InitContainers[i] == c {
			list = "initContainers"
		}
	}
	for i := range object.Spec.EphemeralContainers {
		if ephemeral(object, i) == c {
			list = "ephemeralContainers"
		}
	}
	k.events.Event(&corev1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: object.Namespace, Name: object.Name, UID: object.UID,
		ResourceVersion: object.ResourceVersion, FieldPath: fmt.Sprintf("spec.%s{%s}", list, c.Name),
	}, kind, reason, message)
}
