package controller_test

import (
	"fmt"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint/controller/workload"
)

// API-142: 429
func TestABudgetHoldsEvictionsBack(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	three := int32(3)
	l := map[string]string{"app": "web"}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}, Spec: appsv1.DeploymentSpec{
		Replicas: &three, Selector: &metav1.LabelSelector{MatchLabels: l}, Template: podTemplate(l, "nginx:1")}}
	if _, err := c.AppsV1().Deployments("default").Create(ctx, d, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	half := intstr.FromString("50%")
	one := intstr.FromInt32(1)
	five := intstr.FromInt32(5)
	for name, spec := range map[string]policyv1.PodDisruptionBudgetSpec{
		"half": {MinAvailable: &half}, "one": {MaxUnavailable: &one}, "five": {MinAvailable: &five}, "none": {MinAvailable: &one},
	} {
		spec.Selector = &metav1.LabelSelector{MatchLabels: l}
		if name == "none" {
			spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "nobody"}}
		}
		b := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: spec}
		if _, err := c.PolicyV1().PodDisruptionBudgets("default").Create(ctx, b, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(name, want string) {
		t.Helper()
		var got string
		eventually(t, name+": "+want, func() bool {
			b, err := c.PolicyV1().PodDisruptionBudgets("default").Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := b.Status
			reason := ""
			if cond := meta.FindStatusCondition(s.Conditions, policyv1.DisruptionAllowedCondition); cond != nil {
				reason = cond.Reason
			}
			got = fmt.Sprintf("%d of %d healthy, %d needed, %d may go: %s", s.CurrentHealthy, s.ExpectedPods, s.DesiredHealthy, s.DisruptionsAllowed, reason)
			return got == want
		})
	}
	is("half", "3 of 3 healthy, 2 needed, 1 may go: SufficientPods")
	is("one", "3 of 3 healthy, 2 needed, 1 may go: SufficientPods")
	is("five", "3 of 3 healthy, 5 needed, 0 may go: InsufficientPods")
	is("none", "0 of 0 healthy, 1 needed, 0 may go: InsufficientPods")

	evict := func() error {
		pods, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app=web"})
		if err != nil {
			t.Fatal(err)
		}
		staying := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil })
		return c.PolicyV1().Evictions("default").Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: staying[0].Name}})
	}
	for _, name := range []string{"half", "one"} {
		if err := c.PolicyV1().PodDisruptionBudgets("default").Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	err := evict()
	if why, ok := apierrors.StatusCause(err, policyv1.DisruptionBudgetCause); !apierrors.IsTooManyRequests(err) || !ok || why.Message != "The disruption budget five needs 5 healthy pods and has 3 currently" {
		t.Errorf("evict with five needed: %v, because %v", err, why)
	}
	if err := c.PolicyV1().PodDisruptionBudgets("default").Delete(ctx, "five", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := evict(); err != nil {
		t.Errorf("evict without a budget: %v", err)
	}
	two := intstr.FromInt32(2)
	b := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "two"},
		Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &two, Selector: &metav1.LabelSelector{MatchLabels: l}}}
	if _, err := c.PolicyV1().PodDisruptionBudgets("default").Create(ctx, b, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one of three evicted", func() bool {
		err := evict()
		if err != nil && !apierrors.IsTooManyRequests(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	eventually(t, "the replacement healthy", func() bool {
		b, err := c.PolicyV1().PodDisruptionBudgets("default").Get(ctx, "two", metav1.GetOptions{})
		return err == nil && b.Status.DisruptionsAllowed == 1 && len(b.Status.DisruptedPods) == 0
	})
}

func TestAnEvictedPodSaysWhy(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "held", Finalizers: []string{"example.com/hold"}}, Spec: podTemplate(nil, "nginx:1").Spec}
	if _, err := c.CoreV1().Pods("default").Create(ctx, p, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.PolicyV1().Evictions("default").Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "held"}}); err != nil {
		t.Fatal(err)
	}
	p, err := c.CoreV1().Pods("default").Get(ctx, "held", metav1.GetOptions{})
	if err != nil || p.DeletionTimestamp == nil {
		t.Fatalf("evicted: %v, %v", p, err)
	}
	if why := workload.Condition(p, corev1.DisruptionTarget); why == nil || why.Reason != "EvictionByEvictionAPI" || why.Message != "Eviction API: evicting" {
		t.Errorf("condition: %v", why)
	}
}
