package controller_test

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func podTemplate(labels map[string]string, image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}}}
}

func newDeployment(name string, n int32) *appsv1.Deployment {
	l := map[string]string{"app": name}
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: l},
		Spec: appsv1.DeploymentSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: l}, Template: podTemplate(l, "nginx:1")}}
}

func (c cluster) deployment(t *testing.T, name string) *appsv1.Deployment {
	t.Helper()
	d, err := c.AppsV1().Deployments("default").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (c cluster) patch(t *testing.T, name, patch string) {
	t.Helper()
	if _, err := c.AppsV1().Deployments("default").Patch(t.Context(), name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// settled says whether a Deployment has n pods, all of them of the present template and available, and no others.
func (c cluster) settled(t *testing.T, name string, n int32) func() bool {
	return func() bool {
		d := c.deployment(t, name)
		s := d.Status
		if s.ObservedGeneration != d.Generation || s.Replicas != n || s.UpdatedReplicas != n || s.AvailableReplicas != n {
			return false
		}
		pods, err := c.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
		if err != nil {
			t.Fatal(err)
		}
		live := int32(0)
		for _, p := range pods.Items {
			if p.DeletionTimestamp == nil {
				live++
			}
		}
		return live == n
	}
}

func TestADeploymentRollsScalesAndRollsBack(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	if _, err := c.AppsV1().Deployments("default").Create(ctx, newDeployment("web", 3), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three pods", c.settled(t, "web", 3))
	d := c.deployment(t, "web")
	if got := d.Annotations["deployment.kubernetes.io/revision"]; got != "1" {
		t.Errorf("revision %q, want 1", got)
	}
	eventually(t, "the conditions", func() bool {
		reasons := map[string]bool{}
		for _, cond := range c.deployment(t, "web").Status.Conditions {
			reasons[fmt.Sprintf("%s=%s %s", cond.Type, cond.Status, cond.Reason)] = true
		}
		return reasons["Available=True MinimumReplicasAvailable"] && reasons["Progressing=True NewReplicaSetAvailable"]
	})
	for _, step := range []struct {
		patch    string
		n        int32
		revision string
	}{
		{`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}}}`, 3, "2"},
		{`{"spec":{"replicas":5}}`, 5, "2"},
		{`{"spec":{"replicas":2}}`, 2, "2"},
		{`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1"}]}}}}`, 2, "3"},
		{`{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null},"template":{"spec":{"containers":[{"name":"web","image":"nginx:3"}]}}}}`, 2, "4"},
		{`{"spec":{"replicas":0}}`, 0, "4"},
	} {
		c.patch(t, "web", step.patch)
		eventually(t, step.patch, c.settled(t, "web", step.n))
		if got := c.deployment(t, "web").Annotations["deployment.kubernetes.io/revision"]; got != step.revision {
			t.Errorf("after %s: revision %q, want %s", step.patch, got, step.revision)
		}
	}
	sets, err := c.AppsV1().ReplicaSets("default").List(ctx, metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	if len(sets.Items) != 3 {
		t.Errorf("%d ReplicaSets, want 3: going back to a template takes up its ReplicaSet again", len(sets.Items))
	}
	background := metav1.DeletePropagationBackground
	if err := c.AppsV1().Deployments("default").Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing left", func() bool {
		sets, err := c.AppsV1().ReplicaSets("default").List(ctx, metav1.ListOptions{})
		return err == nil && len(sets.Items) == 0
	})
}

func TestADeletedPodIsReplacedAndAForeignOneAdopted(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	bare := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "bare", Labels: map[string]string{"app": "web"}}, Spec: podTemplate(nil, "nginx:1").Spec}
	if _, err := c.CoreV1().Pods("default").Create(ctx, bare, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	n := int32(2)
	l := map[string]string{"app": "web"}
	rs := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec: appsv1.ReplicaSetSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: l}, Template: podTemplate(l, "nginx:1")}}
	if _, err := c.AppsV1().ReplicaSets("default").Create(ctx, rs, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ready := func() bool {
		rs, err := c.AppsV1().ReplicaSets("default").Get(ctx, "web", metav1.GetOptions{})
		return err == nil && rs.Status.ReadyReplicas == 2 && rs.Status.Replicas == 2
	}
	eventually(t, "two ready", ready)
	p, err := c.CoreV1().Pods("default").Get(ctx, "bare", metav1.GetOptions{})
	if err != nil || len(p.OwnerReferences) != 1 || p.OwnerReferences[0].Kind != "ReplicaSet" {
		t.Fatalf("bare pod: %v, %v; want it adopted", p.OwnerReferences, err)
	}
	now := int64(0)
	if err := c.CoreV1().Pods("default").Delete(ctx, "bare", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bare gone", func() bool {
		_, err := c.CoreV1().Pods("default").Get(ctx, "bare", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	eventually(t, "two ready again", ready)
}
