package kubelet

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// postStart runs a container's handler beside it as it starts. If that fails the container is ended, and
// started again as its pod says.
func (k *Kubelet) postStart(p *pod, object *corev1.Pod, c *corev1.Container, handle container.Handle) {
	if c.Lifecycle == nil || c.Lifecycle.PostStart == nil {
		return
	}
	ctx := k.hooksEnd
	k.hooks.Go(func() {
		if err := k.handler(ctx, p, c, handle, c.Lifecycle.PostStart); err != nil && ctx.Err() == nil {
			k.containerEvent(object, c, corev1.EventTypeWarning, "FailedPostStartHook", "PostStartHook failed")
			k.log.Warn("a postStart handler failed", "pod", p.key(), "container", c.Name, "err", err)
			handle.Kill()
		}
	})
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
		select {
		case <-k.clock.After(time.Duration(h.Sleep.Seconds) * time.Second):
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
