package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Aggregated returns a policy in which aggregated ClusterRoles have the rules that the controller would give them (AGG-1, AGG-2), as
// they will be a moment after the others have changed. Selectors that cannot be read select nothing.
func (p *Policy) Aggregated() *Policy {
	out := *p
	for {
		var all []*rbacv1.ClusterRole
		for _, r := range out.clusterRoles.all() {
			all = append(all, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: r.Name, Labels: r.labels}, Rules: r.rules, AggregationRule: r.aggregation})
		}
		again := false
		for _, r := range all {
			rules, changed, err := Aggregate(r, all)
			// Two that select each other settle on the union of both, in an order of their own each.
			if err != nil || !changed || coverEachOther(rules, r.Rules) {
				continue
			}
			r.Rules = slices.Clone(rules)
			_ = out.set(r) // a ClusterRole is always taken
			again = true
		}
		if !again {
			return &out
		}
	}
}

func coverEachOther(x, y []rbacv1.PolicyRule) bool {
	ok, _ := Covers(x, y)
	if !ok {
		return false
	}
	ok, _ = Covers(y, x)
	return ok
}
