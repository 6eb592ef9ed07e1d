package rbac

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Explanation tells why a request is allowed or what it lacks.
type Explanation struct {
	Decision Decision `json:"decision"`
	// Grants are all the ways in which the request is allowed, the one with the fewest other rights first.
	Grants []Grant `json:"grants,omitempty"`
	// Near are the bindings that almost allow a refused request, closest first. More counts those left out.
	Near []NearMiss `json:"near,omitempty"`
	More int        `json:"more,omitempty"`
	// NamedUser and NamedGroups count the bindings in the request's scope that name the user or one of the groups: a
	// refusal without near misses is normal if they allow only what everybody may.
	NamedUser   int `json:"namedUser"`
	NamedGroups int `json:"namedGroups"`
	// Works lists namespaces in which the same request would be allowed.
	Works []string `json:"works,omitempty"`
	// Fix is the smallest change that allows a refused request; nil if nobody asked.
	Fix *Fix `json:"fix,omitempty"`
}

// Grant is a binding that allows a request.
type Grant struct {
	Binding Ref            `json:"binding"`
	Role    Ref            `json:"role"`
	Rule    int            `json:"rule"`
	Subject rbacv1.Subject `json:"subject"`
}

// NearMiss is a binding that would allow the request but for a point or two.
type NearMiss struct {
	Binding Ref `json:"binding"`
	// Role is the role it refers to, whether that exists or not; Rule the rule that comes closest, -1 if there is none.
	Role Ref `json:"role"`
	Rule int `json:"rule"`
	// Subject is the one that names the user, or comes closest to it.
	Subject     rbacv1.Subject `json:"subject"`
	Differences []Difference   `json:"differences"`
	// Shared are others to whom bindings give the same role, as SubjectText: they would gain too if the role were widened.
	// Of more than ten, ten are told.
	Shared []string `json:"shared,omitempty"`
}

// nearLimit is how many near misses are told, nearPoints in how many points one may differ.
const (
	nearLimit  = 8
	nearPoints = 2
)

// Explain answers a request like Authorize, and says why. It looks at all bindings, so it costs milliseconds where there
// are tens of thousands.
func (p *Policy) Explain(a Attributes) Explanation {
	e := Explanation{Decision: p.Authorize(a)}
	for _, entry := range p.entriesOf(a.User, a.Groups, a.Namespace) {
		if entry.b.subjects[entry.pos].Kind == rbacv1.GroupKind {
			e.NamedGroups++
		} else {
			e.NamedUser++
		}
	}
	if e.Decision.Allowed {
		e.Grants = p.grants(&a)
		return e
	}
	near := p.near(&a)
	slices.SortFunc(near, compareNear)
	e.More = max(0, len(near)-nearLimit)
	e.Near = near[:min(len(near), nearLimit)]
	p.share(e.Near, &a)
	e.Works = p.works(a)
	e.Fix = p.fix(&a, near)
	return e
}

// grants lists every binding that allows a.
func (p *Policy) grants(a *Attributes) []Grant {
	q := newQuery(a)
	namespace := a.Namespace
	if !a.IsResource {
		namespace = ""
	}
	var out []Grant
	for _, e := range p.entriesOf(a.User, a.Groups, namespace) {
		r := p.role(e.b)
		if r == nil {
			continue
		}
		if i := r.allows(&q); i >= 0 {
			out = append(out, Grant{e.b.Ref, r.Ref, i, e.b.subjects[e.pos]})
		}
	}
	slices.SortStableFunc(out, func(x, y Grant) int { return cmp.Compare(p.breadth(x.Role), p.breadth(y.Role)) })
	return out
}

// breadth measures how much a role grants.
func (p *Policy) breadth(ref Ref) int {
	r := p.resolve(rbacv1.RoleRef{Kind: ref.Kind, Name: ref.Name}, ref.Namespace)
	n := 0
	for i := range r.rules {
		rule := &r.rules[i]
		n += atoms(rule)
		if slices.Contains(rule.Verbs, "*") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.NonResourceURLs, "*") {
			n += 1_000_000
		}
	}
	return n
}

func compareNear(x, y NearMiss) int {
	rank := func(n NearMiss) (sum int) {
		for _, d := range n.Differences {
			sum += closeness[d.Code]
		}
		return sum
	}
	return cmp.Or(
		cmp.Compare(len(x.Differences), len(y.Differences)),
		cmp.Compare(rank(x), rank(y)),
		-cmp.Compare(x.Binding.Kind, y.Binding.Kind), // RoleBindings first
		cmp.Compare(x.Binding.Namespace, y.Binding.Namespace),
		cmp.Compare(x.Binding.Name, y.Binding.Name),
	)
}

// works lists the namespaces in which a would be allowed by bindings of that namespace.
func (p *Policy) works(a Attributes) []string {
	var out []string
	if !a.IsResource {
		return out
	}
	for namespace := range p.namespaces.all() {
		if namespace == a.Namespace {
			continue
		}
		a.Namespace = namespace
		if p.Authorize(a).Allowed {
			out = append(out, namespace)
		}
	}
	slices.Sort(out)
	return out
}
