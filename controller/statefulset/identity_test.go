package statefulset

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/workload"
)

func TestOrdinal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"web-0": 0, "web-17": 17, "web-": -1, "web": -1, "web-x": -1, "web-01": -1, "web--1": -1, "other-0": -1, "web-a-0": -1} {
		if got := ordinal("web", name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestAPodHasItsOwnClaims(t *testing.T) {
	t.Parallel()
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db"}, Spec: appsv1.StatefulSetSpec{
		Selector:             &metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}},
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data"}}},
	}}
	template := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Volumes: []corev1.Volume{{Name: "data"}, {Name: "tmp"}}}}
	c := &controller{}
	c.pods = &workload.Pods{}
	p := c.newPod(set, template, "rev", 3)
	if p.Name != "db-3" || len(p.Spec.Volumes) != 2 || p.Spec.Volumes[0].PersistentVolumeClaim == nil || p.Spec.Volumes[0].PersistentVolumeClaim.ClaimName != "data-db-3" {
		t.Errorf("pod %s with %+v", p.Name, p.Spec.Volumes)
	}
	claim := newClaim(set, &set.Spec.VolumeClaimTemplates[0], p.Name)
	if claim.Name != "data-db-3" || claim.Namespace != "shop" || claim.Labels["app"] != "db" {
		t.Errorf("claim %+v", claim.ObjectMeta)
	}
}
