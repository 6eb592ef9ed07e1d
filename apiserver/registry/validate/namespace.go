package validate

import (
	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func namespaceName(name string) []string { return apivalidation.ValidateNamespaceName(name, false) }

func namespace(r *report, n *corev1.Namespace) {
	r.meta(&n.ObjectMeta, false, namespaceName)
	for _, f := range n.Spec.Finalizers {
		r.qualified(field.NewPath("spec", "finalizers"), string(f))
		r.finalizerDomain(field.NewPath("spec", "finalizers"), string(f))
	}
}

// updateNamespace: the phase follows the deletion; finalizers are checked where they can change.
func updateNamespace(r *report, n, old *corev1.Namespace, subresource string) {
	r.metaUpdate(&n.ObjectMeta, &old.ObjectMeta)
	switch subresource {
	case "status":
		phase := field.NewPath("status", "Phase")
		switch {
		case n.DeletionTimestamp.IsZero() && n.Status.Phase != corev1.NamespaceActive:
			r.invalid(phase, n.Status.Phase, "may only be 'Active' if `deletionTimestamp` is empty")
		case !n.DeletionTimestamp.IsZero() && n.Status.Phase != corev1.NamespaceTerminating:
			r.invalid(phase, n.Status.Phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")
		}
	case "finalize":
		for i, f := range n.Spec.Finalizers {
			r.qualified(field.NewPath("spec", "finalizers").Index(i), string(f))
			r.finalizerDomain(field.NewPath("spec", "finalizers").Index(i), string(f))
		}
	}
}
