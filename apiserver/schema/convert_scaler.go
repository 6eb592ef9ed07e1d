package schema

import (
	"encoding/json"
	"maps"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Version 1 of an autoscaler has a field for one thing to aim at, the CPU. All else that version 2 can say is in annotations there.
const (
	metricsNote    = "autoscaling.alpha.kubernetes.io/metrics"
	currentNote    = "autoscaling.alpha.kubernetes.io/current-metrics"
	conditionsNote = "autoscaling.alpha.kubernetes.io/conditions"
	behaviorNote   = "autoscaling.alpha.kubernetes.io/behavior"
)

// behaviorNoted is how the annotation is written: with the names of Go, which reading does not mind.
type behaviorNoted struct{ ScaleUp, ScaleDown *rulesNoted }

type rulesNoted struct {
	StabilizationWindowSeconds *int32
	SelectPolicy               *autoscalingv2.ScalingPolicySelect
	Policies                   []policyNoted
	Tolerance                  *resource.Quantity
}

type policyNoted struct {
	Type                 autoscalingv2.HPAScalingPolicyType
	Value, PeriodSeconds int32
}

func noteOf(r *autoscalingv2.HPAScalingRules) *rulesNoted {
	if r == nil {
		return nil
	}
	out := &rulesNoted{StabilizationWindowSeconds: r.StabilizationWindowSeconds, SelectPolicy: r.SelectPolicy, Tolerance: r.Tolerance}
	for _, p := range r.Policies {
		out.Policies = append(out.Policies, policyNoted(p))
	}
	return out
}

func olderScaler(a *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv1.HorizontalPodAutoscaler {
	s := &a.Status
	out := &autoscalingv1.HorizontalPodAutoscaler{
		ObjectMeta: a.ObjectMeta,
		Spec: autoscalingv1.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv1.CrossVersionObjectReference(a.Spec.ScaleTargetRef), MinReplicas: a.Spec.MinReplicas, MaxReplicas: a.Spec.MaxReplicas,
		},
		Status: autoscalingv1.HorizontalPodAutoscalerStatus{
			ObservedGeneration: s.ObservedGeneration, LastScaleTime: s.LastScaleTime, CurrentReplicas: s.CurrentReplicas, DesiredReplicas: s.DesiredReplicas,
		},
	}
	notes := withoutNotes(a.Annotations)
	note := func(key string, v any) {
		if b, err := json.Marshal(v); err == nil {
			if notes == nil {
				notes = map[string]string{}
			}
			notes[key] = string(b)
		}
	}
	var others []autoscalingv1.MetricSpec
	for i := range a.Spec.Metrics {
		m := &a.Spec.Metrics[i]
		if m.Resource == nil || m.Resource.Name != corev1.ResourceCPU || m.Resource.Target.AverageUtilization == nil {
			others = append(others, olderMetric(m))
		} else if out.Spec.TargetCPUUtilizationPercentage == nil {
			out.Spec.TargetCPUUtilizationPercentage = m.Resource.Target.AverageUtilization
		}
	}
	var current []autoscalingv1.MetricStatus
	for i := range s.CurrentMetrics {
		m := &s.CurrentMetrics[i]
		current = append(current, olderCurrent(m))
		if m.Resource != nil && m.Resource.Name == corev1.ResourceCPU && m.Resource.Current.AverageUtilization != nil {
			out.Status.CurrentCPUUtilizationPercentage = m.Resource.Current.AverageUtilization
		}
	}
	var conditions []autoscalingv1.HorizontalPodAutoscalerCondition
	for _, c := range s.Conditions {
		conditions = append(conditions, autoscalingv1.HorizontalPodAutoscalerCondition{Type: autoscalingv1.HorizontalPodAutoscalerConditionType(c.Type),
			Status: c.Status, LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message, ObservedGeneration: c.ObservedGeneration})
	}
	if len(others) > 0 {
		note(metricsNote, others)
	}
	if len(current) > 0 {
		note(currentNote, current)
	}
	if len(conditions) > 0 {
		note(conditionsNote, conditions)
	}
	if b := a.Spec.Behavior; b != nil {
		note(behaviorNote, behaviorNoted{noteOf(b.ScaleUp), noteOf(b.ScaleDown)})
	}
	out.Annotations = notes
	return out
}

// newerScaler reads the annotations back; one that cannot be read counts for nothing.
func newerScaler(a *autoscalingv1.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	s := &a.Status
	out := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: a.ObjectMeta,
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference(a.Spec.ScaleTargetRef), MinReplicas: a.Spec.MinReplicas, MaxReplicas: a.Spec.MaxReplicas,
		},
		Status: autoscalingv2.HorizontalPodAutoscalerStatus{
			ObservedGeneration: s.ObservedGeneration, LastScaleTime: s.LastScaleTime, CurrentReplicas: s.CurrentReplicas, DesiredReplicas: s.DesiredReplicas,
		},
	}
	noted := func(key string, into any) bool {
		text, ok := a.Annotations[key]
		return ok && json.Unmarshal([]byte(text), into) == nil
	}
	var others []autoscalingv1.MetricSpec
	if noted(metricsNote, &others) {
		for i := range others {
			out.Spec.Metrics = append(out.Spec.Metrics, newerMetric(&others[i]))
		}
	}
	if percent := a.Spec.TargetCPUUtilizationPercentage; percent != nil {
		out.Spec.Metrics = append(out.Spec.Metrics, autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
			Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: percent},
		}})
	}
	var behavior autoscalingv2.HorizontalPodAutoscalerBehavior
	if noted(behaviorNote, &behavior) && (behavior.ScaleUp != nil || behavior.ScaleDown != nil) {
		out.Spec.Behavior = &behavior
	}
	var current []autoscalingv1.MetricStatus
	if noted(currentNote, &current) {
		for i := range current {
			out.Status.CurrentMetrics = append(out.Status.CurrentMetrics, newerCurrent(&current[i]))
		}
	} else if percent := s.CurrentCPUUtilizationPercentage; percent != nil {
		out.Status.CurrentMetrics = []autoscalingv2.MetricStatus{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricStatus{
			Name: corev1.ResourceCPU, Current: autoscalingv2.MetricValueStatus{AverageUtilization: percent},
		}}}
	}
	var conditions []autoscalingv2.HorizontalPodAutoscalerCondition // the fields are named alike in both versions
	if noted(conditionsNote, &conditions) {
		out.Status.Conditions = conditions
	}
	out.Annotations = withoutNotes(a.Annotations)
	return out
}

// withoutNotes leaves out what stands for fields of version 2; the map is a copy if anything is left out or can be added.
func withoutNotes(notes map[string]string) map[string]string {
	out := maps.Clone(notes)
	for _, key := range [...]string{metricsNote, currentNote, conditionsNote, behaviorNote} {
		delete(out, key)
	}
	if len(out) == 0 && len(notes) > 0 {
		return nil
	}
	return out
}
