package kubelet

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// conditions are the pod's conditions in their order (KUB-51). The kubelet owns all but
// PodScheduled and what others have added, which it keeps.
func (k *Kubelet) conditions(p *pod, object *corev1.Pod, s, old *corev1.PodStatus, now time.Time) []corev1.PodCondition {
	var out []corev1.PodCondition
	add := func(kind corev1.PodConditionType, ok bool, reason, message string) {
		c := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: reason, Message: message, LastTransitionTime: second(now)}
		if ok {
			c.Status = corev1.ConditionTrue
		}
		if k.cfg.Era.ObservedGeneration() {
			c.ObservedGeneration = object.Generation
		}
		if before := condition(old.Conditions, kind); before != nil {
			c.LastProbeTime = before.LastProbeTime
			if before.Status == c.Status {
				c.LastTransitionTime = before.LastTransitionTime
			}
		}
		out = append(out, c)
	}
	if k.cfg.Era.ReadyToStartCondition() {
		add(corev1.PodReadyToStartContainers, p.placed && !p.unmounted && (!ended(s.Phase) || p.alive()), "", "")
	}
	reason, message := k.notInitialized(p, object, s)
	add(corev1.PodInitialized, reason == "" || reason == "PodCompleted", reason, message)
	reason, message = k.notReady(p, object, s)
	containersOK := reason == ""
	gate, gateMessage := k.gateClosed(object, s)
	if containersOK && gate {
		add(corev1.PodReady, false, "ReadinessGatesNotReady", gateMessage)
	} else {
		add(corev1.PodReady, containersOK, reason, message)
	}
	add(corev1.ContainersReady, containersOK, reason, message)
	if scheduled := condition(object.Status.Conditions, corev1.PodScheduled); scheduled != nil {
		c := *scheduled
		if k.cfg.Era.ObservedGeneration() {
			c.ObservedGeneration = object.Generation
		}
		out = append(out, c)
	} else {
		add(corev1.PodScheduled, true, "", "")
	}
	for _, c := range object.Status.Conditions {
		if condition(out, c.Type) == nil {
			out = append(out, c)
		}
	}
	return out
}

func condition(list []corev1.PodCondition, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range list {
		if list[i].Type == kind {
			return &list[i]
		}
	}
	return nil
}

// notInitialized is why the pod's init containers are not done, or PodCompleted, or nothing.
func (k *Kubelet) notInitialized(p *pod, object *corev1.Pod, s *corev1.PodStatus) (reason, message string) {
	if s.Phase == corev1.PodSucceeded {
		return "PodCompleted", ""
	}
	if k.initialized(p, object) {
		return "", ""
	}
	if s.Phase == corev1.PodFailed {
		return "PodFailed", ""
	}
	var open []string
	for i := range p.init {
		c, r := &object.Spec.InitContainers[i], &p.init[i]
		if e, over := r.over(); sidecar(c) && !k.started(r, c) || !sidecar(c) && (!over || e.Code != 0) {
			open = append(open, c.Name)
		}
	}
	return "ContainersNotInitialized", fmt.Sprintf("containers with incomplete status: [%s]", strings.Join(open, " "))
}

// notReady is why not all of the pod's containers are ready, or nothing.
func (k *Kubelet) notReady(p *pod, object *corev1.Pod, s *corev1.PodStatus) (reason, message string) {
	switch s.Phase {
	case corev1.PodSucceeded:
		return "PodCompleted", ""
	case corev1.PodFailed:
		return "PodFailed", ""
	}
	var open []string
	for i := range p.init {
		if c := &object.Spec.InitContainers[i]; sidecar(c) && !k.ready(&p.init[i], c) {
			open = append(open, c.Name)
		}
	}
	for i := range p.main {
		if c := &object.Spec.Containers[i]; !k.ready(&p.main[i], c) {
			open = append(open, c.Name)
		}
	}
	if len(open) == 0 {
		return "", ""
	}
	return "ContainersNotReady", fmt.Sprintf("containers with unready status: [%s]", strings.Join(open, " "))
}

// gateClosed says whether a readiness gate of the pod is not yet open.
func (k *Kubelet) gateClosed(object *corev1.Pod, s *corev1.PodStatus) (closed bool, message string) {
	var reasons []string
	for _, g := range object.Spec.ReadinessGates {
		c := condition(object.Status.Conditions, g.ConditionType)
		switch {
		case c == nil:
			reasons = append(reasons, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", g.ConditionType))
		case c.Status != corev1.ConditionTrue:
			reasons = append(reasons, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %s", g.ConditionType, c.Status))
		}
	}
	return len(reasons) > 0, strings.Join(reasons, ", ")
}
