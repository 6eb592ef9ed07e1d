package rbac

import (
	"regexp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Code names a kind of finding. Sentences are made of it elsewhere; here it stands for itself.
type Code string

// What keeps a binding from allowing a request, closest first.
const (
	// OtherNamespace: the binding is one of another namespace. Have: that namespace; Want: the request's.
	OtherNamespace Code = "other-namespace"
	// VerbMissing: the rule has other verbs. Have: those; Want: the request's.
	VerbMissing Code = "verb-missing"
	// SubresourceMissing: the rule names the resource, or another subresource of it, but not this one (MISC-1). Have: what
	// the rule names; Want: "pods/log".
	SubresourceMissing Code = "subresource-missing"
	// SubresourceOnly: the rule names subresources, the request is about the object itself. Have: those; Want: "pods".
	SubresourceOnly Code = "subresource-only"
	// SubresourceGlob: "pods/*" was meant as a pattern; it is none (MISC-16). Have: the pattern; Want: "pods/log".
	SubresourceGlob Code = "subresource-glob"
	// GroupMissing: the rule has other API groups (MISC-3). Have: those; Want: the request's.
	GroupMissing Code = "group-missing"
	// GroupIsVersion: the rule's group holds a version, such as apps/v1 (MISC-4). Have: it; Want: the request's group.
	GroupIsVersion Code = "group-is-version"
	// AccountElsewhere: the binding names an account of the same name in another namespace (MISC-10). Have: "namespace/name"
	// of the subject; Want: that of the user.
	AccountElsewhere Code = "account-elsewhere"
	// AccountAsUser: the binding names a User where a ServiceAccount was meant (MISC-11). Have: the subject's name; Want:
	// "namespace/name" of the account.
	AccountAsUser Code = "account-as-user"
	// SubjectKind: the name is right but the kind is not: a Group named like the user or a User named like a group. Have:
	// the subject's kind; Want: the right one.
	SubjectKind Code = "subject-kind"
	// SubjectMisspelt: the binding names somebody who is called nearly the same (MISC-12, MISC-22). Have: the subject's
	// name; Want: the user's or the group's.
	SubjectMisspelt Code = "subject-misspelt"
	// RoleMissing: the binding names the user, its role does not exist (MISC-13). Have: roles that may have been meant, as
	// "Kind namespace/name"; Want: "Kind namespace/name" of the role that is missing.
	RoleMissing Code = "role-missing"
	// ClusterBindingNeeded: the request is not about one namespace, and a RoleBinding counts in its own only (MISC-8). Have:
	// the binding's namespace.
	ClusterBindingNeeded Code = "cluster-binding-needed"
	// VerbMisspelt: the rule's verb is written another way (RBAC-11). Have: it; Want: the request's.
	VerbMisspelt Code = "verb-misspelt"
	// ResourceMisspelt: the rule's resource is a singular, kind, short name or slip (MISC-6). Have: it; Want: the request's.
	ResourceMisspelt Code = "resource-misspelt"
	// NameNotListed: the rule is for other names. Have: those; Want: the request's.
	NameNotListed Code = "name-not-listed"
	// NameOnCollection: the rule is for names and the request has none (MISC-7). Have: the names; Want: the verb.
	NameOnCollection Code = "name-on-collection"
	// URLNotCovered: the rule has other paths. Have: those; Want: the request's.
	URLNotCovered Code = "url-not-covered"
	// SubjectMissing: the binding grants exactly this, to others. Have: who, as "Kind namespace/name".
	SubjectMissing Code = "subject-missing"
)

// closeness orders near misses that differ in equally many points.
var closeness = map[Code]int{
	OtherNamespace: 1, VerbMissing: 2, SubresourceMissing: 3, SubresourceOnly: 3, SubresourceGlob: 3, GroupMissing: 4, GroupIsVersion: 4,
	AccountElsewhere: 5, AccountAsUser: 5, SubjectKind: 5, SubjectMisspelt: 5, RoleMissing: 6, ClusterBindingNeeded: 7,
	VerbMisspelt: 8, ResourceMisspelt: 8, NameNotListed: 9, NameOnCollection: 9, URLNotCovered: 10, SubjectMissing: 11,
}

// Difference is one point at which a binding does not match a request.
type Difference struct {
	Code Code     `json:"code"`
	Have []string `json:"have,omitempty"`
	Want string   `json:"want,omitempty"`
}

// Differences lists what keeps a rule from allowing a request. near is false if the two have nothing to do with each
// other; a rule that allows gives an empty list and true.
func Differences(r *rbacv1.PolicyRule, a *Attributes) (diffs []Difference, near bool) {
	if !a.IsResource {
		return urlDifferences(r, a)
	}
	if !resourceMatches(r.Resources, a.Resource, a.Subresource) {
		d, related := resourceDifference(r, a)
		if !related {
			return nil, false
		}
		diffs = append(diffs, d)
	}
	if !groupMatches(r.APIGroups, a.Group) {
		diffs = append(diffs, groupDifference(r, a))
	}
	if d, differs := verbDifference(r, a); differs {
		diffs = append(diffs, d)
	}
	if !nameMatches(r.ResourceNames, a.Name) {
		if a.Name == "" {
			diffs = append(diffs, Difference{NameOnCollection, r.ResourceNames, a.Verb})
		} else {
			diffs = append(diffs, Difference{NameNotListed, r.ResourceNames, a.Name})
		}
	}
	return diffs, true
}

func urlDifferences(r *rbacv1.PolicyRule, a *Attributes) (diffs []Difference, near bool) {
	if len(r.NonResourceURLs) == 0 {
		return nil, false
	}
	if !urlMatches(r.NonResourceURLs, a.Path) {
		if !slices.ContainsFunc(r.NonResourceURLs, func(url string) bool { return firstSegment(url) == firstSegment(a.Path) }) {
			return nil, false
		}
		diffs = append(diffs, Difference{URLNotCovered, r.NonResourceURLs, a.Path})
	}
	if d, differs := verbDifference(r, a); differs {
		diffs = append(diffs, d)
	}
	return diffs, true
}

func firstSegment(path string) string {
	segment, _, _ := strings.Cut(strings.Trim(path, "/*"), "/")
	return segment
}

func verbDifference(r *rbacv1.PolicyRule, a *Attributes) (Difference, bool) {
	if verbMatches(r.Verbs, a.Verb) {
		return Difference{}, false
	}
	for _, verb := range r.Verbs {
		if meansVerb(verb, a.Verb) {
			return Difference{VerbMisspelt, []string{verb}, a.Verb}, true
		}
	}
	return Difference{VerbMissing, r.Verbs, a.Verb}, true
}

var versionPattern = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)

