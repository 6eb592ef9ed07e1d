package quota

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/quota"
)

// podFreed says that a pod ended, was resized, or changed between having a time to end and not.
func podFreed(old, new metav1.Object) bool {
	was, is := old.(*corev1.Pod), new.(*corev1.Pod)
	ended := func(p *corev1.Pod) bool {
		return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	}
	return !ended(was) && ended(is) || quota.Terminating(was) != quota.Terminating(is) ||
		resized(was.Status.ContainerStatuses, is.Status.ContainerStatuses) || resized(was.Status.InitContainerStatuses, is.Status.InitContainerStatuses)
}

func resized(was, is []corev1.ContainerStatus) bool {
	for _, a := range was {
		for _, b := range is {
			if a.Name == b.Name && !equality.Semantic.DeepEqual(a.Resources, b.Resources) {
				return true
			}
		}
	}
	return false
}

func serviceFreed(old, new metav1.Object) bool {
	was, is := old.(*corev1.Service), new.(*corev1.Service)
	return was.Spec.Type != is.Spec.Type || len(was.Spec.Ports) != len(is.Spec.Ports)
}

func claimFreed(old, new metav1.Object) bool {
	was, is := old.(*corev1.PersistentVolumeClaim), new.(*corev1.PersistentVolumeClaim)
	return !quota.Equal(was.Status.AllocatedResources, is.Status.AllocatedResources)
}
