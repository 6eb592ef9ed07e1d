package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// RuleSet is a list of rules made ready for many decisions.
type RuleSet struct{ role *role }

// NewRuleSet compiles rules, which must not be changed afterwards.
func NewRuleSet(rules []rbacv1.PolicyRule) RuleSet {
	return RuleSet{newRole(Ref{}, rules, nil, nil)}
}

// Allows returns the index of the first rule that allows the request; ok is false if none does. Who asks is not looked at.
func (s RuleSet) Allows(a Attributes) (rule int, ok bool) {
	q := newQuery(&a)
	rule = s.role.allows(&q)
	return rule, rule >= 0
}