func groupDifference(r *rbacv1.PolicyRule, a *Attributes) Difference {
	for _, g := range r.APIGroups {
		group, version, slash := strings.Cut(g, "/")
		if !slash {
			group, version = "", g
		}
		if versionPattern.MatchString(version) && group == a.Group {
			return Difference{GroupIsVersion, []string{g}, a.Group}
		}
	}
	return Difference{GroupMissing, r.APIGroups, a.Group}
}

// resourceDifference finds out how a rule that does not name the request's resource is related to it.
func resourceDifference(r *rbacv1.PolicyRule, a *Attributes) (Difference, bool) {
	want := a.combined()
	var of []string // what the rule says of the same resource
	for _, have := range r.Resources {
		if meansResource(have, want) {
			return Difference{ResourceMisspelt, []string{have}, want}, true
		}
		base, sub, _ := strings.Cut(have, "/")
		switch {
		case a.Subresource != "" && sub == "*" && (base == a.Resource || base == "*"):
			return Difference{SubresourceGlob, []string{have}, want}, true
		case base == a.Resource:
			of = append(of, have)
		}
	}
	switch {
	case len(of) == 0:
		return Difference{}, false
	case a.Subresource == "":
		return Difference{SubresourceOnly, of, want}, true
	}
	return Difference{SubresourceMissing, of, want}, true
}
