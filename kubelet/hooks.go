package kubelet

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// postStart runs a container's handler beside it as it starts. What it returns is closed when the handler is through; nil: there is none.
// Until then the container counts as being created, as on a real node. If the handler fails the container is ended like one that is told
// to stop, and started again as its pod says.
func (k *Kubelet) postStart(p *pod, object *corev1.Pod, c *corev1.Container, handle container.Handle) <-chan struct{} {
	if c.Lifecycle == nil || c.Lifecycle.PostStart == nil {
		return nil
	}
	begun, ctx := make(chan struct{}), k.hooksEnd
	k.hooks.Go(func() {
		err := k.handler(ctx, p, c, handle, c.Lifecycle.PostStart)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			close(begun)
			k.wake(p, reasonSync)
		default: // it never counts as begun, and its end wakes the pod
			k.containerEvent(object, c, corev1.EventTypeWarning, "FailedPostStartHook", "PostStartHook failed")
			k.log.Warn("a postStart handler failed", "pod", p.key(), "container", c.Name, "err", err)
			if _, over := handle.Exit(); !over {
				k.containerEvent(object, c, corev1.EventTypeNormal, "Killing", "FailedPostStartHook")
				k.end(p, object, c, handle)
			}
		}
	})
	return begun
}

// starting says whether the container runs and its postStart handler is not through.
func (r *run) starting() bool {
	if r.begun == nil || !r.running() {
		return false
	}
	select {
	case <-r.begun:
		return false
	default:
		return true
	}
}

// end tells a container to end, and kills it when the pod's time for that is over.
func (k *Kubelet) end(p *pod, object *corev1.Pod, c *corev1.Container, handle container.Handle) {
	k.stop(p, object, c, handle, podGrace(object))
	if _, over := handle.Exit(); !over {
		k.clock.GraceDeadline("container "+c.Name+" of pod "+p.key(), podGrace(object), handle.Kill)
	}
}

// stop tells a container to end, after its preStop handler has run or the pod's time for that is over.
func (k *Kubelet) stop(p *pod, object *corev1.Pod, c *corev1.Container, handle container.Handle, grace time.Duration) {
	if c.Lifecycle == nil || c.Lifecycle.PreStop == nil || grace <= 0 {
		handle.Stop()
		return
	}
	k.hooks.Go(func() {
		ctx, cancel := context.WithCancel(k.hooksEnd)
		defer cancel()
		late := k.clock.GraceDeadline("preStop of container "+c.Name+" of pod "+p.key(), grace, cancel)
		defer late.Stop()
		if err := k.handler(ctx, p, c, handle, c.Lifecycle.PreStop); err != nil && ctx.Err() == nil {
			k.containerEvent(object, c, corev1.EventTypeWarning, "FailedPreStopHook", "PreStopHook failed")
			k.log.Warn("a preStop handler failed", "pod", p.key(), "container", c.Name, "err", err)
		}
		handle.Stop()
	})
}

// handler runs what a pod's spec says about a moment of a container's life. It ends with ctx, or with the
// container.
func (k *Kubelet) handler(ctx context.Context, p *pod, c *corev1.Container, handle container.Handle, h *corev1.LifecycleHandler) error {
	switch {
	case h.Exec != nil:
		x, ok := handle.(container.Execer)
		if !ok {
			return nil // nothing runs in it that could be told
		}
		code, err := x.Exec(ctx, container.Exec{Command: h.Exec.Command})
		if err == nil && code != 0 {
			err = fmt.Errorf("command %q exited with %d", h.Exec.Command, code)
		}
		return err
	case h.Sleep != nil:
		over := make(chan struct{}) // not held up by a paused clock, and a stop of one that is advanced
		late := k.clock.GraceDeadline("sleep of container "+c.Name+" of pod "+p.key(), time.Duration(h.Sleep.Seconds)*time.Second, func() { close(over) })
		defer late.Stop()
		select {
		case <-over:
		case <-ctx.Done():
		}
		return nil
	case h.HTTPGet != nil:
		probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: h.HTTPGet}, TimeoutSeconds: 10}
		if ok, said := k.check(p, c, &run{handle: handle}, probe); !ok {
			return fmt.Errorf("%s", said)
		}
	}
	return nil
}
