package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// role is a Role or ClusterRole made ready for decisions. It is immutable.
type role struct {
	Ref
	rules       []rbacv1.PolicyRule
	labels      map[string]string
	aggregation *rbacv1.AggregationRule

	compiled   []rule
	byResource []resourceRule // sorted by resource, then rule
	byURL      []int          // rules that have nonResourceURLs
}

// rule is a PolicyRule with its verbs as a set of bits.
type rule struct {
	verbs  uint32   // known verbs, by verbBit; allVerbs for "*"
	others []string // verbs without a bit
	source *rbacv1.PolicyRule
	any    bool // a group "*"
}

// resourceRule says that a rule names a resource.
type resourceRule struct {
	resource string
	rule     int32
}

const allVerbs = ^uint32(0)

// verbBit gives the verbs that occur daily a bit of their own; 0 for all others.
func verbBit(verb string) uint32 {
	switch verb {
	case "get":
		return 1 << 0
	case "list":
		return 1 << 1
	case "watch":
		return 1 << 2
	case "create":
		return 1 << 3
	case "update":
		return 1 << 4
	case "patch":
		return 1 << 5
	case "delete":
		return 1 << 6
	case "deletecollection":
		return 1 << 7
	case "post":
		return 1 << 8
	case "put":
		return 1 << 9
	case "head":
		return 1 << 10
	case "impersonate":
		return 1 << 11
	case "bind":
		return 1 << 12
	case "escalate":
		return 1 << 13
	}
	return 0
}

func newRole(ref Ref, rules []rbacv1.PolicyRule, labels map[string]string, aggregation *rbacv1.AggregationRule) *role {
	r := &role{Ref: ref, rules: rules, labels: labels, aggregation: aggregation, compiled: make([]rule, len(rules))}
	for i := range rules {
		src := &rules[i]
		c := &r.compiled[i]
		c.source = src
		for _, verb := range src.Verbs {
			switch bit := verbBit(verb); {
			case verb == rbacv1.VerbAll:
				c.verbs = allVerbs
			case bit != 0:
				c.verbs |= bit
			default:
				c.others = append(c.others, verb)
			}
		}
		c.any = slices.Contains(src.APIGroups, rbacv1.APIGroupAll)
		for _, resource := range src.Resources {
			r.byResource = append(r.byResource, resourceRule{resource, int32(i)})
		}
		if len(src.NonResourceURLs) > 0 {
			r.byURL = append(r.byURL, i)
		}
	}
	slices.SortFunc(r.byResource, func(a, b resourceRule) int {
		return cmp.Or(strings.Compare(a.resource, b.resource), cmp.Compare(a.rule, b.rule))
	})
	return r
}

// query is a question with what all rules would otherwise compute again.
type query struct {
	*Attributes
	bit      uint32
	combined string // "pods/log"
	anySub   string // "*/log", "" without a subresource
}

func newQuery(a *Attributes) query {
	q := query{Attributes: a, bit: verbBit(a.Verb), combined: a.Resource}
	if a.IsResource && a.Subresource != "" {
		q.combined = a.combined()
		q.anySub = "*/" + a.Subresource
	}
	return q
}

// allows returns the index of the first rule that allows q, -1 if none does.
func (r *role) allows(q *query) int {
	if !q.IsResource {
		for _, i := range r.byURL {
			c := &r.compiled[i]
			if c.verb(q) && urlMatches(c.source.NonResourceURLs, q.Path) {
				return i
			}
		}
		return -1
	}
	first := r.named(q, q.combined, -1)
	if q.combined != rbacv1.ResourceAll {
		first = r.named(q, rbacv1.ResourceAll, first)
	}
	if q.anySub != "" && q.anySub != q.combined {
		first = r.named(q, q.anySub, first)
	}
	return first
}

// named looks at the rules that name resource literally; it returns the first that allows q if it comes before best.
func (r *role) named(q *query, resource string, best int) int {
	at, _ := slices.BinarySearchFunc(r.byResource, resource, func(e resourceRule, want string) int {
		return strings.Compare(e.resource, want)
	})
	for ; at < len(r.byResource) && r.byResource[at].resource == resource; at++ {
		i := int(r.byResource[at].rule)
		if best >= 0 && i >= best {
			break
		}
		if r.compiled[i].allowsRest(q) {
			return i
		}
	}
	return best
}

func (c *rule) verb(q *query) bool {
	if q.bit != 0 {
		return c.verbs&q.bit != 0
	}
	return c.verbs == allVerbs || slices.Contains(c.others, q.Verb)
}

// allowsRest checks all but the resource.
func (c *rule) allowsRest(q *query) bool {
	return c.verb(q) &&
		(c.any || slices.Contains(c.source.APIGroups, q.Group)) &&
		(len(c.source.ResourceNames) == 0 || slices.Contains(c.source.ResourceNames, q.Name))
}

// RuleAllows reports whether one rule by itself allows the request (RBAC-10..23). Who asks is not looked at.
func RuleAllows(rule *rbacv1.PolicyRule, a *Attributes) bool {
	if !verbMatches(rule.Verbs, a.Verb) {
		return false
	}
	if !a.IsResource {
		return urlMatches(rule.NonResourceURLs, a.Path)
	}
	return groupMatches(rule.APIGroups, a.Group) &&
		resourceMatches(rule.Resources, a.Resource, a.Subresource) &&
		nameMatches(rule.ResourceNames, a.Name)
}

// RBAC-11
func verbMatches(verbs []string, verb string) bool {
	return slices.Contains(verbs, rbacv1.VerbAll) || slices.Contains(verbs, verb)
}

// RBAC-12
func groupMatches(groups []string, group string) bool {
	return slices.Contains(groups, rbacv1.APIGroupAll) || slices.Contains(groups, group)
}

// RBAC-13, RBAC-14
func resourceMatches(resources []string, resource, subresource string) bool {
	if slices.Contains(resources, rbacv1.ResourceAll) {
		return true
	}
	if subresource == "" {
		return slices.Contains(resources, resource)
	}
	return slices.Contains(resources, resource+"/"+subresource) || slices.Contains(resources, "*/"+subresource)
}

// RBAC-16
func nameMatches(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

// RBAC-19, RBAC-20
func urlMatches(urls []string, path string) bool {
	for _, url := range urls {
		if url == rbacv1.NonResourceAll || urlCovers(url, path) {
			return true
		}
	}
	return false
}

// urlCovers reports whether a rule's URL, which may end in stars, covers a path or another rule's URL.
func urlCovers(url, path string) bool {
	return url == path || strings.HasSuffix(url, "*") && strings.HasPrefix(path, strings.TrimRight(url, "*"))
}
