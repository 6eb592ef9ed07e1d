package volume

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Plugin is the directory name of a volume's kind below a pod's volumes (KUB-20), or an error that
// says what this kubelet does not simulate.
func Plugin(v *corev1.Volume) (string, error) {
	switch {
	case v.Projected != nil:
		return "kubernetes.io~projected", nil
	case v.ConfigMap != nil:
		return "kubernetes.io~configmap", nil
	case v.Secret != nil:
		return "kubernetes.io~secret", nil
	case v.DownwardAPI != nil:
		return "kubernetes.io~downward-api", nil
	case v.EmptyDir != nil, v.VolumeSource == (corev1.VolumeSource{}):
		return "kubernetes.io~empty-dir", nil
	case v.HostPath != nil:
		return "", fmt.Errorf("a simulated node has no files of its own: hostPath %s is not mounted", v.HostPath.Path)
	case v.PersistentVolumeClaim != nil, v.Ephemeral != nil:
		return "kubernetes.io~local-volume", nil
	}
	return "", fmt.Errorf("volumes of this kind are not simulated")
}

// Claims says whether there is a claim behind the volume: what it is bound to lies on the node's disk, not in the pod's directory.
func Claims(v *corev1.Volume) bool { return v.PersistentVolumeClaim != nil || v.Ephemeral != nil }

// Projects says whether files are written into the volume, as against an empty directory for the
// pod's own use.
func Projects(v *corev1.Volume) bool {
	return v.Projected != nil || v.ConfigMap != nil || v.Secret != nil || v.DownwardAPI != nil
}

// InMemory says whether a real kubelet keeps a volume in memory: secrets, tokens and the downward API always, an
// empty directory if it asks for it, and ConfigMaps never.
func InMemory(v *corev1.Volume) bool {
	return v.Projected != nil || v.Secret != nil || v.DownwardAPI != nil || v.EmptyDir != nil && v.EmptyDir.Medium == corev1.StorageMediumMemory
}
