package quota

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
)

// scopes lists what a quota asks of an object, in both of the ways to say it.
func scopes(q *corev1.ResourceQuota) []corev1.ScopedResourceSelectorRequirement {
	var all []corev1.ScopedResourceSelectorRequirement
	for _, s := range q.Spec.Scopes {
		all = append(all, corev1.ScopedResourceSelectorRequirement{ScopeName: s, Operator: corev1.ScopeSelectorOpExists})
	}
	if q.Spec.ScopeSelector != nil {
		all = append(all, q.Spec.ScopeSelector.MatchExpressions...)
	}
	return all
}

// InScope says whether a quota's scopes take an object in. A quota without scopes takes in everything; one with scopes nothing but pods
// and claims.
func InScope(q *corev1.ResourceQuota, gr schema.GroupResource, obj runtime.Object) (bool, error) {
	for _, s := range scopes(q) {
		in, err := matches(s, obj)
		if err != nil {
			return false, fmt.Errorf("error matching scopes of quota %s, err: %w", q.Name, err)
		}
		if !in {
			return false, nil
		}
	}
	return true, nil
}

func matches(s corev1.ScopedResourceSelectorRequirement, obj runtime.Object) (bool, error) {
	switch o := obj.(type) {
	case *corev1.Pod:
		switch s.ScopeName {
		case corev1.ResourceQuotaScopeTerminating:
			return Terminating(o), nil
		case corev1.ResourceQuotaScopeNotTerminating:
			return !Terminating(o), nil
		case corev1.ResourceQuotaScopeBestEffort:
			return bestEffort(o), nil
		case corev1.ResourceQuotaScopeNotBestEffort:
			return !bestEffort(o), nil
		case corev1.ResourceQuotaScopePriorityClass:
			return selects(s, o.Spec.PriorityClassName)
		case corev1.ResourceQuotaScopeCrossNamespacePodAffinity:
			return reachesOut(o.Spec.Affinity), nil
		}
	case *corev1.PersistentVolumeClaim:
		if s.ScopeName == corev1.ResourceQuotaScopeVolumeAttributesClass {
			return selects(s, attributesClasses(o)...)
		}
	}
	return false, nil
}

// selects says whether one of the values, of which empty ones count as absent, is what a requirement asks for.
func selects(s corev1.ScopedResourceSelectorRequirement, values ...string) (bool, error) {
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	op := map[corev1.ScopeSelectorOperator]selection.Operator{
		corev1.ScopeSelectorOpIn: selection.In, corev1.ScopeSelectorOpNotIn: selection.NotIn,
		corev1.ScopeSelectorOpExists: selection.Exists, corev1.ScopeSelectorOpDoesNotExist: selection.DoesNotExist,
	}[s.Operator]
	if op == "" {
		return false, fmt.Errorf("%q is not a valid scope selector operator", s.Operator)
	}
	r, err := labels.NewRequirement(string(s.ScopeName), op, s.Values)
	if err != nil {
		return false, err
	}
	if len(values) == 0 {
		return r.Matches(labels.Set{}), nil
	}
	return slices.ContainsFunc(values, func(v string) bool { return r.Matches(labels.Set{string(s.ScopeName): v}) }), nil
}

// Terminating says that a pod is given a time to end.
func Terminating(p *corev1.Pod) bool {
	return p.Spec.ActiveDeadlineSeconds != nil && *p.Spec.ActiveDeadlineSeconds >= 0
}

// bestEffort says that a pod asks for no processor and no memory.
func bestEffort(p *corev1.Pod) bool {
	asks := func(r *corev1.ResourceRequirements) bool {
		for _, l := range []corev1.ResourceList{r.Requests, r.Limits} {
			for _, k := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if v, ok := l[k]; ok && v.Sign() > 0 {
					return true
				}
			}
		}
		return false
	}
	if r := p.Spec.Resources; r != nil && asks(r) {
		return false
	}
	for _, list := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
		for i := range list {
			if asks(&list[i].Resources) {
				return false
			}
		}
	}
	return true
}

// reachesOut says that a pod's affinity looks at pods of other namespaces.
func reachesOut(a *corev1.Affinity) bool {
	if a == nil {
		return false
	}
	var terms []corev1.PodAffinityTerm
	weighted := func(list []corev1.WeightedPodAffinityTerm) {
		for _, w := range list {
			terms = append(terms, w.PodAffinityTerm)
		}
	}
	if a.PodAffinity != nil {
		terms = append(terms, a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution...)
		weighted(a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if a.PodAntiAffinity != nil {
		terms = append(terms, a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution...)
		weighted(a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	return slices.ContainsFunc(terms, func(t corev1.PodAffinityTerm) bool { return len(t.Namespaces) > 0 || t.NamespaceSelector != nil })
}

// attributesClasses are the volume attributes classes that a claim asks for, has, or is on its way to.
func attributesClasses(c *corev1.PersistentVolumeClaim) []string {
	var names []string
	for _, n := range []*string{c.Spec.VolumeAttributesClassName, c.Status.CurrentVolumeAttributesClassName} {
		if n != nil {
			names = append(names, *n)
		}
	}
	if m := c.Status.ModifyVolumeStatus; m != nil {
		names = append(names, m.TargetVolumeAttributesClassName)
	}
	return names
}
