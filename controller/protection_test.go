package controller_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestAClaimStaysWhileAPodNamesIt(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	claims, pods := c.CoreV1().PersistentVolumeClaims("default"), c.CoreV1().Pods("default")
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}}}}
	made, err := claims.Create(ctx, claim, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(made.Finalizers, []string{"kubernetes.io/pvc-protection"}) {
		t.Errorf("finalizers of a claim: %v", made.Finalizers)
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "user"}, Spec: podTemplate(nil, "nginx:1").Spec}
	pod.Spec.NodeName = "node-1"
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}}
	if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	free := claim.DeepCopy()
	free.Name = "free"
	if _, err := claims.Create(ctx, free, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// A pod of a node is seen before its start is reported.
	eventually(t, "the pod running", func() bool {
		p, err := pods.Get(ctx, "user", metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodRunning
	})
	for _, name := range []string{"data", "free"} {
		if err := claims.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(name string) func() bool {
		return func() bool {
			_, err := claims.Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err)
		}
	}
	eventually(t, "the free claim gone", gone("free"))
	if used, err := claims.Get(ctx, "data", metav1.GetOptions{}); err != nil || used.DeletionTimestamp == nil {
		t.Fatalf("the claim in use: %v, %v", used, err)
	}
	if err := pods.Delete(ctx, "user", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the claim gone", gone("data"))
}

func TestAVolumeStaysWhileItIsBound(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	volumes := c.CoreV1().PersistentVolumes()
	v := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "disk"}, Spec: corev1.PersistentVolumeSpec{
		AccessModes:            []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Capacity:               corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
		PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/data"}}}}
	if _, err := volumes.Create(ctx, v, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := volumes.Patch(ctx, "disk", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the finalizer back", func() bool {
		v, err := volumes.Get(ctx, "disk", metav1.GetOptions{})
		return err == nil && slices.Equal(v.Finalizers, []string{"kubernetes.io/pv-protection"})
	})
	none := ""
	c.makeClaim(t, wanting("holder", &none, func(w *corev1.PersistentVolumeClaim) {
		w.Spec.VolumeName, w.Spec.Resources.Requests = "disk", storageOf("1Gi")
	}))
	c.volumeIs(t, "disk", corev1.VolumeBound)
	if err := volumes.Delete(ctx, "disk", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	bound, err := volumes.Get(ctx, "disk", metav1.GetOptions{})
	if err != nil || !slices.Equal(bound.Finalizers, []string{"kubernetes.io/pv-protection"}) {
		t.Fatalf("a bound volume: %v, %v", bound, err)
	}
	if err := c.CoreV1().PersistentVolumeClaims("default").Delete(ctx, "holder", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the volume gone", func() bool {
		_, err := volumes.Get(ctx, "disk", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}
