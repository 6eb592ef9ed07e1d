package why

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// refText names an object: "RoleBinding ci/reader".
func refText(r rbac.Ref) string {
	if r.Namespace != "" {
		return r.Kind + " " + r.Namespace + "/" + r.Name
	}
	return r.Kind + " " + r.Name
}

// resourceText names a resource as kubectl does: "deployments.apps/scale".
func resourceText(r told.Request) string {
	name := r.Resource
	if r.Group != "" {
		name += "." + r.Group
	}
	if r.Subresource != "" {
		name += "/" + r.Subresource
	}
	return name
}

// Wanted says what was wanted without saying where: `get pods/log "web"`.
func Wanted(r told.Request, path string) string {
	if r.Resource == "" {
		return r.Verb + " " + path
	}
	what := r.Verb + " " + resourceText(r)
	if r.Name != "" {
		what += ` "` + r.Name + `"`
	}
	return what
}

// wanted says what was wanted and where.
func wanted(r told.Request, path string) say.Message {
	what := say.Params{"what": Wanted(r, path)}
	switch {
	case r.Resource == "" || !r.Namespaced && (r.Namespace == "" || r.Resource == "namespaces"):
		return say.Message{Code: "wanted", Params: what}
	case r.Namespace == "":
		return say.Message{Code: "wanted.everywhere", Params: what}
	}
	what["namespace"] = r.Namespace
	return say.Message{Code: "wanted.in", Params: what}
}

// ruleText says what a rule allows: "get, list on pods".
func ruleText(r rbacv1.PolicyRule) say.Message {
	params := say.Params{"verbs": starred(r.Verbs, "word.every-verb")}
	if slices.Contains(r.NonResourceURLs, "*") {
		return say.Message{Code: "rule.every-path", Params: params}
	}
	if len(r.NonResourceURLs) > 0 {
		params["what"] = shortList(r.NonResourceURLs)
		return say.Message{Code: "rule.paths", Params: params}
	}
	params["what"] = resourcesText(r)
	if len(r.ResourceNames) > 0 {
		params["names"] = shortList(r.ResourceNames)
		return say.Message{Code: "rule.named", Params: params}
	}
	return say.Message{Code: "rule.on", Params: params}
}

// ruleFor is ruleText with what was asked for named first, so that it is seen in a long rule.
func ruleFor(q told.Question, r rbacv1.PolicyRule) say.Message {
	r.Verbs = first(r.Verbs, q.Verb)
	name := q.Resource
	if q.Subresource != "" {
		name += "/" + q.Subresource
	}
	r.Resources = first(first(r.Resources, "*/"+q.Subresource), name)
	r.APIGroups = first(r.APIGroups, q.Group)
	r.ResourceNames = first(r.ResourceNames, q.Name)
	return ruleText(r)
}

// first moves an item to the front of a list, if it is there.
func first(list []string, item string) []string {
	i := slices.Index(list, item)
	if i <= 0 {
		return list
	}
	return append([]string{item}, slices.Concat(list[:i], list[i+1:])...)
}

func rulesText(rules []rbacv1.PolicyRule) []say.Message {
	out := make([]say.Message, 0, len(rules))
	for _, r := range rules {
		out = append(out, ruleText(r))
	}
	return out
}

// starred is a list, or what a star in it means.
func starred(list []string, star string) any {
	if slices.Contains(list, "*") {
		return say.Message{Code: star}
	}
	return list
}

func resourcesText(r rbacv1.PolicyRule) any {
	all, any := slices.Contains(r.Resources, "*"), slices.Contains(r.APIGroups, "*")
	switch {
	case all && any:
		return say.Message{Code: "word.every-resource"}
	case all:
		return say.Message{Code: "word.every-resource-of", Params: say.Params{"groups": groupNames(r.APIGroups)}}
	}
	var out []string
	for _, resource := range r.Resources {
		base, sub, isSub := strings.Cut(resource, "/")
		for _, group := range r.APIGroups {
			name := base
			if group != "" {
				name += "." + group
			}
			if isSub {
				name += "/" + sub
			}
			out = append(out, name)
		}
	}
	return shortList(out)
}

// groupNames writes API groups so that the empty one can be seen.
func groupNames(groups []string) []string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = `"` + g + `"`
	}
	return out
}

// listed is how many items of a list a sentence names.
const listed = 6

// shortList names the first items of a list and counts the rest.
func shortList(list []string) any {
	if len(list) <= listed {
		return list
	}
	return say.Message{Code: "word.and-more", Params: say.Params{"list": list[:listed-1], "n": len(list) - listed + 1}}
}

// subjectText names somebody: "ServiceAccount ci/bot".
func subjectText(s rbacv1.Subject) string { return rbac.SubjectText(s, s.Namespace) }
