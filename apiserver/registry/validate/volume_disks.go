package validate

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// disk checks the sources that name a disk or a file system of some vendor. Nothing here mounts them.
func (c *podCheck) disk(p *field.Path, v *corev1.Volume, kind string) {
	at := p.Child(kind)
	needs := func(name, value string) {
		if value == "" {
			c.required(at.Child(name), "")
		}
	}
	switch kind {
	case "gcePersistentDisk":
		at = p.Child("persistentDisk") // the real server calls it so here
		needs("pdName", v.GCEPersistentDisk.PDName)
		c.partition(at, v.GCEPersistentDisk.Partition)
	case "awsElasticBlockStore":
		needs("volumeID", v.AWSElasticBlockStore.VolumeID)
		c.partition(at, v.AWSElasticBlockStore.Partition)
	case "iscsi":
		c.iscsi(at, v.ISCSI)
	case "fc":
		c.fibreChannel(at, v.FC)
	case "glusterfs":
		needs("endpoints", v.Glusterfs.EndpointsName)
		needs("path", v.Glusterfs.Path)
	case "rbd":
		if len(v.RBD.CephMonitors) == 0 {
			c.required(at.Child("monitors"), "")
		}
		needs("image", v.RBD.RBDImage)
	case "cephfs":
		if len(v.CephFS.Monitors) == 0 {
			c.required(at.Child("monitors"), "")
		}
	case "cinder":
		needs("volumeID", v.Cinder.VolumeID)
		if ref := v.Cinder.SecretRef; ref != nil && ref.Name == "" {
			c.required(at.Child("secretRef", "name"), "")
		}
	case "flexVolume":
		needs("driver", v.FlexVolume.Driver)
	case "azureFile":
		needs("secretName", v.AzureFile.SecretName)
		needs("shareName", v.AzureFile.ShareName)
	case "azureDisk":
		c.azureDisk(at, v.AzureDisk)
	case "vsphereVolume":
		needs("volumePath", v.VsphereVolume.VolumePath)
	case "portworxVolume":
		needs("volumeID", v.PortworxVolume.VolumeID)
	case "photonPersistentDisk":
		needs("pdID", v.PhotonPersistentDisk.PdID)
	case "scaleIO":
		needs("gateway", v.ScaleIO.Gateway)
		needs("system", v.ScaleIO.System)
		needs("volumeName", v.ScaleIO.VolumeName)
	}
}

func (r *report) partition(p *field.Path, n int32) {
	if n < 0 || n > 255 {
		r.invalid(p.Child("partition"), n, validation.InclusiveRangeError(1, 255))
	}
}

func (r *report) iscsi(p *field.Path, s *corev1.ISCSIVolumeSource) {
	if s.TargetPortal == "" {
		r.required(p.Child("targetPortal"), "")
	}
	if s.IQN == "" {
		r.required(p.Child("iqn"), "")
	} else if !slices.ContainsFunc([]string{"iqn", "eui", "naa"}, func(form string) bool { return strings.HasPrefix(s.IQN, form) }) {
		r.invalid(p.Child("iqn"), s.IQN, "must be valid format starting with iqn, eui, or naa")
	}
	if s.Lun < 0 || s.Lun > 255 {
		r.invalid(p.Child("lun"), s.Lun, validation.InclusiveRangeError(0, 255))
	}
	if (s.DiscoveryCHAPAuth || s.SessionCHAPAuth) && s.SecretRef == nil {
		r.required(p.Child("secretRef"), "")
	}
}

func (r *report) fibreChannel(p *field.Path, s *corev1.FCVolumeSource) {
	names := p.Child("targetWWNs")
	if len(s.TargetWWNs) == 0 {
		if len(s.WWIDs) == 0 {
			r.required(names, "must specify either targetWWNs or wwids, but not both")
		}
		return
	}
	if len(s.WWIDs) > 0 {
		r.invalid(names, s.TargetWWNs, "targetWWNs and wwids can not be specified simultaneously")
	}
	switch lun := p.Child("lun"); {
	case s.Lun == nil:
		r.required(lun, "lun is required if targetWWNs is specified")
	case *s.Lun < 0 || *s.Lun > 255:
		r.invalid(lun, *s.Lun, validation.InclusiveRangeError(0, 255))
	}
}

func (r *report) azureDisk(p *field.Path, s *corev1.AzureDiskVolumeSource) {
	if s.DiskName == "" {
		r.required(p.Child("diskName"), "")
	}
	uri := p.Child("diskURI")
	if s.DataDiskURI == "" {
		r.required(uri, "")
	}
	if s.CachingMode != nil {
		oneOf(r, p.Child("cachingMode"), *s.CachingMode, corev1.AzureDataDiskCachingNone, corev1.AzureDataDiskCachingReadOnly, corev1.AzureDataDiskCachingReadWrite)
	}
	if s.Kind == nil {
		return
	}
	oneOf(r, p.Child("kind"), *s.Kind, corev1.AzureDedicatedBlobDisk, corev1.AzureManagedDisk, corev1.AzureSharedBlobDisk)
	start, form := "https://", "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
	if *s.Kind == corev1.AzureManagedDisk {
		start, form = "/subscriptions/", "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
	}
	if !strings.HasPrefix(s.DataDiskURI, start) {
		oneOf(r, uri, s.DataDiskURI, form)
	}
}
