package validate

import (
	"net"
	"regexp"
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
		c.flexOptions(at.Child("options"), v.FlexVolume.Options)
	case "flocker":
		c.flocker(at, v.Flocker)
	case "quobyte":
		c.quobyte(at, v.Quobyte)
	case "storageos":
		if n := v.StorageOS.VolumeName; n == "" {
			c.required(at.Child("volumeName"), "")
		} else {
			c.dnsLabel(at.Child("volumeName"), n)
		}
		if n := v.StorageOS.VolumeNamespace; n != "" {
			c.dnsLabel(at.Child("volumeNamespace"), n)
		}
		if ref := v.StorageOS.SecretRef; ref != nil && ref.Name == "" {
			c.required(at.Child("secretRef", "name"), "")
		}
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
	if s.InitiatorName != nil {
		r.initiator(p.Child("initiatorname"), *s.InitiatorName)
	}
}

// initiatorForms are the forms of an initiator's name, by what they begin with.
var initiatorForms = map[string]*regexp.Regexp{
	"iqn": regexp.MustCompile(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`),
	"eui": regexp.MustCompile(`^eui.[[:alnum:]]{16}$`),
	"naa": regexp.MustCompile(`^naa.[[:alnum:]]{32}$`),
}

func (r *report) initiator(p *field.Path, name string) {
	form := initiatorForms[name[:min(len(name), 3)]]
	switch {
	case form == nil:
		r.invalid(p, name, "must be valid format starting with iqn, eui, or naa")
	case !form.MatchString(name):
		r.invalid(p, name, "must be valid format")
	}
}

// flexOptions: a driver's options are its own business, but for names that are Kubernetes'.
func (r *report) flexOptions(p *field.Path, options map[string]string) {
	for _, k := range sorted(options) {
		domain, _, _ := strings.Cut(k, "/")
		domain = "." + strings.ToLower(domain)
		if strings.HasSuffix(domain, ".kubernetes.io") || strings.HasSuffix(domain, ".k8s.io") {
			r.invalid(p.Key(k), k, "kubernetes.io and k8s.io namespaces are reserved")
		}
	}
}

func (r *report) flocker(p *field.Path, s *corev1.FlockerVolumeSource) {
	if s.DatasetName == "" && s.DatasetUUID == "" {
		r.required(p, "one of datasetName and datasetUUID is required")
	}
	if s.DatasetName != "" && s.DatasetUUID != "" {
		r.invalid(p, "resource", "datasetName and datasetUUID can not be specified simultaneously")
	}
	if strings.Contains(s.DatasetName, "/") {
		r.invalid(p.Child("datasetName"), s.DatasetName, "must not contain '/'")
	}
}

func (r *report) quobyte(p *field.Path, s *corev1.QuobyteVolumeSource) {
	const pairs = "must be a host:port pair or multiple pairs separated by commas"
	switch {
	case s.Registry == "":
		r.required(p.Child("registry"), pairs)
	case len(s.Tenant) > 64:
		r.required(p.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters")
	default:
		for _, pair := range strings.Split(s.Registry, ",") {
			if _, _, err := net.SplitHostPort(pair); err != nil {
				r.invalid(p.Child("registry"), s.Registry, pairs)
			}
		}
	}
	if s.Volume == "" {
		r.required(p.Child("volume"), "")
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
