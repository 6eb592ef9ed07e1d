package work

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/storage/ephemeral"
)

// ClaimOf is the name of the claim behind a volume of a pod; empty: there is none.
func ClaimOf(p *corev1.Pod, v *corev1.Volume) string {
	switch {
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName
	case v.Ephemeral != nil:
		return ephemeral.VolumeClaimName(p, v)
	}
	return ""
}

// ClaimsOf lists the claims that a pod's volumes name, those of its ephemeral volumes too.
func ClaimsOf(p *corev1.Pod) []string {
	var names []string
	for i := range p.Spec.Volumes {
		if name := ClaimOf(p, &p.Spec.Volumes[i]); name != "" {
			names = append(names, name)
		}
	}
	return names
}
