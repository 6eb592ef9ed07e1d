package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// policyTables shows quotas, priorities, disruption budgets and autoscalers.
func policyTables() map[runtimeschema.GroupVersionKind]*tableKind {
	scalerColumns := columns(
		nameColumn(),
		column("Reference", doc(autoscalingv2.HorizontalPodAutoscalerSpec{}, "scaleTargetRef")),
		column("Targets", doc(autoscalingv2.HorizontalPodAutoscalerSpec{}, "metrics")),
		column("MinPods", doc(autoscalingv2.HorizontalPodAutoscalerSpec{}, "minReplicas")),
		column("MaxPods", doc(autoscalingv2.HorizontalPodAutoscalerSpec{}, "maxReplicas")),
		column("Replicas", doc(autoscalingv2.HorizontalPodAutoscalerStatus{}, "currentReplicas")),
		ageColumn(),
	)
	return map[runtimeschema.GroupVersionKind]*tableKind{
		corev1.SchemeGroupVersion.WithKind("ResourceQuota"): shown(columns(
			nameColumn(),
			column("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
			column("Limit", "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node."),
			ageColumn(),
		), quotaCells),
		schedulingv1.SchemeGroupVersion.WithKind("PriorityClass"): shown(columns(
			nameColumn(),
			integer("Value", doc(schedulingv1.PriorityClass{}, "value")),
			ofType("boolean", column("Global-Default", doc(schedulingv1.PriorityClass{}, "globalDefault"))),
			ageColumn(),
			column("PreemptionPolicy", doc(schedulingv1.PriorityClass{}, "preemptionPolicy")),
		), func(c *schedulingv1.PriorityClass, o *TableOptions) []any {
			return []any{c.Name, int64(c.Value), c.GlobalDefault, o.age(c.CreationTimestamp), pointed(c.PreemptionPolicy, "")}
		}),
		policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"): shown(columns(
			nameColumn(),
			column("Min Available", "The minimum number of pods that must be available."),
			column("Max Unavailable", "The maximum number of pods that may be unavailable."),
			integer("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time."),
			ageColumn(),
		), func(b *policyv1.PodDisruptionBudget, o *TableOptions) []any {
			return []any{b.Name, orNotApplicable(b.Spec.MinAvailable), orNotApplicable(b.Spec.MaxUnavailable), int64(b.Status.DisruptionsAllowed), o.age(b.CreationTimestamp)}
		}),
		autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler"): shown(scalerColumns, scalerCells),
		autoscalingv1.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler"): shown(scalerColumns, func(a *autoscalingv1.HorizontalPodAutoscaler, o *TableOptions) []any {
			return scalerCells(newerScaler(a), o)
		}),
		autoscalingv1.SchemeGroupVersion.WithKind("Scale"): shown(columns(
			column("Name", nameColumn().Description),
			integer("Desired", doc(autoscalingv1.ScaleSpec{}, "replicas")),
			integer("Available", doc(autoscalingv1.ScaleStatus{}, "replicas")),
			ageColumn(),
		), func(s *autoscalingv1.Scale, o *TableOptions) []any {
			return []any{s.Name, int64(s.Spec.Replicas), int64(s.Status.Replicas), o.age(s.CreationTimestamp)}
		}),
	}
}

func orNotApplicable(v *intstr.IntOrString) string {
	if v == nil {
		return "N/A"
	}
	return v.String()
}

// quotaCells shows used and hard limits, those named limits.* in a column of their own.
func quotaCells(q *corev1.ResourceQuota, o *TableOptions) []any {
	var requests, limits []string
	for _, name := range slices.Sorted(maps.Keys(q.Status.Hard)) {
		used, hard := q.Status.Used[name], q.Status.Hard[name]
		text := fmt.Sprintf("%s: %s/%s", name, used.String(), hard.String())
		if strings.HasPrefix(string(name), "limits.") {
			limits = append(limits, text)
		} else {
			requests = append(requests, text)
		}
	}
	return []any{q.Name, strings.Join(requests, ", "), strings.Join(limits, ", "), o.age(q.CreationTimestamp)}
}

func scalerCells(a *autoscalingv2.HorizontalPodAutoscaler, o *TableOptions) []any {
	least := "<unset>"
	if a.Spec.MinReplicas != nil {
		least = strconv.Itoa(int(*a.Spec.MinReplicas))
	}
	var targets []string
	for i := range a.Spec.Metrics {
		current := autoscalingv2.MetricStatus{}
		if i < len(a.Status.CurrentMetrics) {
			current = a.Status.CurrentMetrics[i]
		}
		targets = append(targets, metricCell(&a.Spec.Metrics[i], &current))
	}
	return []any{
		a.Name, a.Spec.ScaleTargetRef.Kind + "/" + a.Spec.ScaleTargetRef.Name, orElse(firstFew(targets, 2, ", "), "<none>"), least,
		int64(a.Spec.MaxReplicas), int64(a.Status.CurrentReplicas), o.age(a.CreationTimestamp),
	}
}

// metricCell shows one metric as current/target.
func metricCell(spec *autoscalingv2.MetricSpec, status *autoscalingv2.MetricStatus) string {
	var target autoscalingv2.MetricTarget
	var current *autoscalingv2.MetricValueStatus
	prefix := ""
	switch {
	case spec.Type == autoscalingv2.ExternalMetricSourceType && spec.External != nil:
		target = spec.External.Target
		if status.External != nil {
			current = &status.External.Current
		}
	case spec.Type == autoscalingv2.ObjectMetricSourceType && spec.Object != nil:
		target = spec.Object.Target
		if status.Object != nil {
			current = &status.Object.Current
		}
	case spec.Type == autoscalingv2.PodsMetricSourceType && spec.Pods != nil:
		if status.Pods != nil {
			current = &status.Pods.Current
		}
		return average(current) + "/" + quantity(spec.Pods.Target.AverageValue)
	case spec.Type == autoscalingv2.ResourceMetricSourceType && spec.Resource != nil:
		prefix, target = string(spec.Resource.Name)+": ", spec.Resource.Target
		if status.Resource != nil {
			current = &status.Resource.Current
		}
	case spec.Type == autoscalingv2.ContainerResourceMetricSourceType && spec.ContainerResource != nil:
		prefix, target = string(spec.ContainerResource.Name)+": ", spec.ContainerResource.Target
		if status.ContainerResource != nil {
			current = &status.ContainerResource.Current
		}
	default:
		return "<unknown type>"
	}
	switch {
	case prefix != "" && target.AverageValue != nil:
		return prefix + average(current) + "/" + target.AverageValue.String()
	case prefix != "":
		now, wanted := "<unknown>", "<auto>"
		if current != nil && current.AverageUtilization != nil {
			now = fmt.Sprintf("%d%%", *current.AverageUtilization)
		}
		if target.AverageUtilization != nil {
			wanted = fmt.Sprintf("%d%%", *target.AverageUtilization)
		}
		return prefix + now + "/" + wanted
	case target.AverageValue != nil:
		return average(current) + "/" + target.AverageValue.String() + " (avg)"
	}
	now := "<unknown>"
	if current != nil {
		now = quantity(current.Value)
	}
	return now + "/" + quantity(target.Value)
}

// quantity shows a value that may be missing where validation would have asked for it.
func quantity(q fmt.Stringer) string {
	return fmt.Sprint(q) // Quantity's String says <nil> of nil
}

func average(current *autoscalingv2.MetricValueStatus) string {
	if current == nil || current.AverageValue == nil {
		return "<unknown>"
	}
	return current.AverageValue.String()
}
