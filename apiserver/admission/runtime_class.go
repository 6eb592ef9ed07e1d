package admission

import (
	"context"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	if n := pod.Spec.RuntimeClassName; n != nil && *n == "" {
		return &apierrors.StatusError{ErrStatus: metav1.Status{ // what its look-up says
			Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: "resource name may not be empty",
		}}
	} else if n != nil {
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
