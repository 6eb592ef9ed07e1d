package admission

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// runtimeClass refuses pods that name a RuntimeClass or bring an overhead: there are no RuntimeClasses here, so none can be found.
type runtimeClass struct{}

func (runtimeClass) mutate(_ context.Context, a *Attributes) error {
	if !a.is("", "pods", "") || a.Operation != Create {
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Object)
	}
	if pod.Spec.RuntimeClassName != nil {
		return forbiddenf(a, "pod rejected: RuntimeClass %q not found", *pod.Spec.RuntimeClassName)
	}
	return nil
}

func (runtimeClass) validate(_ context.Context, a *Attributes) error {
	if !a.is("", "pods", "") || a.Operation != Create {
		return nil
	}
	if pod, ok := a.Object.(*corev1.Pod); ok && pod.Spec.Overhead != nil {
		return forbiddenf(a, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
	}
	return nil
}
