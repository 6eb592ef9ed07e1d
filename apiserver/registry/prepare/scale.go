package prepare

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// ScaleOf is the scale subresource of a workload: how many pods are wanted, how many there are, and the selector as text.
func ScaleOf(obj runtime.Object) (*autoscalingv1.Scale, error) {
	var m *metav1.ObjectMeta
	var wanted *int32
	var have int32
	var selector *metav1.LabelSelector
	switch o := obj.(type) {
	case *appsv1.Deployment:
		m, wanted, have, selector = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas, o.Spec.Selector
	case *appsv1.ReplicaSet:
		m, wanted, have, selector = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas, o.Spec.Selector
	case *appsv1.StatefulSet:
		m, wanted, have, selector = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas, o.Spec.Selector
	case *corev1.ReplicationController:
		m, wanted, have, selector = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas, nil
		selector = metav1.SetAsLabelSelector(labels.Set(o.Spec.Selector))
	default:
		return nil, fmt.Errorf("scale of %T: not a kind that scales", obj)
	}
	text, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil, fmt.Errorf("scale of %s/%s: %w", m.Namespace, m.Name, err)
	}
	s := &autoscalingv1.Scale{
		TypeMeta: metav1.TypeMeta{APIVersion: "autoscaling/v1", Kind: "Scale"},
		ObjectMeta: metav1.ObjectMeta{
			Name: m.Name, Namespace: m.Namespace, UID: m.UID, ResourceVersion: m.ResourceVersion, CreationTimestamp: m.CreationTimestamp,
		},
		Status: autoscalingv1.ScaleStatus{Replicas: have, Selector: text.String()},
	}
	if wanted != nil {
		s.Spec.Replicas = *wanted
	}
	return s, nil
}

// SetScale writes the wanted number of a scale into its workload.
func SetScale(obj runtime.Object, s *autoscalingv1.Scale) error {
	n := s.Spec.Replicas
	switch o := obj.(type) {
	case *appsv1.Deployment:
		o.Spec.Replicas = &n
	case *appsv1.ReplicaSet:
		o.Spec.Replicas = &n
	case *appsv1.StatefulSet:
		o.Spec.Replicas = &n
	case *corev1.ReplicationController:
		o.Spec.Replicas = &n
	default:
		return fmt.Errorf("scale %T: not a kind that scales", obj)
	}
	return nil
}
