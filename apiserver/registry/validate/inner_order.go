package validate

import corev1 "k8s.io/api/core/v1"

// innerOrder lists the fields of types whose internal form has them in another order, or has fewer.
var innerOrder = map[string][]string{
	"PodSpec": {"Volumes", "InitContainers", "Containers", "EphemeralContainers", "RestartPolicy", "TerminationGracePeriodSeconds", "ActiveDeadlineSeconds",
		"DNSPolicy", "NodeSelector", "ServiceAccountName", "AutomountServiceAccountToken", "NodeName", "SecurityContext", "ImagePullSecrets", "Hostname",
		"Subdomain", "SetHostnameAsFQDN", "Affinity", "SchedulerName", "Tolerations", "HostAliases", "PriorityClassName", "Priority", "PreemptionPolicy",
		"DNSConfig", "ReadinessGates", "RuntimeClassName", "Overhead", "EnableServiceLinks", "TopologySpreadConstraints", "OS", "SchedulingGates",
		"ResourceClaims", "Resources", "HostnameOverride", "SchedulingGroup"},
	"VolumeSource": {"HostPath", "EmptyDir", "GCEPersistentDisk", "AWSElasticBlockStore", "GitRepo", "Secret", "NFS", "ISCSI", "Glusterfs",
		"PersistentVolumeClaim", "RBD", "Quobyte", "FlexVolume", "Cinder", "CephFS", "Flocker", "DownwardAPI", "FC", "AzureFile", "ConfigMap",
		"VsphereVolume", "AzureDisk", "PhotonPersistentDisk", "Projected", "PortworxVolume", "ScaleIO", "StorageOS", "CSI", "Ephemeral", "Image"},
	"PersistentVolumeSource": {"GCEPersistentDisk", "AWSElasticBlockStore", "HostPath", "Glusterfs", "NFS", "RBD", "Quobyte", "ISCSI", "FlexVolume",
		"Cinder", "CephFS", "FC", "Flocker", "AzureFile", "VsphereVolume", "AzureDisk", "PhotonPersistentDisk", "PortworxVolume", "ScaleIO", "Local",
		"StorageOS", "CSI"},
}

// sinceThen are fields that the API has in 1.37 and had not in 1.36.
var sinceThen = map[string]bool{
	"EmptyDirVolumeSource.Mode": true, "KeyToPath.User": true, "SecretVolumeSource.DefaultUser": true, "DownwardAPIVolumeFile.User": true,
	"DownwardAPIVolumeSource.DefaultUser": true, "ConfigMapVolumeSource.DefaultUser": true, "ServiceAccountTokenProjection.User": true,
	"ClusterTrustBundleProjection.User": true, "PodCertificateProjection.User": true, "ProjectedVolumeSource.DefaultUser": true,
	"VolumeMount.BindMountOptions": true, "HTTPGetAction.Protocol": true, "GRPCAction.Mode": true,
}

// podSecurity is the internal form of a pod's security context: it holds what the pod shares with its host too.
type podSecurity struct {
	HostNetwork, HostPID, HostIPC    bool
	ShareProcessNamespace, HostUsers *bool
	SELinuxOptions                   *corev1.SELinuxOptions
	WindowsOptions                   *corev1.WindowsSecurityContextOptions
	RunAsUser, RunAsGroup            *int64
	RunAsNonRoot                     *bool
	SupplementalGroups               []int64
	SupplementalGroupsPolicy         *corev1.SupplementalGroupsPolicy
	FSGroup                          *int64
	FSGroupChangePolicy              *corev1.PodFSGroupChangePolicy
	Sysctls                          []corev1.Sysctl
	SeccompProfile                   *corev1.SeccompProfile
	AppArmorProfile                  *corev1.AppArmorProfile
	SELinuxChangePolicy              *corev1.PodSELinuxChangePolicy
}

func insideSecurity(s *corev1.PodSpec) podSecurity {
	out := podSecurity{HostNetwork: s.HostNetwork, HostPID: s.HostPID, HostIPC: s.HostIPC, ShareProcessNamespace: s.ShareProcessNamespace, HostUsers: s.HostUsers}
	c := s.SecurityContext
	if c == nil {
		return out
	}
	out.SELinuxOptions, out.WindowsOptions = c.SELinuxOptions, c.WindowsOptions
	out.RunAsUser, out.RunAsGroup, out.RunAsNonRoot = c.RunAsUser, c.RunAsGroup, c.RunAsNonRoot
	out.SupplementalGroups, out.SupplementalGroupsPolicy = c.SupplementalGroups, c.SupplementalGroupsPolicy
	out.FSGroup, out.FSGroupChangePolicy, out.Sysctls = c.FSGroup, c.FSGroupChangePolicy, c.Sysctls
	out.SeccompProfile, out.AppArmorProfile, out.SELinuxChangePolicy = c.SeccompProfile, c.AppArmorProfile, c.SELinuxChangePolicy
	return out
}
