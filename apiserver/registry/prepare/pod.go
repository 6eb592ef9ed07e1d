package prepare

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func createPod(c Context, p *corev1.Pod) {
	p.Generation = 1
	mergeLabelKeys(p)
	p.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: QOSClass(p)}
	if len(p.Spec.SchedulingGates) > 0 {
		p.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated,
			Message: "Scheduling is blocked due to non-empty scheduling gates", LastTransitionTime: metav1.NewTime(c.Now),
		}}
	}
}

// mergeLabelKeys writes into the selectors what keys of the pod's own labels add to them.
func mergeLabelKeys(p *corev1.Pod) {
	merge := func(s *metav1.LabelSelector, keys []string, op metav1.LabelSelectorOperator) {
		if s == nil { // selects nothing, and stays so
			return
		}
		for _, k := range keys {
			if v, ok := p.Labels[k]; ok {
				s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: k, Operator: op, Values: []string{v}})
			}
		}
	}
	term := func(t *corev1.PodAffinityTerm) {
		merge(t.LabelSelector, t.MatchLabelKeys, metav1.LabelSelectorOpIn)
		merge(t.LabelSelector, t.MismatchLabelKeys, metav1.LabelSelectorOpNotIn)
	}
	terms := func(required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) {
		for i := range preferred {
			term(&preferred[i].PodAffinityTerm)
		}
		for i := range required {
			term(&required[i])
		}
	}
	if a := p.Spec.Affinity; a != nil {
		if a.PodAffinity != nil {
			terms(a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution, a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
		}
		if a.PodAntiAffinity != nil {
			terms(a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution, a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
		}
	}
	for i := range p.Spec.TopologySpreadConstraints {
		t := &p.Spec.TopologySpreadConstraints[i]
		merge(t.LabelSelector, t.MatchLabelKeys, metav1.LabelSelectorOpIn)
	}
}

func updatePod(p, was *corev1.Pod, subresource string) {
	switch subresource {
	case "status":
		p.Spec = was.Spec
		gatePodStatus(&p.Status)
		p.DeletionTimestamp = was.DeletionTimestamp
		p.OwnerReferences = was.OwnerReferences
		if p.Status.QOSClass == "" {
			p.Status.QOSClass = was.Status.QOSClass
		}
		keepObserved(p, was)
		return
	case "ephemeralcontainers":
		ephemeral := p.Spec.EphemeralContainers
		p.Spec, p.Status = was.Spec, was.Status
		metav1.ResetObjectMetaForStatus(&p.ObjectMeta, &was.ObjectMeta)
		p.Spec.EphemeralContainers = ephemeral
	case "resize":
		resize(p, was)
	default:
		p.Status = was.Status
	}
	if !equality.Semantic.DeepEqual(p.Spec, was.Spec) {
		p.Generation = was.Generation + 1
	}
}

// keepObserved keeps the generation a status was made from, if the new status is of a writer that does not know the field.
func keepObserved(p, was *corev1.Pod) {
	if p.Status.ObservedGeneration == 0 {
		p.Status.ObservedGeneration = was.Status.ObservedGeneration
	}
	before := map[corev1.PodConditionType][]int64{} // a list each: a type may come twice
	for _, c := range was.Status.Conditions {
		before[c.Type] = append(before[c.Type], c.ObservedGeneration)
	}
	for i, c := range p.Status.Conditions {
		var g int64
		if list := before[c.Type]; len(list) > 0 {
			g, before[c.Type] = list[0], list[1:]
		}
		if c.ObservedGeneration == 0 {
			p.Status.Conditions[i].ObservedGeneration = g
		}
	}
}

// resize lets resources of containers change and nothing else. Containers that are not the stored ones stay for validation to refuse.
func resize(p, was *corev1.Pod) {
	s := &p.Spec
	if len(s.Containers) != len(was.Spec.Containers) || len(s.InitContainers) != len(was.Spec.InitContainers) {
		return
	}
	containers := resized(s.Containers, was.Spec.Containers)
	initContainers := resized(s.InitContainers, was.Spec.InitContainers)
	whole := s.Resources
	p.Spec, p.Status = was.Spec, was.Status
	metav1.ResetObjectMetaForStatus(&p.ObjectMeta, &was.ObjectMeta)
	s.Containers, s.InitContainers, s.Resources = containers, initContainers, whole
}

func resized(now, was []corev1.Container) []corev1.Container {
	if len(now) == 0 {
		return now
	}
	merged := make([]corev1.Container, len(was))
	copy(merged, was)
	for i, c := range now {
		if merged[i].Name != c.Name {
			return now
		}
		merged[i].Resources, merged[i].ResizePolicy = c.Resources, c.ResizePolicy
	}
	return merged
}
