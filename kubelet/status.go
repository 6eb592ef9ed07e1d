package kubelet

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
)

// statusOf is what the node has to say of a pod now. What is others' to say, such as qosClass and
// the condition PodScheduled, stays as the object has it.
func (k *Kubelet) statusOf(p *pod, object *corev1.Pod, now time.Time) *corev1.PodStatus {
	old := &object.Status
	if p.sent != nil {
		old = p.sent
	}
	s := old.DeepCopy()
	s.QOSClass = object.Status.QOSClass
	s.HostIP = k.cfg.Address.String()
	s.HostIPs = []corev1.HostIP{{IP: s.HostIP}}
	started := second(p.started)
	s.StartTime = &started
	if p.placed && p.ip != "" {
		s.PodIP = p.ip
		s.PodIPs = []corev1.PodIP{{IP: p.ip}}
	}
	if k.cfg.Era.ObservedGeneration() {
		s.ObservedGeneration = object.Generation
	}
	waiting := "ContainerCreating"
	if len(p.init) > 0 && !k.initialized(p, object) {
		waiting = "PodInitializing"
	}
	s.InitContainerStatuses = k.containerStatuses(object, object.Spec.InitContainers, p.init, true, waiting)
	s.ContainerStatuses = k.containerStatuses(object, object.Spec.Containers, p.main, false, waiting)
	s.EphemeralContainerStatuses = k.ephemeralStatuses(p, object)
	s.Phase = k.phase(p, object)
	if ended(old.Phase) {
		s.Phase = old.Phase // KUB-50: for good
	}
	if p.failure != nil && !p.alive() {
		s.Phase, s.Reason, s.Message = corev1.PodFailed, p.failure.reason, p.failure.message
	}
	s.Conditions = k.conditions(p, object, s, old, now)
	return s
}

// phase is KUB-50.
func (k *Kubelet) phase(p *pod, object *corev1.Pod) corev1.PodPhase {
	for i := range p.init {
		c := &object.Spec.InitContainers[i]
		e, over := p.init[i].over()
		if over && !sidecar(c) && e.Code != 0 && !restarts(object, c, true, e.Code) {
			return corev1.PodFailed
		}
	}
	if !k.initialized(p, object) {
		return corev1.PodPending
	}
	var never, stopped, failed, again int
	for i := range p.main {
		c := &object.Spec.Containers[i]
		e, over := p.main[i].over()
		switch {
		case p.main[i].handle == nil, p.main[i].starting() && p.main[i].last == nil:
			never++
		case over && !p.stopping && restarts(object, c, false, e.Code):
			again++
		case over:
			stopped++
			if e.Code != 0 {
				failed++
			}
		}
	}
	switch {
	case never > 0:
		return corev1.PodPending
	case stopped < len(p.main) || again > 0:
		return corev1.PodRunning
	case failed > 0:
		return corev1.PodFailed
	}
	return corev1.PodSucceeded
}

// initialized says whether all init containers have done their work, or begun it if they are meant
// to go on.
func (k *Kubelet) initialized(p *pod, object *corev1.Pod) bool {
	if p.mainBegan() {
		return true
	}
	for i := range p.init {
		c, r := &object.Spec.InitContainers[i], &p.init[i]
		if sidecar(c) {
			if r.starting() || !k.started(r, c) {
				return false
			}
			continue
		}
		if e, over := r.over(); !over || e.Code != 0 {
			return false
		}
	}
	return true
}

func (k *Kubelet) containerStatuses(object *corev1.Pod, containers []corev1.Container, runs []run, init bool, waiting string) []corev1.ContainerStatus {
	if len(containers) == 0 {
		return nil
	}
	out := make([]corev1.ContainerStatus, len(containers))
	for i := range containers {
		c, r, s := &containers[i], &runs[i], &out[i]
		starting := r.starting()
		started := k.started(r, c) && !starting
		*s = corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, RestartCount: r.restarts, Started: &started, Ready: k.ready(r, c) && !starting,
		}
		if k.cfg.Era.MountStatuses() {
			s.VolumeMounts = mountStatuses(c.VolumeMounts)
		}
		if r.last != nil {
			s.LastTerminationState.Terminated = r.last
		}
		e, over := r.over()
		switch {
		case r.handle == nil || starting || over && r.waiting != nil:
			s.State.Waiting = r.waiting
			if r.waiting == nil {
				s.State.Waiting = &corev1.ContainerStateWaiting{Reason: waiting}
			}
			if over { // the run that ended is history while the next one waits
				s.LastTerminationState.Terminated = k.terminated(object, c, r, e)
			}
		case over:
			s.State.Terminated = k.terminated(object, c, r, e)
			s.Ready = init && e.Code == 0
		default:
			s.State.Running = &corev1.ContainerStateRunning{StartedAt: second(r.handle.Started())}
			k.present(object, c, s)
		}
		if r.handle != nil && !starting {
			s.ContainerID = idScheme + r.handle.ID()
			s.Image, s.ImageID = image.Resolve(c.Image)
		}
	}
	return out
}

