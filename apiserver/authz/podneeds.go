package authz

import (
	corev1 "k8s.io/api/core/v1"
)

// podNeeds lists the objects that a kubelet must read, or ask tokens for, to run a pod: each once.
func podNeeds(pod *corev1.Pod) []vertex {
	n := needs{namespace: pod.Namespace, seen: map[vertex]bool{}}
	n.add(vertexAccount, pod.Spec.ServiceAccountName)
	for _, ref := range pod.Spec.ImagePullSecrets {
		n.add(vertexSecret, ref.Name)
	}
	for i := range pod.Spec.InitContainers {
		n.env(pod.Spec.InitContainers[i].Env, pod.Spec.InitContainers[i].EnvFrom)
	}
	for i := range pod.Spec.Containers {
		n.env(pod.Spec.Containers[i].Env, pod.Spec.Containers[i].EnvFrom)
	}
	for i := range pod.Spec.EphemeralContainers {
		n.env(pod.Spec.EphemeralContainers[i].Env, pod.Spec.EphemeralContainers[i].EnvFrom)
	}
	for i := range pod.Spec.Volumes {
		n.volume(pod, &pod.Spec.Volumes[i])
	}
	for _, claim := range pod.Spec.ResourceClaims {
		if claim.ResourceClaimName != nil {
			n.add(vertexResourceClaim, *claim.ResourceClaimName)
		}
	}
	for _, status := range pod.Status.ResourceClaimStatuses {
		if status.ResourceClaimName != nil {
			n.add(vertexResourceClaim, *status.ResourceClaimName)
		}
	}
	return n.list
}

type needs struct {
	namespace string
	seen      map[vertex]bool
	list      []vertex
}

func (n *needs) add(kind vertexKind, name string) {
	v := vertex{kind, n.namespace, name}
	if name != "" && !n.seen[v] {
		n.seen[v] = true
		n.list = append(n.list, v)
	}
}

func (n *needs) secret(ref *corev1.LocalObjectReference) {
	if ref != nil {
		n.add(vertexSecret, ref.Name)
	}
}

func (n *needs) env(vars []corev1.EnvVar, from []corev1.EnvFromSource) {
	for _, v := range vars {
		if v.ValueFrom == nil {
			continue
		}
		if ref := v.ValueFrom.SecretKeyRef; ref != nil {
			n.add(vertexSecret, ref.Name)
		}
		if ref := v.ValueFrom.ConfigMapKeyRef; ref != nil {
			n.add(vertexConfigMap, ref.Name)
		}
	}
	for _, f := range from {
		if f.SecretRef != nil {
			n.add(vertexSecret, f.SecretRef.Name)
		}
		if f.ConfigMapRef != nil {
			n.add(vertexConfigMap, f.ConfigMapRef.Name)
		}
	}
}

func (n *needs) volume(pod *corev1.Pod, v *corev1.Volume) {
	switch {
	case v.Secret != nil:
		n.add(vertexSecret, v.Secret.SecretName)
	case v.ConfigMap != nil:
		n.add(vertexConfigMap, v.ConfigMap.Name)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				n.add(vertexSecret, s.Secret.Name)
			}
			if s.ConfigMap != nil {
				n.add(vertexConfigMap, s.ConfigMap.Name)
			}
		}
	case v.PersistentVolumeClaim != nil:
		n.add(vertexClaim, v.PersistentVolumeClaim.ClaimName)
	case v.Ephemeral != nil:
		n.add(vertexClaim, pod.Name+"-"+v.Name)
	case v.AzureFile != nil:
		n.add(vertexSecret, v.AzureFile.SecretName)
	case v.CephFS != nil:
		n.secret(v.CephFS.SecretRef)
	case v.Cinder != nil:
		n.secret(v.Cinder.SecretRef)
	case v.FlexVolume != nil:
		n.secret(v.FlexVolume.SecretRef)
	case v.RBD != nil:
		n.secret(v.RBD.SecretRef)
	case v.ScaleIO != nil:
		n.secret(v.ScaleIO.SecretRef)
	case v.ISCSI != nil:
		n.secret(v.ISCSI.SecretRef)
	case v.StorageOS != nil:
		n.secret(v.StorageOS.SecretRef)
	case v.CSI != nil:
		n.secret(v.CSI.NodePublishSecretRef)
	}
}

// volumeSecrets lists the secrets that a node needs to mount a PersistentVolume with a CSI driver.
func volumeSecrets(pv *corev1.PersistentVolume) []vertex {
	if pv.Spec.CSI == nil {
		return nil
	}
	var out []vertex
	for _, ref := range []*corev1.SecretReference{pv.Spec.CSI.NodeStageSecretRef, pv.Spec.CSI.NodePublishSecretRef, pv.Spec.CSI.NodeExpandSecretRef} {
		if ref != nil && ref.Name != "" {
			out = append(out, vertex{vertexSecret, ref.Namespace, ref.Name})
		}
	}
	return out
}
