package admission

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// storageProtection puts the finalizers on new claims and volumes that keep them while they are used.
type storageProtection struct{}

func (storageProtection) mutate(_ context.Context, a *Attributes) error {
	if a.Operation != Create || a.Subresource != "" {
		return nil
	}
	switch o := a.Object.(type) {
	case *corev1.PersistentVolumeClaim:
		protect(&o.ObjectMeta, "kubernetes.io/pvc-protection")
	case *corev1.PersistentVolume:
		protect(&o.ObjectMeta, "kubernetes.io/pv-protection")
	}
	return nil
}

func protect(m *metav1.ObjectMeta, finalizer string) {
	if !slices.Contains(m.Finalizers, finalizer) {
		m.Finalizers = append(m.Finalizers, finalizer)
	}
}
