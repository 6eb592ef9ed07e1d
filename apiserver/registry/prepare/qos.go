package prepare

import (
	corev1 "k8s.io/api/core/v1"
)

// QOSClass is how a node ranks a pod when it runs short: Guaranteed if every container has limits for CPU and memory that equal its
// requests, BestEffort if nothing is asked for, else Burstable. Resources of the pod as a whole count in place of its containers'.
func QOSClass(p *corev1.Pod) corev1.PodQOSClass {
	requests, limits := corev1.ResourceList{}, corev1.ResourceList{}
	guaranteed := true
	if r := p.Spec.Resources; r != nil {
		addComputed(requests, r.Requests)
		if n := addComputed(limits, r.Limits); len(r.Limits) > 0 && n < 2 {
			guaranteed = false
		}
	} else {
		for _, list := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
			for _, c := range list {
				addComputed(requests, c.Resources.Requests)
				if addComputed(limits, c.Resources.Limits) < 2 {
					guaranteed = false
				}
			}
		}
	}
	if len(requests) == 0 && len(limits) == 0 {
		return corev1.PodQOSBestEffort
	}
	if !guaranteed || len(requests) != len(limits) {
		return corev1.PodQOSBurstable
	}
	for k, req := range requests {
		if lim, ok := limits[k]; !ok || lim.Cmp(req) != 0 {
			return corev1.PodQOSBurstable
		}
	}
	return corev1.PodQOSGuaranteed
}

// addComputed adds CPU and memory above zero and says how many of the two there were.
func addComputed(sum, list corev1.ResourceList) int {
	n := 0
	for _, k := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		q, ok := list[k]
		if !ok || q.Sign() <= 0 {
			continue
		}
		n++
		total := q.DeepCopy()
		total.Add(sum[k])
		sum[k] = total
	}
	return n
}
