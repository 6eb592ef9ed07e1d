package rbac

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Link is a binding that names somebody, and what its role grants.
type Link struct {
	Binding Ref            `json:"binding"`
	Role    Ref            `json:"role"`
	Subject rbacv1.Subject `json:"subject"`
	// Missing says that the role does not exist: the binding grants nothing.
	Missing bool                `json:"missing,omitempty"`
	Rules   []rbacv1.PolicyRule `json:"rules,omitempty"`
}

// Links lists all bindings that name the user or one of the groups: those of the cluster by name, then those of each namespace.
func (p *Policy) Links(user string, groups []string) []Link {
	var out []Link
	add := func(s *scope) {
		for _, e := range s.entriesOf(p, user, groups) {
			l := Link{Binding: e.b.Ref, Role: roleRefOf(e.b), Subject: e.b.subjects[e.pos]}
			if r := p.role(e.b); r != nil {
				l.Rules = r.rules
			} else {
				l.Missing = true
			}
			out = append(out, l)
		}
	}
	add(&p.cluster)
	for _, namespace := range slices.Sorted(maps.Keys(maps.Collect(p.namespaces.all()))) {
		add(p.scopeOf(namespace))
	}
	return out
}

// Subjects lists everybody whom a binding names, users and accounts before groups. Unless system is set, those that only bindings of
// Kubernetes' own name are left out.
func (p *Policy) Subjects(system bool) []rbacv1.Subject {
	seen := map[subjectKey]bool{}
	see := func(s *scope) {
		for _, b := range s.bindings.all() {
			if isSystem(b.Name) && !system {
				continue
			}
			for _, key := range b.keys {
				seen[subjectKey{group: key.group, name: key.name}] = true
			}
		}
	}
	see(&p.cluster)
	for _, s := range p.namespaces.all() {
		see(s)
	}
	var out []rbacv1.Subject
	for key := range seen {
		out = append(out, key.subject())
	}
	slices.SortFunc(out, func(x, y rbacv1.Subject) int {
		if g, h := x.Kind == rbacv1.GroupKind, y.Kind == rbacv1.GroupKind; g != h {
			if g {
				return 1
			}
			return -1
		}
		return compareSubjects(x, y)
	})
	return out
}

// Identity is how a subject asks for itself: as a user, or as a member of a group.
func Identity(s rbacv1.Subject) (user string, groups []string) {
	key, ok := keyOf(&s, "")
	switch {
	case !ok:
		return "", nil
	case key.group:
		return "", []string{key.name}
	}
	return key.name, nil
}

// AllDangers lists what makes rules more powerful together than they look, each code once.
func AllDangers(rules []rbacv1.PolicyRule) []Code { return allDangers(rules) }
