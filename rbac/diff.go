package rbac

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Gain is what somebody gains and loses between two policies, in one namespace or (Namespace "") in the whole cluster.
type Gain struct {
	// Subject is a User, a Group or a ServiceAccount. What a user holds through groups is said of the groups.
	Subject   rbacv1.Subject      `json:"subject"`
	Namespace string              `json:"namespace,omitempty"`
	Gained    []rbacv1.PolicyRule `json:"gained,omitempty"`
	Lost      []rbacv1.PolicyRule `json:"lost,omitempty"`
}

// names reports whether the gain reaches who asks a.
func (g *Gain) names(a *Attributes) bool {
	key, ok := keyOf(&g.Subject, "")
	return ok && key.names(a)
}

// names reports whether the key is the user's or one of the groups'.
func (k subjectKey) names(a *Attributes) bool {
	if k.group {
		return slices.Contains(a.Groups, k.name)
	}
	return k.name == a.User
}

// Diff compares two policies: who gains and who loses what, by subject and namespace, rights broken down and compacted. A
// right that somebody holds in the whole cluster is not gained again in a namespace.
func Diff(before, after *Policy) []Gain {
	var out []Gain
	compare := func(namespace string, x, y *scope) {
		for key := range subjectsOf(x, y) {
			was, is := before.held(&before.cluster, key), after.held(&after.cluster, key)
			wasHere, isHere := was, is
			if namespace != "" {
				wasHere, isHere = before.held(x, key), after.held(y, key)
				if same(was, is) && same(wasHere, isHere) {
					continue
				}
				// What the cluster gives counts on the other side, what changed there is said there.
				gained := minus(isHere.rules(), wasHere.rules(), was.rules(), is.rules())
				lost := minus(wasHere.rules(), isHere.rules(), is.rules(), was.rules())
				out = appendGain(out, key, namespace, gained, lost)
				continue
			}
			if same(was, is) {
				continue
			}
			out = appendGain(out, key, "", minus(is.rules(), was.rules()), minus(was.rules(), is.rules()))
		}
	}
	compare("", &before.cluster, &after.cluster)
	seen := map[string]bool{}
	for _, p := range []*Policy{before, after} {
		for namespace := range p.namespaces.all() {
			if seen[namespace] {
				continue
			}
			seen[namespace] = true
			compare(namespace, before.scopeOf(namespace), after.scopeOf(namespace))
		}
	}
	slices.SortFunc(out, func(x, y Gain) int {
		return cmp.Or(cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Subject.Kind, y.Subject.Kind),
			cmp.Compare(x.Subject.Namespace, y.Subject.Namespace), cmp.Compare(x.Subject.Name, y.Subject.Name))
	})
	return out
}

func appendGain(out []Gain, key subjectKey, namespace string, gained, lost []rbacv1.PolicyRule) []Gain {
	if len(gained) == 0 && len(lost) == 0 {
		return out
	}
	return append(out, Gain{Subject: key.subject(), Namespace: namespace, Gained: Compact(gained), Lost: Compact(lost)})
}

// subject writes a key as the subject of a binding.
func (k subjectKey) subject() rbacv1.Subject {
	if k.group {
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: k.name}
	}
	if namespace, name, ok := AccountOf(k.name); ok {
		return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
	}
	return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: k.name}
}

// minus returns the rights in rules that none of the lists covers.
func minus(rules []rbacv1.PolicyRule, lists ...[]rbacv1.PolicyRule) []rbacv1.PolicyRule {
	if len(rules) == 0 {
		return nil
	}
	_, missing := Covers(slices.Concat(lists...), rules)
	return missing
}

// held are the roles that the bindings of a scope give a subject.
type held []*role

func (h held) rules() []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, r := range h {
		out = append(out, r.rules...)
	}
	return out
}

func same(x, y held) bool { return slices.Equal(x, y) }

func (p *Policy) held(s *scope, key subjectKey) held {
	m := s.users
	if key.group {
		m = s.groups
	}
	es, _ := m.get(p.hash(key.name), key.name)
	var out held
	for _, chunk := range es {
		for _, e := range chunk {
			if r := p.role(e.b); r != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// scopeOf is the scope of a namespace, an empty one if it has no bindings.
func (p *Policy) scopeOf(namespace string) *scope {
	if s, ok := p.namespaces.get(p.hash(namespace), namespace); ok {
		return s
	}
	return &scope{}
}

// subjectsOf yields each user and group that one of the scopes names, once.
func subjectsOf(scopes ...*scope) map[subjectKey]struct{} {
	out := map[subjectKey]struct{}{}
	for _, s := range scopes {
		for name := range s.users.all() {
			out[subjectKey{name: name}] = struct{}{}
		}
		for name := range s.groups.all() {
			out[subjectKey{group: true, name: name}] = struct{}{}
		}
	}
	return out
}
