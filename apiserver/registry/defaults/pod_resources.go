package defaults

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
)

// podResources fills in requests of the pod as a whole, for pods that set limits of the whole.
func podResources(p *corev1.Pod) {
	r := p.Spec.Resources
	if r == nil || len(r.Limits)+len(r.Requests) == 0 {
		return
	}
	limits := r.Limits
	if limits == nil {
		limits = corev1.ResourceList{}
	}
	for k, v := range resourcehelper.AggregateContainerLimits(p, resourcehelper.PodResourcesOptions{}) {
		if !hugePages(k) || !resourcehelper.IsSupportedPodLevelResource(k) {
			continue
		}
		if _, ok := r.Requests[k]; ok {
			continue
		}
		if _, ok := limits[k]; !ok {
			limits[k] = v.DeepCopy()
		}
	}
	if len(limits) == 0 {
		return
	}
	r.Limits = limits
	requests := r.Requests
	if requests == nil {
		requests = corev1.ResourceList{}
	}
	for k, v := range resourcehelper.AggregateContainerRequests(p, resourcehelper.PodResourcesOptions{}) {
		if _, ok := requests[k]; !ok && resourcehelper.IsSupportedPodLevelResource(k) && !hugePages(k) {
			requests[k] = v.DeepCopy()
		}
	}
	for k, v := range limits {
		if _, ok := requests[k]; !ok && resourcehelper.IsSupportedPodLevelResource(k) {
			requests[k] = v.DeepCopy()
		}
	}
	if len(requests) > 0 {
		r.Requests = requests
	}
}

func hugePages(k corev1.ResourceName) bool {
	return strings.HasPrefix(string(k), corev1.ResourceHugePagesPrefix)
}
