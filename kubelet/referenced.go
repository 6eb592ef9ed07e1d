package kubelet

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// referenced lists what a pod refers to, each once.
func referenced(object *corev1.Pod) []refKey {
	var keys []refKey
	see := func(kind refKind, name string) {
		if key := (refKey{kind, object.Namespace, name}); name != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for i := range object.Spec.Volumes {
		v := &object.Spec.Volumes[i]
		switch {
		case v.ConfigMap != nil:
			see(refConfigMap, v.ConfigMap.Name)
		case v.Secret != nil:
			see(refSecret, v.Secret.SecretName)
		case v.Projected != nil:
			for _, s := range v.Projected.Sources {
				if s.ConfigMap != nil {
					see(refConfigMap, s.ConfigMap.Name)
				}
				if s.Secret != nil {
					see(refSecret, s.Secret.Name)
				}
			}
		}
	}
	for _, c := range slices.Concat(object.Spec.InitContainers, object.Spec.Containers, ephemerals(object)) {
		for _, f := range c.EnvFrom {
			if f.ConfigMapRef != nil {
				see(refConfigMap, f.ConfigMapRef.Name)
			}
			if f.SecretRef != nil {
				see(refSecret, f.SecretRef.Name)
			}
		}
		for _, e := range c.Env {
			if e.ValueFrom == nil {
				continue
			}
			if s := e.ValueFrom.ConfigMapKeyRef; s != nil {
				see(refConfigMap, s.Name)
			}
			if s := e.ValueFrom.SecretKeyRef; s != nil {
				see(refSecret, s.Name)
			}
		}
	}
	return keys
}