// present adds what a status says of a container only while it runs: its resources and its user.
func (k *Kubelet) present(object *corev1.Pod, c *corev1.Container, s *corev1.ContainerStatus) {
	if k.cfg.Era.ContainerResourcesStatus() {
		s.Resources = &corev1.ResourceRequirements{Limits: c.Resources.Limits, Requests: c.Resources.Requests}
		s.AllocatedResources = c.Resources.Requests
	}
	if k.cfg.Era.ContainerUserStatus() {
		s.User = &corev1.ContainerUser{Linux: userOf(object, c)}
	}
}

// userOf is whom a container runs as: root, unless its spec or its pod's says otherwise. What an
// image says is unknown here.
func userOf(object *corev1.Pod, c *corev1.Container) *corev1.LinuxContainerUser {
	u := &corev1.LinuxContainerUser{}
	if pod := object.Spec.SecurityContext; pod != nil {
		set(&u.UID, pod.RunAsUser)
		set(&u.GID, pod.RunAsGroup)
		u.SupplementalGroups = append(u.SupplementalGroups, pod.SupplementalGroups...)
		if pod.FSGroup != nil {
			u.SupplementalGroups = append(u.SupplementalGroups, *pod.FSGroup)
		}
	}
	if own := c.SecurityContext; own != nil {
		set(&u.UID, own.RunAsUser)
		set(&u.GID, own.RunAsGroup)
	}
	u.SupplementalGroups = append(u.SupplementalGroups, u.GID)
	slices.Sort(u.SupplementalGroups)
	u.SupplementalGroups = slices.Compact(u.SupplementalGroups)
	return u
}

func set(to *int64, value *int64) {
	if value != nil {
		*to = *value
	}
}

func mountStatuses(mounts []corev1.VolumeMount) []corev1.VolumeMountStatus {
	var out []corev1.VolumeMountStatus
	for _, m := range mounts {
		s := corev1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
		if m.ReadOnly {
			disabled := corev1.RecursiveReadOnlyDisabled
			s.RecursiveReadOnly = &disabled
		}
		out = append(out, s)
	}
	return out
}

// terminated is the end of a run as its runtime tells it.
func terminated(h container.Handle, e container.Exit) *corev1.ContainerStateTerminated {
	reason := e.Reason
	if reason == "" {
		reason = "Completed"
		if e.Code != 0 {
			reason = "Error"
		}
	}
	return &corev1.ContainerStateTerminated{
		ExitCode: e.Code, Reason: reason, Message: e.Message, StartedAt: second(h.Started()), FinishedAt: second(e.At),
		ContainerID: idScheme + h.ID(),
	}
}

// second cuts a time to what the API keeps of it, so that a status compares equal when it comes back.
func second(t time.Time) metav1.Time { return metav1.NewTime(t).Rfc3339Copy() }

// report writes the status if it differs from what was written last, and says whether it stands.
func (k *Kubelet) report(ctx context.Context, p *pod, object *corev1.Pod, status *corev1.PodStatus) bool {
	old := &object.Status
	if p.sent != nil {
		old = p.sent
	}
	if equality.Semantic.DeepEqual(old, status) {
		return true
	}
	patch, err := statusPatch(p.uid, old, status)
	if err != nil {
		k.log.Error("cannot write a pod's status", "pod", p.key(), "err", err)
		return false
	}
	_, err = k.client.CoreV1().Pods(p.namespace).Patch(ctx, p.name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	switch {
	case err == nil:
		p.sent = status
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// The object is gone, or another one bears its name: the watch will say so.
	case ctx.Err() != nil:
	default:
		k.log.Error("cannot write a pod's status", "pod", p.key(), "err", err)
		return false
	}
	return true
}

// statusPatch is the change from old to status, for the pod of this uid alone.
func statusPatch(uid types.UID, old, status *corev1.PodStatus) ([]byte, error) {
	before, err := json.Marshal(corev1.Pod{Status: *old})
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}, Status: *status})
	if err != nil {
		return nil, err
	}
	return strategicpatch.CreateTwoWayMergePatch(before, after, corev1.Pod{})
}
