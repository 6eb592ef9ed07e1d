package kubelet

import (
	"context"
	"path"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// adopt takes over the containers that an earlier kubelet left running: they keep their identity.
func (k *Kubelet) adopt(ctx context.Context, p *pod, object *corev1.Pod) {
	if object.Status.StartTime == nil {
		return
	}
	p.started = object.Status.StartTime.Time
	if object.Status.PodIP != "" {
		p.ip = object.Status.PodIP
		p.ownIP = k.addresses.keep(p.ip)
		if !ended(object.Status.Phase) {
			k.join(p, object)
		}
	}
	k.adoptClaims(ctx, p, object)
	resume := func(list []run, containers []corev1.Container, statuses []corev1.ContainerStatus, init bool) {
		for i := range statuses {
			for j := range containers {
				if containers[j].Name == statuses[i].Name {
					k.adoptContainer(ctx, p, object, &containers[j], &statuses[i], &list[j], init)
				}
			}
		}
	}
	resume(p.init, object.Spec.InitContainers, object.Status.InitContainerStatuses, true)
	resume(p.main, object.Spec.Containers, object.Status.ContainerStatuses, false)
	resume(p.extra, ephemerals(object), object.Status.EphemeralContainerStatuses, false)
}

// adoptClaims finds the volumes of claims again, without which no container that mounts one can be taken over.
func (k *Kubelet) adoptClaims(ctx context.Context, p *pod, object *corev1.Pod) {
	if ended(object.Status.Phase) || !slices.ContainsFunc(object.Spec.Volumes, func(v corev1.Volume) bool { return volume.Claims(&v) }) {
		return
	}
	root, err := k.openPod(p)
	if err != nil {
		k.log.Error("cannot open a pod's directory", "pod", p.key(), "err", err)
		return
	}
	defer root.Close()
	for i := range object.Spec.Volumes {
		v := &object.Spec.Volumes[i]
		if !volume.Claims(v) || !mounted(object, v.Name) {
			continue
		}
		state := &mountState{}
		p.volumes[v.Name] = state
		if plugin, err := volume.Plugin(v); err == nil && k.links {
			state.disk = k.linked(root, path.Join(volumesDir, plugin, v.Name))
		}
		if err := k.setUp(ctx, p, object, root, v, k.now(), 0, nil); err != nil {
			k.log.Error("cannot find a claim's volume again", "pod", p.key(), "volume", v.Name, "err", err)
		}
	}
}

func (k *Kubelet) adoptContainer(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container, s *corev1.ContainerStatus, r *run, init bool) {
	r.restarts, r.last = s.RestartCount, s.LastTerminationState.Terminated
	switch {
	case s.State.Running != nil:
		spec, err := k.spec(ctx, p, object, c, r, init)
		if err != nil {
			k.log.Error("cannot adopt a running container", "pod", p.key(), "container", c.Name, "err", err)
			return
		}
		spec.Resumed = container.Resumed{ID: idOf(s.ContainerID), Started: s.State.Running.StartedAt.Time}
		spec.Attempt = s.RestartCount
		k.images.keep(c.Image)
		handle, err := k.runtime.Start(ctx, spec)
		if err != nil {
			k.log.Error("cannot adopt a running container", "pod", p.key(), "container", c.Name, "err", err)
			return
		}
		r.handle = handle
	case s.State.Terminated != nil:
		r.handle = endedHandle{s.State.Terminated}
	case r.last != nil:
		r.handle = endedHandle{r.last}
	}
	if r.handle != nil {
		k.publish(p, c.Name, r.handle, s.RestartCount)
	}
	if r.restarts > 0 {
		r.backoff = min(crashBackoff<<min(r.restarts-1, 5), maxCrashBackoff)
	}
}

// endedHandle is a run of which only the status is left.
type endedHandle struct {
	state *corev1.ContainerStateTerminated
}

func (h endedHandle) ID() string         { return idOf(h.state.ContainerID) }
func (h endedHandle) Started() time.Time { return h.state.StartedAt.Time }
func (h endedHandle) Exit() (container.Exit, bool) {
	return container.Exit{Code: h.state.ExitCode, At: h.state.FinishedAt.Time, Reason: h.state.Reason, Message: h.state.Message}, true
}
func (h endedHandle) Stop()                                {}
func (h endedHandle) Kill()                                {}
func (h endedHandle) Probe(container.Probe) (bool, string) { return false, "" }

// idScheme marks container IDs in a status, as containerd:// does on real nodes.
const idScheme = "kubemint://"

func idOf(s string) string {
	if len(s) > len(idScheme) {
		return s[len(idScheme):]
	}
	return s
}
