package quota

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
)

// demanded are the names that, once a quota limits them, every container must give a value for.
var demanded = []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceMemory,
	corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory}

// Missing says which containers of a pod leave out what limits demand of them, or returns nil. A pod with resources of its own is free
// of that.
func Missing(p *corev1.Pod, limits corev1.ResourceList) error {
	if resourcehelper.IsPodLevelResourcesSet(p) {
		return nil
	}
	var wrong []string
	for _, name := range demanded {
		if _, ok := limits[name]; !ok {
			continue
		}
		var without []string
		for _, list := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
			for _, c := range list {
				given := corev1.ResourceList{}
				compute(given, c.Resources.Requests, c.Resources.Limits)
				if _, ok := given[name]; !ok && !slices.Contains(without, c.Name) {
					without = append(without, c.Name)
				}
			}
		}
		if len(without) > 0 {
			slices.Sort(without)
			wrong = append(wrong, fmt.Sprintf("%s for: %s", name, strings.Join(without, ",")))
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("must specify %s", strings.Join(wrong, "; "))
}
