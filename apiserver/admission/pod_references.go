package admission

import corev1 "k8s.io/api/core/v1"

// namesSecret says whether a pod refers to any Secret: pull secrets, env, envFrom and every kind of volume that can.
func namesSecret(pod *corev1.Pod) bool {
	if len(pod.Spec.ImagePullSecrets) > 0 {
		return true
	}
	found := false
	eachContainer(pod, func(env []corev1.EnvVar, from []corev1.EnvFromSource) {
		for _, f := range from {
			found = found || f.SecretRef != nil
		}
		for _, e := range env {
			found = found || (e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil)
		}
	})
	if found {
		return true
	}
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.Secret != nil,
			v.AzureFile != nil,
			v.CephFS != nil && v.CephFS.SecretRef != nil,
			v.Cinder != nil && v.Cinder.SecretRef != nil,
			v.FlexVolume != nil && v.FlexVolume.SecretRef != nil,
			v.RBD != nil && v.RBD.SecretRef != nil,
			v.ScaleIO != nil && v.ScaleIO.SecretRef != nil,
			v.ISCSI != nil && v.ISCSI.SecretRef != nil,
			v.StorageOS != nil && v.StorageOS.SecretRef != nil,
			v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
			return true
		case v.Projected != nil:
			for _, s := range v.Projected.Sources {
				if s.Secret != nil {
					return true
				}
			}
		}
	}
	return false
}

// namesConfigMap is the same for ConfigMaps.
func namesConfigMap(pod *corev1.Pod) bool {
	found := false
	eachContainer(pod, func(env []corev1.EnvVar, from []corev1.EnvFromSource) {
		for _, f := range from {
			found = found || f.ConfigMapRef != nil
		}
		for _, e := range env {
			found = found || (e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil)
		}
	})
	for _, v := range pod.Spec.Volumes {
		found = found || v.ConfigMap != nil
		if v.Projected != nil {
			for _, s := range v.Projected.Sources {
				found = found || s.ConfigMap != nil
			}
		}
	}
	return found
}

// references names the first kind of API object that a pod refers to, or "". A mirror pod may refer to none (NODE-14).
func references(pod *corev1.Pod) string {
	switch {
	case pod.Spec.ServiceAccountName != "":
		return "serviceaccounts"
	case namesSecret(pod):
		return "secrets"
	case namesConfigMap(pod):
		return "configmaps"
	case len(pod.Spec.ResourceClaims) > 0:
		return "resourceclaims"
	}
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.CSI != nil:
			return "csidrivers (via CSI volumes)"
		case v.Glusterfs != nil:
			return "endpoints (via glusterFS volumes)"
		case v.PersistentVolumeClaim != nil:
			return "persistentvolumeclaims"
		case v.Ephemeral != nil:
			return "persistentvolumeclaims (via ephemeral volumes)"
		case v.Projected != nil:
			for _, s := range v.Projected.Sources {
				switch {
				case s.ServiceAccountToken != nil:
					return "serviceaccounts (via projected volumes)"
				case s.ClusterTrustBundle != nil:
					return "clustertrustbundles"
				case s.PodCertificate != nil:
					return "podcertificates"
				}
			}
		}
	}
	return ""
}

func eachContainer(pod *corev1.Pod, f func([]corev1.EnvVar, []corev1.EnvFromSource)) {
	for _, c := range pod.Spec.InitContainers {
		f(c.Env, c.EnvFrom)
	}
	for _, c := range pod.Spec.Containers {
		f(c.Env, c.EnvFrom)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		f(c.Env, c.EnvFrom)
	}
}
