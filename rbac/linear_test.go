package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// world is a policy as plain lists, evaluated by the letter of the specification: every binding, every subject, every
// rule, without an index. The tests hold the engine against it.
type world struct {
	roles               []*rbacv1.Role
	clusterRoles        []*rbacv1.ClusterRole
	roleBindings        []*rbacv1.RoleBinding
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
}

func (w *world) objects() []any {
	var out []any
	for _, o := range w.clusterRoles {
		out = append(out, o)
	}
	for _, o := range w.roles {
		out = append(out, o)
	}
	for _, o := range w.clusterRoleBindings {
		out = append(out, o)
	}
	for _, o := range w.roleBindings {
		out = append(out, o)
	}
	return out
}

func (w *world) rules(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	for _, r := range w.clusterRoles {
		if ref.Kind == "ClusterRole" && r.Name == ref.Name {
			return r.Rules
		}
	}
	for _, r := range w.roles {
		if ref.Kind == "Role" && r.Name == ref.Name && r.Namespace == namespace {
			return r.Rules
		}
	}
	return nil
}

func subjectMatches(s rbacv1.Subject, namespace string, a Attributes) bool {
	switch s.Kind {
	case "User":
		return s.Name == a.User
	case "Group":
		return slices.Contains(a.Groups, s.Name)
	case "ServiceAccount":
		if s.Namespace != "" {
			namespace = s.Namespace
		}
		return namespace != "" && a.User == "system:serviceaccount:"+namespace+":"+s.Name
	}
	return false
}

// allowing lists the names of the bindings that allow a, in no order.
func (w *world) allowing(a Attributes) []Ref {
	var out []Ref
	try := func(ref Ref, subjects []rbacv1.Subject, roleRef rbacv1.RoleRef) {
		if !slices.ContainsFunc(subjects, func(s rbacv1.Subject) bool { return subjectMatches(s, ref.Namespace, a) }) {
			return
		}
		for _, rule := range w.rules(roleRef, ref.Namespace) {
			if RuleAllows(&rule, &a) {
				out = append(out, ref)
				return
			}
		}
	}
	for _, b := range w.clusterRoleBindings {
		try(Ref{Kind: KindClusterRoleBinding, Name: b.Name}, b.Subjects, b.RoleRef)
	}
	for _, b := range w.roleBindings {
		if a.IsResource && a.Namespace != "" && b.Namespace == a.Namespace {
			try(Ref{Kind: KindRoleBinding, Namespace: b.Namespace, Name: b.Name}, b.Subjects, b.RoleRef)
		}
	}
	return out
}
