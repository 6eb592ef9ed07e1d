package controller

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	rbacapply "k8s.io/client-go/applyconfigurations/rbac/v1"

	"github.com/kubemint/kubemint/internal/client/clienttest"
)

func rule(verb, resource string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{""}, Resources: []string{resource}}
}

func clusterRole(name string, labels map[string]string, rules ...rbacv1.PolicyRule) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Rules: rules}
}

func aggregated(name string, labels map[string]string, selectors ...map[string]string) *rbacv1.ClusterRole {
	r := clusterRole(name, labels)
	r.AggregationRule = &rbacv1.AggregationRule{}
	for _, s := range selectors {
		r.AggregationRule.ClusterRoleSelectors = append(r.AggregationRule.ClusterRoleSelectors, metav1.LabelSelector{MatchLabels: s})
	}
	return r
}

// AGG-1, AGG-2
func TestAggregateTakesEachRuleOnceInOrder(t *testing.T) {
	t.Parallel()
	self := aggregated("sum", map[string]string{"to": "a"}, map[string]string{"to": "b"}, map[string]string{"to": "a"})
	self.Rules = []rbacv1.PolicyRule{rule("delete", "nodes")}
	got, err := aggregate(self, []*rbacv1.ClusterRole{
		clusterRole("z", map[string]string{"to": "a"}, rule("get", "pods"), rule("list", "pods")),
		clusterRole("c", map[string]string{"to": "a"}, rule("watch", "pods")),
		clusterRole("y", map[string]string{"to": "b"}, rule("list", "pods")),
		clusterRole("x", nil, rule("get", "secrets")),
		self,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []rbacv1.PolicyRule{rule("list", "pods"), rule("watch", "pods"), rule("get", "pods")}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, sum(applied(want))); d != "" {
		t.Errorf("applied: %s", d)
	}
}

// AGG-3, AGG-4, AGG-5
func TestAggregatedRolesCascadeAndHeal(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset(
		aggregated("view", map[string]string{"to": "edit"}, map[string]string{"to": "view"}),
		aggregated("edit", nil, map[string]string{"to": "edit"}),
		clusterRole("helper", map[string]string{"to": "view"}, rule("get", "widgets")))
	run(t, New(offline(t, c)))
	has := func(what, name string, want ...rbacv1.PolicyRule) {
		t.Helper()
		var seen *rbacv1.ClusterRole
		var err error
		defer func() {
			if t.Failed() {
				t.Logf("%s was seen last as %+v (%v)", name, seen, err)
			}
		}()
		eventually(t, what, func() bool {
			seen, err = c.RbacV1().ClusterRoles().Get(t.Context(), name, metav1.GetOptions{})
			return err == nil && sameRules(seen.Rules, want)
		})
	}
	has("view", "view", rule("get", "widgets"))
	has("edit by way of view", "edit", rule("get", "widgets"))
	edited, err := c.RbacV1().ClusterRoles().Get(t.Context(), "edit", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	edited.Rules = []rbacv1.PolicyRule{rule("get", "secrets")}
	if _, err := c.RbacV1().ClusterRoles().Update(t.Context(), edited, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	has("a manual edit overwritten", "edit", rule("get", "widgets"))
	if err := c.RbacV1().ClusterRoles().Delete(t.Context(), "helper", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	has("no rules left", "edit")
}

// sum undoes applied.
func sum(rules []*rbacapply.PolicyRuleApplyConfiguration) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, r := range rules {
		out = append(out, rbacv1.PolicyRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames, NonResourceURLs: r.NonResourceURLs})
	}
	return out
}
