package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// RulesFor lists the rules that a user holds: those of all ClusterRoleBindings and, if namespace is not empty, of the
// RoleBindings there, raw and in the order of evaluation (SAR-14). Dangling bindings make an error, beside which the rules
// are still good. The rules must not be changed.
func (p *Policy) RulesFor(user string, groups []string, namespace string) ([]rbacv1.PolicyRule, error) {
	var rules []rbacv1.PolicyRule
	var missing []*binding
	for _, e := range p.entriesOf(user, groups, namespace) {
		if r := p.role(e.b); r != nil {
			rules = append(rules, r.rules...)
		} else {
			missing = append(missing, e.b)
		}
	}
	return rules, missingError(missing)
}

// entriesOf lists each binding that names the user or one of the groups once, with its first matching subject: the
// ClusterRoleBindings by name, then the RoleBindings of the namespace by name.
func (p *Policy) entriesOf(user string, groups []string, namespace string) []entry {
	out := p.cluster.entriesOf(p, user, groups)
	if namespace != "" {
		if s, ok := p.namespaces.get(p.hash(namespace), namespace); ok {
			out = append(out, s.entriesOf(p, user, groups)...)
		}
	}
	return out
}

func (s *scope) entriesOf(p *Policy, user string, groups []string) []entry {
	var out []entry
	es, _ := s.users.get(p.hash(user), user)
	out = append(out, slices.Concat(es...)...)
	for _, group := range groups {
		es, _ := s.groups.get(p.hash(group), group)
		out = append(out, slices.Concat(es...)...)
	}
	slices.SortFunc(out, compareEntries)
	return slices.CompactFunc(out, func(a, b entry) bool { return strings.Compare(a.b.Name, b.b.Name) == 0 })
}
