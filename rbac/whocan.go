package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Holder is somebody who may do what was asked, and every way in which they may.
type Holder struct {
	Subject rbacv1.Subject `json:"subject"`
	Grants  []Grant        `json:"grants"`
}

// WhoCan lists the users, groups and accounts that may do what a asks; its User and Groups are not looked at. Members of
// system:masters may do everything without being asked here.
func (p *Policy) WhoCan(a Attributes) []Holder {
	q := newQuery(&a)
	at := map[subjectKey]int{}
	var out []Holder
	visit := func(s *scope) {
		for _, b := range sortedBindings(s) {
			r := p.role(b)
			if r == nil {
				continue
			}
			i := r.allows(&q)
			if i < 0 {
				continue
			}
			for _, key := range b.keys {
				id := subjectKey{group: key.group, name: key.name}
				j, ok := at[id]
				if !ok {
					j = len(out)
					at[id] = j
					out = append(out, Holder{Subject: id.subject()})
				}
				out[j].Grants = append(out[j].Grants, Grant{b.Ref, r.Ref, i, b.subjects[key.pos]})
			}
		}
	}
	visit(&p.cluster)
	if a.IsResource && a.Namespace != "" {
		visit(p.scopeOf(a.Namespace))
	}
	slices.SortFunc(out, func(x, y Holder) int { return compareSubjects(x.Subject, y.Subject) })
	return out
}

func sortedBindings(s *scope) []*binding {
	out := make([]*binding, 0, s.bindings.size)
	for _, b := range s.bindings.all() {
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y *binding) int { return strings.Compare(x.Name, y.Name) })
	return out
}

func compareSubjects(x, y rbacv1.Subject) int {
	return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name))
}

// Resource names a resource, or "resource/subresource", and the verbs one might have on it.
type Resource struct {
	Group string   `json:"group"`
	Name  string   `json:"name"`
	Verbs []string `json:"verbs"`
}

// AccessRow says what somebody may do with a resource: Verbs on all its objects, Named on some names only.
type AccessRow struct {
	Resource
	Named []string `json:"named,omitempty"`
}

// Access says what a user may do in a namespace ("" for the whole cluster) with each of the resources: in the rows that
// come back, Verbs are those of the question that are allowed. Resources without any are left out.
func (p *Policy) Access(user string, groups []string, namespace string, resources []Resource) []AccessRow {
	rules, _ := p.RulesFor(user, groups, namespace) // a dangling binding grants nothing, here as elsewhere
	set := NewRuleSet(rules)
	var out []AccessRow
	for _, res := range resources {
		row := AccessRow{Resource: Resource{Group: res.Group, Name: res.Name}}
		a := Attributes{Group: res.Group, Namespace: namespace, IsResource: true}
		a.Resource, a.Subresource, _ = strings.Cut(res.Name, "/")
		for _, verb := range res.Verbs {
			a.Verb = verb
			if _, ok := set.Allows(a); ok {
				row.Verbs = append(row.Verbs, verb)
			} else if slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool { return allowsSomeName(&r, &a) }) {
				row.Named = append(row.Named, verb)
			}
		}
		if len(row.Verbs) > 0 || len(row.Named) > 0 {
			out = append(out, row)
		}
	}
	return out
}

func allowsSomeName(r *rbacv1.PolicyRule, a *Attributes) bool {
	return len(r.ResourceNames) > 0 && verbMatches(r.Verbs, a.Verb) && groupMatches(r.APIGroups, a.Group) &&
		resourceMatches(r.Resources, a.Resource, a.Subresource)
}
