package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Decision is the answer to one question.
type Decision struct {
	Allowed bool `json:"allowed"`
	// Reason is the text that audit logs and access reviews carry (RBAC-36). Of a refusal it is empty unless a binding of
	// the user refers to a role that does not exist (RBAC-32).
	Reason string `json:"reason,omitempty"`
	// Binding, Role, Subject and Rule say what allowed the request: the subject as written in the binding, and the index
	// of the rule in the role. They are zero in a refusal.
	Binding Ref            `json:"binding,omitzero"`
	Role    Ref            `json:"role,omitzero"`
	Subject rbacv1.Subject `json:"subject,omitzero"`
	Rule    int            `json:"rule,omitempty"`
}

// Authorize decides a request (RBAC-30): the ClusterRoleBindings that name the user or a group, then, in a namespace, its
// RoleBindings. Of several that allow, the first by name is reported.
func (p *Policy) Authorize(a Attributes) Decision {
	q := newQuery(&a)
	var known [16]uint64
	hashes := append(known[:0], p.hash(a.User))
	for _, group := range a.Groups {
		hashes = append(hashes, p.hash(group))
	}
	var missing []*binding
	found, missing := p.search(&p.cluster, &q, hashes, nil)
	if found.b == nil && a.IsResource && a.Namespace != "" {
		if s, ok := p.namespaces.get(p.hash(a.Namespace), a.Namespace); ok {
			found, missing = p.search(s, &q, hashes, missing)
		}
	}
	if found.b == nil {
		return Decision{Reason: missingReason(missing)}
	}
	b := found.b
	return Decision{
		Allowed: true,
		Reason:  allowReason(b, int(found.pos)),
		Binding: b.Ref,
		Role:    p.role(b).Ref,
		Subject: b.subjects[found.pos],
		Rule:    found.rule,
	}
}

// match is an entry and the rule of its role that allowed.
type match struct {
	entry
	rule int
}

// search looks through one scope: it returns the first allowing entry by name, and appends the dangling bindings of this
// scope, sorted by name, to missing.
func (p *Policy) search(s *scope, q *query, hashes []uint64, missing []*binding) (match, []*binding) {
	var best match
	from := len(missing)
	if es, ok := s.users.get(hashes[0], q.User); ok {
		best, missing = p.scan(es, q, best, missing)
	}
	for i, group := range q.Groups {
		if es, ok := s.groups.get(hashes[i+1], group); ok {
			best, missing = p.scan(es, q, best, missing)
		}
	}
	if best.b == nil && len(missing) > from+1 {
		slices.SortFunc(missing[from:], func(a, b *binding) int { return strings.Compare(a.Name, b.Name) })
	}
	return best, missing
}

// scan looks for an allowing entry that comes before best.
func (p *Policy) scan(es entries, q *query, best match, missing []*binding) (match, []*binding) {
	for _, chunk := range es {
		for _, e := range chunk {
			if best.b != nil && compareEntries(e, best.entry) >= 0 {
				return best, missing
			}
			r := p.role(e.b)
			if r == nil {
				missing = append(missing, e.b)
				continue
			}
			if i := r.allows(q); i >= 0 {
				return match{e, i}, missing
			}
		}
	}
	return best, missing
}
