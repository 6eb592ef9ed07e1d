package controller_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What was there before ReplicaSets keeps its pods alike: it makes them, adopts, scales, and its pods outlive it unless told otherwise.
func TestAReplicationControllerKeepsItsPods(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	three, l := int32(3), map[string]string{"app": "old"}
	template := podTemplate(l, "nginx:1")
	rcs := c.CoreV1().ReplicationControllers("default")
	rc := &corev1.ReplicationController{ObjectMeta: metav1.ObjectMeta{Name: "old"}, Spec: corev1.ReplicationControllerSpec{Replicas: &three, Template: &template}}
	if _, err := rcs.Create(ctx, rc, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ready := func(n int32) func() bool {
		return func() bool {
			rc, err := rcs.Get(ctx, "old", metav1.GetOptions{})
			return err == nil && rc.Status.Replicas == n && rc.Status.ReadyReplicas == n && rc.Status.AvailableReplicas == n &&
				rc.Status.FullyLabeledReplicas == n && rc.Status.ObservedGeneration == rc.Generation
		}
	}
	eventually(t, "three ready", ready(3))
	pods, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app=old"})
	if err != nil {
		t.Fatal(err)
	}
	owner := metav1.GetControllerOf(&pods.Items[0])
	if owner == nil || owner.Kind != "ReplicationController" || owner.APIVersion != "v1" || owner.Name != "old" {
		t.Errorf("owner %+v", owner)
	}
	eventually(t, "its events", func() bool {
		l, err := c.CoreV1().Events("default").List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.kind=ReplicationController"})
		return err == nil && slices.ContainsFunc(l.Items, func(e corev1.Event) bool {
			return e.Reason == "SuccessfulCreate" && e.Source.Component == "replication-controller"
		})
	})
	scale, err := rcs.GetScale(ctx, "old", metav1.GetOptions{})
	if err != nil || scale.Status.Selector != "app=old" {
		t.Fatalf("scale %+v, %v", scale, err)
	}
	scale.Spec.Replicas = 1
	if _, err := rcs.UpdateScale(ctx, "old", scale, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one left", ready(1))
	orphan := metav1.DeletePropagationOrphan
	if err := rcs.Delete(ctx, "old", metav1.DeleteOptions{PropagationPolicy: &orphan}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an orphan", func() bool {
		l, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app=old"})
		return err == nil && len(l.Items) == 1 && metav1.GetControllerOf(&l.Items[0]) == nil
	})
	eventually(t, "the controller itself gone", func() bool { // its finalizer goes after its pods are let go
		_, err := rcs.Get(ctx, "old", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	if _, err := rcs.Create(ctx, rc, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two more, and the orphan adopted", ready(3))
}
