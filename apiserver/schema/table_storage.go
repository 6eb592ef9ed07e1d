package schema

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

func storageTables() map[runtimeschema.GroupVersionKind]*tableKind {
	core := corev1.SchemeGroupVersion
	return map[runtimeschema.GroupVersionKind]*tableKind{
		core.WithKind("PersistentVolume"): shown(columns(
			nameColumn(),
			column("Capacity", doc(corev1.PersistentVolumeSpec{}, "capacity")),
			column("Access Modes", doc(corev1.PersistentVolumeSpec{}, "accessModes")),
			column("Reclaim Policy", doc(corev1.PersistentVolumeSpec{}, "persistentVolumeReclaimPolicy")),
			column("Status", doc(corev1.PersistentVolumeStatus{}, "phase")),
			column("Claim", doc(corev1.PersistentVolumeSpec{}, "claimRef")),
			column("StorageClass", "StorageClass of the pv"),
			column("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
			column("Reason", doc(corev1.PersistentVolumeStatus{}, "reason")),
			ageColumn(),
			wide(column("VolumeMode", doc(corev1.PersistentVolumeSpec{}, "volumeMode"))),
		), volumeCells),
		core.WithKind("PersistentVolumeClaim"): shown(columns(
			nameColumn(),
			column("Status", doc(corev1.PersistentVolumeClaimStatus{}, "phase")),
			column("Volume", doc(corev1.PersistentVolumeClaimSpec{}, "volumeName")),
			column("Capacity", doc(corev1.PersistentVolumeClaimStatus{}, "capacity")),
			column("Access Modes", doc(corev1.PersistentVolumeClaimStatus{}, "accessModes")),
			column("StorageClass", "StorageClass of the pvc"),
			column("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
			ageColumn(),
			wide(column("VolumeMode", doc(corev1.PersistentVolumeClaimSpec{}, "volumeMode"))),
		), claimCells),
		storagev1.SchemeGroupVersion.WithKind("StorageClass"): shown(columns(
			nameColumn(),
			column("Provisioner", doc(storagev1.StorageClass{}, "provisioner")),
			column("ReclaimPolicy", doc(storagev1.StorageClass{}, "reclaimPolicy")),
			column("VolumeBindingMode", doc(storagev1.StorageClass{}, "volumeBindingMode")),
			column("AllowVolumeExpansion", doc(storagev1.StorageClass{}, "allowVolumeExpansion")),
			ageColumn(),
		), storageClassCells),
	}
}

// accessModes abbreviates access modes, in a fixed order.
func accessModes(modes []corev1.PersistentVolumeAccessMode) string {
	var short []string
	for _, mode := range []struct {
		name corev1.PersistentVolumeAccessMode
		as   string
	}{
		{corev1.ReadWriteOnce, "RWO"}, {corev1.ReadOnlyMany, "ROX"}, {corev1.ReadWriteMany, "RWX"}, {corev1.ReadWriteOncePod, "RWOP"},
	} {
		if slices.Contains(modes, mode.name) {
			short = append(short, mode.as)
		}
	}
	return strings.Join(short, ",")
}

// storageClass prefers the annotation that named the class before there was a field for it.
func storageClass(annotations map[string]string, field string) string {
	if class, ok := annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return field
}

func volumeCells(v *corev1.PersistentVolume, o *TableOptions) []any {
	claim, phase := "", string(v.Status.Phase)
	if ref := v.Spec.ClaimRef; ref != nil {
		claim = ref.Namespace + "/" + ref.Name
	}
	if v.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	capacity := v.Spec.Capacity[corev1.ResourceStorage]
	return []any{
		v.Name, capacity.String(), accessModes(v.Spec.AccessModes), string(v.Spec.PersistentVolumeReclaimPolicy), phase, claim,
		storageClass(v.Annotations, v.Spec.StorageClassName), pointed(v.Spec.VolumeAttributesClassName, "<unset>"), v.Status.Reason,
		o.age(v.CreationTimestamp), pointed(v.Spec.VolumeMode, "<unset>"),
	}
}

func claimCells(c *corev1.PersistentVolumeClaim, o *TableOptions) []any {
	phase, capacity, modes := string(c.Status.Phase), "", ""
	if c.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	if c.Spec.VolumeName != "" {
		size := c.Status.Capacity[corev1.ResourceStorage]
		capacity, modes = size.String(), accessModes(c.Status.AccessModes)
	}
	return []any{
		c.Name, phase, c.Spec.VolumeName, capacity, modes, storageClass(c.Annotations, pointed(c.Spec.StorageClassName, "")),
		pointed(c.Spec.VolumeAttributesClassName, "<unset>"), o.age(c.CreationTimestamp), pointed(c.Spec.VolumeMode, "<unset>"),
	}
}

func storageClassCells(c *storagev1.StorageClass, o *TableOptions) []any {
	name := c.Name
	for _, annotation := range [...]string{"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"} {
		if c.Annotations[annotation] == "true" {
			name += " (default)"
			break
		}
	}
	return []any{
		name, c.Provisioner, pointed(c.ReclaimPolicy, "Delete"), pointed(c.VolumeBindingMode, "Immediate"),
		c.AllowVolumeExpansion != nil && *c.AllowVolumeExpansion, o.age(c.CreationTimestamp),
	}
}
