package kubelet

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Ephemeral containers are added to a pod that runs, for looking into it. They start when they are there,
// whatever the others do, run once, and count for nothing: not for the pod's phase, nor for its readiness.

// ephemeral is one of a pod's ephemeral containers, as the container that it is.
func ephemeral(object *corev1.Pod, i int) *corev1.Container {
	return (*corev1.Container)(&object.Spec.EphemeralContainers[i].EphemeralContainerCommon)
}

func ephemerals(object *corev1.Pod) []corev1.Container {
	out := make([]corev1.Container, len(object.Spec.EphemeralContainers))
	for i := range out {
		out[i] = *ephemeral(object, i)
	}
	return out
}

// admitEphemeral makes room for those that have come since the pod was looked at last.
func (k *Kubelet) admitEphemeral(p *pod, object *corev1.Pod) {
	more := len(object.Spec.EphemeralContainers) - len(p.extra)
	if more <= 0 {
		return
	}
	p.extra = append(p.extra, make([]run, more)...)
	p.refs = referenced(object)
	k.refs.hold(p, p.refs)
}

// runEphemeral starts those that have never run.
func (k *Kubelet) runEphemeral(ctx context.Context, p *pod, object *corev1.Pod, now time.Time, wishes *[]wish) {
	for i := range p.extra {
		c, r := ephemeral(object, i), &p.extra[i]
		if r.handle != nil || !p.hasVolumes(c) {
			continue
		}
		if err := k.placeEphemeral(p, object, c); err != nil {
			k.log.Error("cannot lay out an ephemeral container's directory", "pod", p.key(), "container", c.Name, "err", err)
			continue
		}
		k.keepRunning(ctx, p, object, c, r, false, now, wishes)
	}
}

// hasVolumes says whether all is there that a container mounts. A volume that none but an ephemeral
// container mounts is set up after the pod has begun.
func (p *pod) hasVolumes(c *corev1.Container) bool {
	for _, m := range c.VolumeMounts {
		if state := p.volumes[m.Name]; state == nil || !state.mounted {
			return false
		}
	}
	return true
}

func (k *Kubelet) placeEphemeral(p *pod, object *corev1.Pod, c *corev1.Container) error {
	root, err := k.openPod(p)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return k.placeContainer(object, root, c)
}

// killEphemeral ends those of a pod whose own containers are done.
func (p *pod) killEphemeral() {
	for i := range p.extra {
		p.extra[i].kill()
	}
}

// ephemeralStatuses is what there is to say of them: they are never ready, and no probe says that they started.
func (k *Kubelet) ephemeralStatuses(p *pod, object *corev1.Pod) []corev1.ContainerStatus {
	out := k.containerStatuses(object, ephemerals(object), p.extra, false, "ContainerCreating")
	for i := range out {
		out[i].Ready, out[i].Started = false, nil
	}
	return out
}
