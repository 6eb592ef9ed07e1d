package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// atom is the smallest thing a rule can grant: one verb on one resource of one group, with one name or any; or one verb on
// one URL (ESC-8).
type atom struct {
	verb            string
	group, resource string
	name            string
	named           bool
	url             string
	isURL           bool
}

// eachAtom breaks a rule down, until yield returns false.
func eachAtom(r *rbacv1.PolicyRule, yield func(atom) bool) bool {
	for _, group := range r.APIGroups {
		for _, resource := range r.Resources {
			for _, verb := range r.Verbs {
				if len(r.ResourceNames) == 0 {
					if !yield(atom{verb: verb, group: group, resource: resource}) {
						return false
					}
				}
				for _, name := range r.ResourceNames {
					if !yield(atom{verb: verb, group: group, resource: resource, name: name, named: true}) {
						return false
					}
				}
			}
		}
	}
	for _, url := range r.NonResourceURLs {
		for _, verb := range r.Verbs {
			if !yield(atom{verb: verb, url: url, isURL: true}) {
				return false
			}
		}
	}
	return true
}

func (a *atom) rule() rbacv1.PolicyRule {
	if a.isURL {
		return rbacv1.PolicyRule{Verbs: []string{a.verb}, NonResourceURLs: []string{a.url}}
	}
	r := rbacv1.PolicyRule{Verbs: []string{a.verb}, APIGroups: []string{a.group}, Resources: []string{a.resource}}
	if a.named {
		r.ResourceNames = []string{a.name}
	}
	return r
}

// coveredBy: ESC-9, ESC-10.
func (a *atom) coveredBy(owner *rbacv1.PolicyRule) bool {
	if !verbMatches(owner.Verbs, a.verb) {
		return false
	}
	if a.isURL {
		return slices.ContainsFunc(owner.NonResourceURLs, func(url string) bool { return urlCovers(url, a.url) })
	}
	if !groupMatches(owner.APIGroups, a.group) || !ruleResourceCovers(owner.Resources, a.resource) {
		return false
	}
	return len(owner.ResourceNames) == 0 || a.named && slices.Contains(owner.ResourceNames, a.name)
}

// ruleResourceCovers compares the resources of two rules: a star covers all, "*/sub" covers that subresource of any.
func ruleResourceCovers(owner []string, resource string) bool {
	if slices.Contains(owner, rbacv1.ResourceAll) || slices.Contains(owner, resource) {
		return true
	}
	_, sub, ok := strings.Cut(resource, "/")
	return ok && slices.Contains(owner, "*/"+sub)
}

// Covers reports whether who holds the rules of owner holds all that wanted grants; missing lists what is not held, broken
// down to single rights (ESC-8 to ESC-10). Each right must be held by one rule as a whole; a wanted star only by a star.
func Covers(owner, wanted []rbacv1.PolicyRule) (ok bool, missing []rbacv1.PolicyRule) {
	for i := range wanted {
		eachMissing(owner, &wanted[i], func(a atom) bool {
			missing = append(missing, a.rule())
			return true
		})
	}
	return len(missing) == 0, missing
}

// eachMissing yields the atoms of wanted that owner does not cover. A rule covered as a whole is not broken down, for
// a rule may stand for billions of atoms.
func eachMissing(owner []rbacv1.PolicyRule, wanted *rbacv1.PolicyRule, yield func(atom) bool) bool {
	for i := range owner {
		if coversWhole(&owner[i], wanted) {
			return true
		}
	}
	return eachAtom(wanted, func(a atom) bool {
		for i := range owner {
			if a.coveredBy(&owner[i]) {
				return true
			}
		}
		return yield(a)
	})
}

// coversWhole reports whether one rule covers all atoms of another one.
func coversWhole(owner, wanted *rbacv1.PolicyRule) bool {
	for _, verb := range wanted.Verbs {
		if !verbMatches(owner.Verbs, verb) {
			return false
		}
	}
	for _, group := range wanted.APIGroups {
		if !groupMatches(owner.APIGroups, group) {
			return false
		}
	}
	for _, resource := range wanted.Resources {
		if !ruleResourceCovers(owner.Resources, resource) {
			return false
		}
	}
	for _, url := range wanted.NonResourceURLs {
		if !slices.ContainsFunc(owner.NonResourceURLs, func(own string) bool { return urlCovers(own, url) }) {
			return false
		}
	}
	if len(owner.ResourceNames) == 0 || len(wanted.Resources) == 0 {
		return true
	}
	if len(wanted.ResourceNames) == 0 {
		return false
	}
	for _, name := range wanted.ResourceNames {
		if !slices.Contains(owner.ResourceNames, name) {
			return false
		}
	}
	return true
}
