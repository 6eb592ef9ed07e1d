package volume

import (
	"io/fs"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// CommonUser is the uid that every container of the pod runs as by its spec, or nil if one says
// none or two differ (KUB-25). The USER of an image is unknown to a kubelet and does not count
// (KUB-26).
func CommonUser(pod *corev1.Pod) *int64 {
	var common *int64
	differ := false
	see := func(sc *corev1.SecurityContext) {
		var uid *int64
		if ps := pod.Spec.SecurityContext; ps != nil {
			uid = ps.RunAsUser
		}
		if sc != nil && sc.RunAsUser != nil {
			uid = sc.RunAsUser
		}
		switch {
		case uid == nil, common != nil && *common != *uid:
			differ = true
		default:
			common = uid
		}
	}
	for i := range pod.Spec.InitContainers {
		see(pod.Spec.InitContainers[i].SecurityContext)
	}
	for i := range pod.Spec.Containers {
		see(pod.Spec.Containers[i].SecurityContext)
	}
	for i := range pod.Spec.EphemeralContainers {
		see(pod.Spec.EphemeralContainers[i].SecurityContext)
	}
	if differ {
		return nil
	}
	return common
}

// Owned are the files of a volume that do not belong to root, by their path in it, and whose they are: the
// tokens, of a pod that says who reads them (KUB-25). sub is the part of the volume that is asked about; a file
// that is all of it is called ".".
func Owned(pod *corev1.Pod, v *corev1.Volume, sub string) (user int64, paths []string) {
	uid := CommonUser(pod)
	if uid == nil || *uid == 0 || v.Projected == nil {
		return 0, nil
	}
	for _, s := range v.Projected.Sources {
		if s.ServiceAccountToken == nil {
			continue
		}
		p := path.Clean(s.ServiceAccountToken.Path)
		if below, ok := strings.CutPrefix(p, sub+"/"); ok && sub != "" {
			p = below
		} else if p == sub {
			p = "."
		}
		paths = append(paths, p)
	}
	return *uid, paths
}

// Group is the pod's fsGroup, or nil.
func Group(pod *corev1.Pod) *int64 {
	if sc := pod.Spec.SecurityContext; sc != nil {
		return sc.FSGroup
	}
	return nil
}

// TokenMode is the mode of a token file (KUB-25): its own reader's alone if the pod says who that
// is, by an fsGroup or one uid for all, else the volume's default. fsGroup widens it later.
func TokenMode(pod *corev1.Pod, volumeDefault fs.FileMode) fs.FileMode {
	if Group(pod) != nil || CommonUser(pod) != nil {
		return 0o600
	}
	return volumeDefault
}
