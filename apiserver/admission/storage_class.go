package admission

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// defaultStorageClass gives a claim without a class the newest class that is marked as default.
type defaultStorageClass struct{ get Getter }

func (p *defaultStorageClass) mutate(_ context.Context, a *Attributes) error {
	if !a.is("", "persistentvolumeclaims", "") || a.Operation != Create {
		return nil
	}
	claim, ok := a.Object.(*corev1.PersistentVolumeClaim)
	if !ok || claim.Spec.StorageClassName != nil {
		return nil
	}
	if _, ok := claim.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return nil
	}
	all, err := p.get.StorageClasses()
	if err != nil {
		return forbidden(a, err)
	}
	var class *storagev1.StorageClass
	for _, c := range all {
		if !isDefaultClass(c) {
			continue
		}
		if class == nil || c.CreationTimestamp.After(class.CreationTimestamp.Time) ||
			(c.CreationTimestamp.Equal(&class.CreationTimestamp) && c.Name < class.Name) {
			class = c
		}
	}
	if class == nil {
		return nil
	}
	name := class.Name
	claim.Spec.StorageClassName = &name
	a.note("DefaultStorageClass", NoteStorageClass, "class", name)
	return nil
}

func isDefaultClass(c *storagev1.StorageClass) bool {
	return c.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		c.Annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
}
