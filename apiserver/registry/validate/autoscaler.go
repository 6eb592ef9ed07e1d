package validate

import (
	"fmt"
	"slices"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Bounds of scaling rules in seconds.
const (
	mostWindow = 3600
	mostPeriod = 1800
)

// scaled is what both versions of an autoscaler share: the range and its target.
type scaled struct {
	least                  *int32
	most                   int32
	kind, name, apiVersion string
}

// replicaRange checks what both versions of an autoscaler share.
func replicaRange(r *report, s, old scaled) {
	p, least, most := field.NewPath("spec"), s.least, s.most
	lowest := int32(1)
	if old.least != nil && *old.least == 0 { // it came in with a gate that is off now
		lowest = 0
	}
	if least != nil && *least < lowest {
		r.invalid(p.Child("minReplicas"), *least, fmt.Sprintf("must be greater than or equal to %d", lowest))
	}
	switch {
	case most == 0:
		r.required(p.Child("maxReplicas"), "must be set and greater than 0")
	case most < 0:
		r.invalid(p.Child("maxReplicas"), most, "must be greater than or equal to 1")
	}
	if least != nil && most < *least {
		r.invalid(p.Child("maxReplicas"), most, "must be greater than or equal to `minReplicas`")
	}
	at := p.Child("scaleTargetRef")
	segment(r, at.Child("kind"), s.kind)
	segment(r, at.Child("name"), s.name)
	if s.apiVersion == old.apiVersion && s.kind == old.kind && old.most != 0 {
		return
	}
	apiVersion(r, at.Child("apiVersion"), s.apiVersion, s.kind == "ReplicationController")
}

// apiVersion: nothing in the core group can be scaled but replication controllers.
func apiVersion(r *report, p *field.Path, version string, core bool) {
	switch gv, err := schema.ParseGroupVersion(version); {
	case err != nil:
		r.invalid(p, version, err.Error())
	case gv.Group == "" && !core:
		r.invalid(p, version, "apiVersion must specify API group")
	}
}

// autoscalerV1 and autoscalerV2 check a spec; old is nil for a new one.
func autoscalerV1(r *report, s, old *autoscalingv1.HorizontalPodAutoscalerSpec) {
	of := func(s *autoscalingv1.HorizontalPodAutoscalerSpec) scaled {
		if s == nil {
			return scaled{}
		}
		return scaled{s.MinReplicas, s.MaxReplicas, s.ScaleTargetRef.Kind, s.ScaleTargetRef.Name, s.ScaleTargetRef.APIVersion}
	}
	replicaRange(r, of(s), of(old))
	if u := s.TargetCPUUtilizationPercentage; u != nil && *u < 1 {
		r.invalid(field.NewPath("spec", "targetCPUUtilizationPercentage"), *u, "must be greater than 0")
	}
}

func autoscalerV2(r *report, s, old *autoscalingv2.HorizontalPodAutoscalerSpec) {
	of := func(s *autoscalingv2.HorizontalPodAutoscalerSpec) scaled {
		if s == nil {
			return scaled{}
		}
		return scaled{s.MinReplicas, s.MaxReplicas, s.ScaleTargetRef.Kind, s.ScaleTargetRef.Name, s.ScaleTargetRef.APIVersion}
	}
	replicaRange(r, of(s), of(old))
	p, custom := field.NewPath("spec", "metrics"), false
	for i := range s.Metrics {
		metric(r, p.Index(i), &s.Metrics[i])
		custom = custom || s.Metrics[i].Type == autoscalingv2.ObjectMetricSourceType || s.Metrics[i].Type == autoscalingv2.ExternalMetricSourceType
	}
	if s.MinReplicas != nil && *s.MinReplicas == 0 && !custom {
		r.forbidden(p, "must specify at least one Object or External metric to support scaling to zero replicas")
	}
	if b := s.Behavior; b != nil {
		scalingRules(r, field.NewPath("spec", "behavior", "scaleUp"), b.ScaleUp)
		scalingRules(r, field.NewPath("spec", "behavior", "scaleDown"), b.ScaleDown)
	}
}

// metric: one source, the one its type names.
func metric(r *report, p *field.Path, m *autoscalingv2.MetricSpec) {
	types := []autoscalingv2.MetricSourceType{autoscalingv2.ContainerResourceMetricSourceType, autoscalingv2.ExternalMetricSourceType,
		autoscalingv2.ObjectMetricSourceType, autoscalingv2.PodsMetricSourceType, autoscalingv2.ResourceMetricSourceType}
	if m.Type == "" {
		r.required(p.Child("type"), "must specify a metric source type")
	}
	oneOf(r, p.Child("type"), m.Type, types...)
	sources := []struct {
		kind    autoscalingv2.MetricSourceType
		name    string
		present bool
	}{
		{autoscalingv2.ObjectMetricSourceType, "object", m.Object != nil},
		{autoscalingv2.ExternalMetricSourceType, "external", m.External != nil},
		{autoscalingv2.PodsMetricSourceType, "pods", m.Pods != nil},
		{autoscalingv2.ResourceMetricSourceType, "resource", m.Resource != nil},
		{autoscalingv2.ContainerResourceMetricSourceType, "containerResource", m.ContainerResource != nil},
	}
	n := 0
	for _, s := range sources {
		if s.present {
			n++
			if n == 1 {
				metricSource(r, p.Child(s.name), m, s.kind)
			}
		}
	}
	for _, s := range sources {
		if s.kind == m.Type && !s.present {
			r.required(p.Child(s.name), "must populate information for the given metric source")
		}
	}
	if !slices.Contains(types, m.Type) {
		oneOf(r, p.Child("type"), m.Type, types...) // the real server says it twice
	}
	if n == 1 {
		return
	}
	for _, s := range sources {
		if s.kind != m.Type && s.present {
			r.forbidden(p.Child(s.name), "must populate the given metric source only")
		}
	}
}

func metricSource(r *report, p *field.Path, m *autoscalingv2.MetricSpec, kind autoscalingv2.MetricSourceType) {
	identifier := func(id autoscalingv2.MetricIdentifier) {
		if id.Name == "" {
			r.required(p.Child("metric", "name"), "must specify a metric name")
			return
		}
		r.invalids(p.Child("metric", "name"), id.Name, segmentName(id.Name))
	}
	utilization := func(t autoscalingv2.MetricTarget) {
		metricTarget(r, p.Child("target"), t)
		switch {
		case t.AverageUtilization == nil && t.AverageValue == nil:
			r.required(p.Child("target", "averageUtilization"), "must set either a target raw value or a target utilization")
		case t.AverageUtilization != nil && t.AverageValue != nil:
			r.forbidden(p.Child("target", "averageValue"), "may not set both a target raw value and a target utilization")
		}
	}
	switch kind {
	case autoscalingv2.ObjectMetricSourceType:
		segment(r, p.Child("describedObject", "kind"), m.Object.DescribedObject.Kind)
		segment(r, p.Child("describedObject", "name"), m.Object.DescribedObject.Name)
		apiVersion(r, p.Child("describedObject", "apiVersion"), m.Object.DescribedObject.APIVersion, true)
		identifier(m.Object.Metric)
		metricTarget(r, p.Child("target"), m.Object.Target)
		if m.Object.Target.Value == nil && m.Object.Target.AverageValue == nil {
			r.required(p.Child("target", "averageValue"), "must set either a target value or averageValue")
		}
	case autoscalingv2.ExternalMetricSourceType:
		identifier(m.External.Metric)
		metricTarget(r, p.Child("target"), m.External.Target)
		switch t := m.External.Target; {
		case t.Value == nil && t.AverageValue == nil:
			r.required(p.Child("target", "averageValue"), "must set either a target value for metric or a per-pod target")
		case t.Value != nil && t.AverageValue != nil:
			r.forbidden(p.Child("target", "value"), "may not set both a target value for metric and a per-pod target")
		}
	case autoscalingv2.PodsMetricSourceType:
		identifier(m.Pods.Metric)
		metricTarget(r, p.Child("target"), m.Pods.Target)
		if m.Pods.Target.AverageValue == nil {
			r.required(p.Child("target", "averageValue"), "must specify a positive target averageValue")
		}
	case autoscalingv2.ResourceMetricSourceType:
		if m.Resource.Name == "" {
			r.required(p.Child("name"), "must specify a resource name")
		}
		utilization(m.Resource.Target)
	case autoscalingv2.ContainerResourceMetricSourceType:
		if m.ContainerResource.Name == "" {
			r.required(p.Child("name"), "must specify a resource name")
		} else {
			containerResource(r, p.Child("name"), m.ContainerResource.Name)
		}
		if m.ContainerResource.Container == "" {
			r.required(p.Child("container"), "must specify a container")
		} else {
			r.dnsLabel(p.Child("container"), m.ContainerResource.Container)
		}
		utilization(m.ContainerResource.Target)
	}
}

func metricTarget(r *report, p *field.Path, t autoscalingv2.MetricTarget) {
	switch t.Type {
	case autoscalingv2.UtilizationMetricType, autoscalingv2.ValueMetricType, autoscalingv2.AverageValueMetricType:
	default:
		if t.Type == "" {
			r.required(p.Child("type"), "must specify a metric target type")
		}
		r.invalid(p.Child("type"), t.Type, "must be either Utilization, Value, or AverageValue")
	}
	if t.Value != nil && t.Value.Sign() != 1 {
		r.invalid(p.Child("value"), t.Value, "must be positive")
	}
	if t.AverageValue != nil && t.AverageValue.Sign() != 1 {
		r.invalid(p.Child("averageValue"), t.AverageValue, "must be positive")
	}
	if u := t.AverageUtilization; u != nil && *u < 1 {
		r.invalid(p.Child("averageUtilization"), *u, "must be greater than 0")
	}
}

func scalingRules(r *report, p *field.Path, s *autoscalingv2.HPAScalingRules) {
	if s == nil {
		return
	}
	if w := s.StabilizationWindowSeconds; w != nil {
		switch at := p.Child("stabilizationWindowSeconds"); {
		case *w < 0:
			r.invalid(at, *w, "must be greater than or equal to zero")
		case *w > mostWindow:
			r.invalid(at, *w, fmt.Sprintf("must be less than or equal to %v", mostWindow))
		}
	}
	if t := s.Tolerance; t != nil && t.Sign() < 0 {
		r.invalid(p.Child("tolerance"), t.String(), "must be greater than or equal to 0")
	}
	if s.SelectPolicy != nil {
		oneOf(r, p.Child("selectPolicy"), *s.SelectPolicy, autoscalingv2.DisabledPolicySelect, autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect)
	}
	if len(s.Policies) == 0 {
		r.required(p.Child("policies"), "must specify at least one Policy")
	}
	for i, policy := range s.Policies {
		at := p.Child("policies").Index(i)
		oneOf(r, at.Child("type"), policy.Type, autoscalingv2.PercentScalingPolicy, autoscalingv2.PodsScalingPolicy)
		if policy.Value <= 0 {
			r.invalid(at.Child("value"), policy.Value, "must be greater than zero")
		}
		switch {
		case policy.PeriodSeconds <= 0:
			r.invalid(at.Child("periodSeconds"), policy.PeriodSeconds, "must be greater than zero")
		case policy.PeriodSeconds > mostPeriod:
			r.invalid(at.Child("periodSeconds"), policy.PeriodSeconds, fmt.Sprintf("must be less than or equal to %v", mostPeriod))
		}
	}
}
