package rbac

import (
	"fmt"
	"hash/maphash"
	"reflect"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Policy is an immutable set of roles and bindings. Methods may be called concurrently. The zero value is not usable;
// take NewPolicy or Index.Snapshot.
type Policy struct {
	seed         maphash.Seed
	clusterRoles hamt[*role]
	roles        hamt[hamt[*role]] // by namespace, then name
	cluster      scope             // ClusterRoleBindings
	namespaces   hamt[*scope]      // RoleBindings by namespace
}

// scope holds the bindings of one namespace, or those of the whole cluster.
type scope struct {
	bindings hamt[*binding]
	users    hamt[entries]
	groups   hamt[entries]
}

// NewPolicy makes a policy of the given *rbacv1.Role, *rbacv1.ClusterRole, *rbacv1.RoleBinding and
// *rbacv1.ClusterRoleBinding. Of two objects of one kind and name the later one counts. Any other type is an error.
func NewPolicy(objects ...any) (*Policy, error) {
	return (&Policy{seed: maphash.MakeSeed()}).With(objects...)
}

// With returns a policy in which the given objects are added or replaced.
func (p *Policy) With(objects ...any) (*Policy, error) {
	out := *p
	for _, obj := range objects {
		if err := out.set(obj); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// Without returns a policy that lacks the named objects. Objects that are not there, and kinds that are not RBAC's, are
// passed over.
func (p *Policy) Without(refs ...Ref) *Policy {
	out := *p
	for _, ref := range refs {
		out.remove(ref)
	}
	return &out
}

func (p *Policy) hash(s string) uint64 { return maphash.String(p.seed, s) }

// set changes p, which must not be shared yet.
func (p *Policy) set(obj any) error {
	switch o := obj.(type) {
	case *rbacv1.ClusterRole:
		ref := Ref{Kind: KindClusterRole, Name: o.Name}
		p.clusterRoles = p.clusterRoles.set(p.hash(o.Name), o.Name, newRole(ref, o.Rules, o.Labels, o.AggregationRule))
	case *rbacv1.Role:
		ref := Ref{Kind: KindRole, Namespace: o.Namespace, Name: o.Name}
		h := p.hash(o.Namespace)
		inside, _ := p.roles.get(h, o.Namespace)
		inside = inside.set(p.hash(o.Name), o.Name, newRole(ref, o.Rules, o.Labels, nil))
		p.roles = p.roles.set(h, o.Namespace, inside)
	case *rbacv1.ClusterRoleBinding:
		ref := Ref{Kind: KindClusterRoleBinding, Name: o.Name}
		p.cluster = p.replace(p.cluster, ref, newBinding(ref, o.Subjects, o.RoleRef))
	case *rbacv1.RoleBinding:
		ref := Ref{Kind: KindRoleBinding, Namespace: o.Namespace, Name: o.Name}
		p.setNamespace(ref, newBinding(ref, o.Subjects, o.RoleRef))
	default:
		return fmt.Errorf("rbac policy: %T is no role and no binding", obj)
	}
	return nil
}

func (p *Policy) remove(ref Ref) {
	switch ref.Kind {
	case KindClusterRole:
		p.clusterRoles = p.clusterRoles.del(p.hash(ref.Name), ref.Name)
	case KindRole:
		h := p.hash(ref.Namespace)
		inside, _ := p.roles.get(h, ref.Namespace)
		if inside = inside.del(p.hash(ref.Name), ref.Name); inside.size == 0 {
			p.roles = p.roles.del(h, ref.Namespace)
		} else {
			p.roles = p.roles.set(h, ref.Namespace, inside)
		}
	case KindClusterRoleBinding:
		p.cluster = p.replace(p.cluster, ref, nil)
	case KindRoleBinding:
		p.setNamespace(ref, nil)
	}
}

func (p *Policy) setNamespace(ref Ref, b *binding) {
	h := p.hash(ref.Namespace)
	var inside scope
	if s, ok := p.namespaces.get(h, ref.Namespace); ok {
		inside = *s
	}
	inside = p.replace(inside, ref, b)
	if inside.bindings.size == 0 {
		p.namespaces = p.namespaces.del(h, ref.Namespace)
		return
	}
	p.namespaces = p.namespaces.set(h, ref.Namespace, &inside)
}

// replace puts b (nil: nothing) in the place of the binding of that name.
func (p *Policy) replace(s scope, ref Ref, b *binding) scope {
	h := p.hash(ref.Name)
	old, ok := s.bindings.get(h, ref.Name)
	if ok {
		if b != nil && old.roleRef == b.roleRef && reflect.DeepEqual(old.subjects, b.subjects) {
			return s
		}
		for _, key := range old.keys {
			s.point(p.hash(key.name), key, func(es entries) entries { return es.remove(entry{old, key.pos}) })
		}
		s.bindings = s.bindings.del(h, ref.Name)
	}
	if b != nil {
		for _, key := range b.keys {
			s.point(p.hash(key.name), key, func(es entries) entries { return es.add(entry{b, key.pos}) })
		}
		s.bindings = s.bindings.set(h, ref.Name, b)
	}
	return s
}

// point changes the entries of one subject.
func (s *scope) point(hash uint64, key subjectKey, change func(entries) entries) {
	m := &s.users
	if key.group {
		m = &s.groups
	}
	es, _ := m.get(hash, key.name)
	if es = change(es); len(es) == 0 {
		*m = m.del(hash, key.name)
	} else {
		*m = m.set(hash, key.name, es)
	}
}

// role finds the role that a binding refers to, nil if there is none. A ClusterRoleBinding reaches no Role.
func (p *Policy) role(b *binding) *role {
	return p.resolve(b.roleRef, b.Namespace)
}

func (p *Policy) resolve(ref rbacv1.RoleRef, namespace string) *role {
	switch ref.Kind {
	case KindClusterRole:
		r, _ := p.clusterRoles.get(p.hash(ref.Name), ref.Name)
		return r
	case KindRole:
		inside, _ := p.roles.get(p.hash(namespace), namespace)
		r, _ := inside.get(p.hash(ref.Name), ref.Name)
		return r
	}
	return nil
}

// RoleRules returns the rules of the role that a binding in namespace ("" for a ClusterRoleBinding) would refer to. ok is
// false if there is no such role. The rules must not be changed.
func (p *Policy) RoleRules(ref rbacv1.RoleRef, namespace string) (rules []rbacv1.PolicyRule, ok bool) {
	r := p.resolve(ref, namespace)
	if r == nil {
		return nil, false
	}
	return r.rules, true
}
