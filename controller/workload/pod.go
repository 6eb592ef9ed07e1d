package workload

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// NewPod makes a pod of a template, owned by owner and named after it by the server.
func NewPod(t *corev1.PodTemplateSpec, owner metav1.Object, kind schema.GroupVersionKind) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       owner.GetNamespace(),
			GenerateName:    Prefix(owner.GetName()),
			Labels:          maps.Clone(t.Labels),
			Annotations:     maps.Clone(t.Annotations),
			Finalizers:      slices.Clone(t.Finalizers),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner, kind)},
		},
		Spec: *t.Spec.DeepCopy(),
	}
}

// maxPrefix is the longest generateName whose pods can also be host names.
const maxPrefix = 58

// Prefix is the generateName of what belongs to the object called name.
func Prefix(name string) string {
	if len(name)+1 > maxPrefix {
		return name[:maxPrefix]
	}
	return name + "-"
}

// Active says whether a pod still counts as running for its owner.
func Active(p *corev1.Pod) bool {
	return p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed && p.DeletionTimestamp == nil
}

// Terminating says whether a pod is going but has not ended.
func Terminating(p *corev1.Pod) bool {
	return p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed && p.DeletionTimestamp != nil
}

// Condition returns a pod's condition, or nil.
func Condition(p *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == kind {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// Ready says whether a pod is ready.
func Ready(p *corev1.Pod) bool {
	c := Condition(p, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

// Available says whether a pod has been ready for minReady; if it is ready but not for long enough, at is when it will
// have been.
func Available(p *corev1.Pod, minReady time.Duration, now time.Time) (available bool, at time.Time) {
	c := Condition(p, corev1.PodReady)
	if c == nil || c.Status != corev1.ConditionTrue {
		return false, time.Time{}
	}
	at = c.LastTransitionTime.Add(minReady)
	if minReady == 0 || !c.LastTransitionTime.IsZero() && !at.After(now) {
		return true, time.Time{}
	}
	return false, at
}

// Earlier returns the earlier of two moments of which either may be zero, that is: never.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
