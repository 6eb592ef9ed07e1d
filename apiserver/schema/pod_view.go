package schema

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podView is a pod in the few words of a table row.
type podView struct {
	status            string
	ready, containers int
	restartView
}

// restartView counts restarts and remembers the latest.
type restartView struct {
	restarts    int
	lastRestart metav1.Time
}

func (r *restartView) add(c *corev1.ContainerStatus) {
	r.restarts += int(c.RestartCount)
	if ended := c.LastTerminationState.Terminated; ended != nil && r.lastRestart.Before(&ended.FinishedAt) {
		r.lastRestart = ended.FinishedAt
	}
}

// viewPod sums a pod up by the rules of API-198 and API-199.
func viewPod(pod *corev1.Pod) podView {
	v := podView{
		status:     orElse(pod.Status.Reason, string(pod.Status.Phase)),
		containers: len(pod.Spec.Containers),
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated {
			v.status = corev1.PodReasonSchedulingGated
		}
	}
	sidecars := map[string]bool{}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			sidecars[c.Name] = true
			v.containers++
		}
	}
	sidecarRestarts, initializing := v.viewInit(pod, sidecars)
	if !initializing || podCondition(pod, corev1.PodInitialized) == corev1.ConditionTrue {
		// From here on the restarts of ordinary init containers are history.
		v.restartView = sidecarRestarts
		v.viewMain(pod)
	}
	if pod.DeletionTimestamp != nil {
		finished := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		switch {
		case pod.Status.Reason == "NodeLost":
			v.status = "Unknown"
		case !finished:
			v.status = "Terminating"
		}
	}
	return v
}

// viewInit looks at the init containers up to the first that is not through. It returns the restarts
// of sidecars and whether the pod is held up.
func (v *podView) viewInit(pod *corev1.Pod, sidecars map[string]bool) (sidecarRestarts restartView, initializing bool) {
	for i := range pod.Status.InitContainerStatuses {
		c := &pod.Status.InitContainerStatuses[i]
		v.add(c)
		if sidecars[c.Name] {
			sidecarRestarts.add(c)
		}
		ended, waiting := c.State.Terminated, c.State.Waiting
		switch {
		case ended != nil && ended.ExitCode == 0:
			continue
		case sidecars[c.Name] && c.Started != nil && *c.Started:
			if c.Ready {
				v.ready++
			}
			continue
		case ended != nil:
			v.status = "Init:" + endReason(ended)
		case waiting != nil && waiting.Reason != "" && waiting.Reason != "PodInitializing":
			v.status = "Init:" + waiting.Reason
		default:
			v.status = fmt.Sprintf("Init:%d/%d", i, len(pod.Spec.InitContainers))
		}
		return sidecarRestarts, true
	}
	return sidecarRestarts, false
}

// viewMain looks at the containers, from the last to the first so that the first has the last word.
func (v *podView) viewMain(pod *corev1.Pod) {
	running, failure := false, ""
	for i := len(pod.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := &pod.Status.ContainerStatuses[i]
		v.add(c)
		ended, waiting := c.State.Terminated, c.State.Waiting
		switch {
		case waiting != nil && waiting.Reason != "":
			v.status = waiting.Reason
		case ended != nil:
			v.status = endReason(ended)
			if ended.ExitCode != 0 {
				failure = v.status
			}
		case c.Ready && c.State.Running != nil:
			running = true
			v.ready++
		}
	}
	if v.status != "Completed" {
		return
	}
	switch {
	case running && podCondition(pod, corev1.PodReady) == corev1.ConditionTrue:
		v.status = "Running"
	case failure != "":
		v.status = failure
	case running:
		v.status = "NotReady"
	}
}

// endReason says why a container ended.
func endReason(ended *corev1.ContainerStateTerminated) string {
	switch {
	case ended.Reason != "":
		return ended.Reason
	case ended.Signal != 0:
		return fmt.Sprintf("Signal:%d", ended.Signal)
	}
	return fmt.Sprintf("ExitCode:%d", ended.ExitCode)
}
