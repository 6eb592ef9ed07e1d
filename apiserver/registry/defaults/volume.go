package defaults

import corev1 "k8s.io/api/core/v1"

// tokenSeconds is the life of a projected token that does not say (ADM-30).
const tokenSeconds int64 = 3600

func volume(v *corev1.Volume) {
	if v.VolumeSource == (corev1.VolumeSource{}) {
		v.EmptyDir = &corev1.EmptyDirVolumeSource{} // a volume without a source is an empty directory
	}
	s := &v.VolumeSource
	switch {
	case s.Secret != nil:
		setPtr(&s.Secret.DefaultMode, corev1.SecretVolumeSourceDefaultMode)
	case s.ConfigMap != nil:
		setPtr(&s.ConfigMap.DefaultMode, corev1.ConfigMapVolumeSourceDefaultMode)
	case s.DownwardAPI != nil:
		setPtr(&s.DownwardAPI.DefaultMode, corev1.DownwardAPIVolumeSourceDefaultMode)
		downward(s.DownwardAPI.Items)
	case s.Projected != nil:
		projected(s.Projected)
	case s.HostPath != nil:
		setPtr(&s.HostPath.Type, corev1.HostPathUnset)
	case s.Image != nil:
		set(&s.Image.PullPolicy, pullPolicy(s.Image.Reference))
	case s.Ephemeral != nil:
		if t := s.Ephemeral.VolumeClaimTemplate; t != nil {
			claimSpec(&t.Spec)
		}
	}
	networkVolume(s) // beside others too: an object may name several before it is refused
}

func projected(p *corev1.ProjectedVolumeSource) {
	setPtr(&p.DefaultMode, corev1.ProjectedVolumeSourceDefaultMode)
	for i := range p.Sources {
		s := &p.Sources[i]
		if s.DownwardAPI != nil {
			downward(s.DownwardAPI.Items)
		}
		if s.ServiceAccountToken != nil {
			setPtr(&s.ServiceAccountToken.ExpirationSeconds, tokenSeconds)
		}
	}
}

func downward(items []corev1.DownwardAPIVolumeFile) {
	for i := range items {
		fieldRef(items[i].FieldRef)
	}
}

// networkVolume fills in the storage systems that have defaults of their own.
func networkVolume(s *corev1.VolumeSource) {
	if s.ISCSI != nil {
		set(&s.ISCSI.ISCSIInterface, "default")
	}
	if s.RBD != nil {
		set(&s.RBD.RBDPool, "rbd")
		set(&s.RBD.RadosUser, "admin")
		set(&s.RBD.Keyring, "/etc/ceph/keyring")
	}
	if s.AzureDisk != nil {
		azureDisk(s.AzureDisk)
	}
	if s.ScaleIO != nil {
		set(&s.ScaleIO.StorageMode, "ThinProvisioned")
		set(&s.ScaleIO.FSType, "xfs")
	}
}

func azureDisk(d *corev1.AzureDiskVolumeSource) {
	setPtr(&d.CachingMode, corev1.AzureDataDiskCachingReadWrite)
	setPtr(&d.FSType, "ext4")
	setPtr(&d.ReadOnly, false)
	setPtr(&d.Kind, corev1.AzureSharedBlobDisk)
}

func claimSpec(s *corev1.PersistentVolumeClaimSpec) {
	setPtr(&s.VolumeMode, corev1.PersistentVolumeFilesystem)
	round(s.Resources.Limits)
	round(s.Resources.Requests)
}

func persistentVolume(v *corev1.PersistentVolume) {
	set(&v.Status.Phase, corev1.VolumePending)
	set(&v.Spec.PersistentVolumeReclaimPolicy, corev1.PersistentVolumeReclaimRetain)
	setPtr(&v.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	round(v.Spec.Capacity)
	s := &v.Spec.PersistentVolumeSource // each by itself: an object may name several before it is refused
	if s.HostPath != nil {
		setPtr(&s.HostPath.Type, corev1.HostPathUnset)
	}
	if s.ISCSI != nil {
		set(&s.ISCSI.ISCSIInterface, "default")
	}
	if s.RBD != nil {
		set(&s.RBD.RBDPool, "rbd")
		set(&s.RBD.RadosUser, "admin")
		set(&s.RBD.Keyring, "/etc/ceph/keyring")
	}
	if s.AzureDisk != nil {
		azureDisk(s.AzureDisk)
	}
	if s.ScaleIO != nil {
		set(&s.ScaleIO.StorageMode, "ThinProvisioned")
		set(&s.ScaleIO.FSType, "xfs")
	}
}
