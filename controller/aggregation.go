package controller

import (
	"context"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	rbacapply "k8s.io/client-go/applyconfigurations/rbac/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// aggregationManager owns the rules of aggregated roles (AGG-3).
const aggregationManager = "clusterrole-aggregation-controller"

// newAggregation fills the rules of ClusterRoles that have an aggregationRule (AGG-1 to AGG-5). Keys are their names;
// any change of any ClusterRole concerns all of them.
func newAggregation(e work.Env) *work.Loop {
	l := e.Loop("clusterrole aggregation")
	roles := e.Factory.Rbac().V1().ClusterRoles().Lister()
	l.Watch(e.ClusterRoles(), func(_, _ metav1.Object) {
		all, err := roles.List(labels.Everything())
		if err != nil {
			return
		}
		for _, r := range all {
			if r.AggregationRule != nil {
				l.Queue.Add(r.Name)
			}
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		role, err := roles.Get(key)
		if err != nil || role.AggregationRule == nil {
			return work.Gone(err)
		}
		all, err := roles.List(labels.Everything())
		if err != nil {
			return err
		}
		rules, err := aggregate(role, all)
		if err != nil || sameRules(role.Rules, rules) {
			return err
		}
		_, err = e.Client.RbacV1().ClusterRoles().Apply(ctx, rbacapply.ClusterRole(key).WithRules(applied(rules)...),
			metav1.ApplyOptions{FieldManager: aggregationManager, Force: true})
		return err
	}
	return l
}

// aggregate returns the rules of an aggregated role: for each selector in order, those of the matching roles by name,
// each rule once (AGG-2).
func aggregate(role *rbacv1.ClusterRole, all []*rbacv1.ClusterRole) ([]rbacv1.PolicyRule, error) {
	all = slices.SortedFunc(slices.Values(all), func(a, b *rbacv1.ClusterRole) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	var rules []rbacv1.PolicyRule
	for _, s := range role.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.Name == role.Name || !selector.Matches(labels.Set(other.Labels)) {
				continue
			}
			for _, r := range other.Rules {
				if !slices.ContainsFunc(rules, func(have rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(have, r) }) {
					rules = append(rules, r)
				}
			}
		}
	}
	return rules, nil
}

func sameRules(a, b []rbacv1.PolicyRule) bool {
	return slices.EqualFunc(a, b, func(a, b rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(a, b) })
}

func applied(rules []rbacv1.PolicyRule) []*rbacapply.PolicyRuleApplyConfiguration {
	out := make([]*rbacapply.PolicyRuleApplyConfiguration, 0, len(rules))
	for _, r := range rules {
		out = append(out, rbacapply.PolicyRule().WithVerbs(r.Verbs...).WithAPIGroups(r.APIGroups...).WithResources(r.Resources...).
			WithResourceNames(r.ResourceNames...).WithNonResourceURLs(r.NonResourceURLs...))
	}
	return out
}
