package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Compact merges the verbs of rules that are about the same single group, single resource and same name (ESC-13). Other
// rules stay as they are and come first; the merged ones follow in the order of their first appearance.
func Compact(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	type subject struct {
		group, resource, name string
		named                 bool
	}
	var out, merged []rbacv1.PolicyRule
	at := map[subject]int{}
	for i := range rules {
		r := &rules[i]
		if len(r.APIGroups) != 1 || len(r.Resources) != 1 || len(r.ResourceNames) > 1 || len(r.NonResourceURLs) > 0 {
			out = append(out, *r)
			continue
		}
		key := subject{group: r.APIGroups[0], resource: r.Resources[0]}
		if len(r.ResourceNames) == 1 {
			key.name, key.named = r.ResourceNames[0], true
		}
		if j, ok := at[key]; ok {
			merged[j].Verbs = append(merged[j].Verbs, r.Verbs...)
			continue
		}
		at[key] = len(merged)
		first := *r
		first.Verbs = slices.Clone(r.Verbs)
		merged = append(merged, first)
	}
	return append(out, merged...)
}

// RuleText writes a rule as refusals do (ESC-12): {APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}.
func RuleText(r rbacv1.PolicyRule) string {
	var parts []string
	add := func(name string, values []string) {
		if len(values) > 0 {
			parts = append(parts, fmt.Sprintf("%s:%q", name, values))
		}
	}
	add("APIGroups", r.APIGroups)
	add("Resources", r.Resources)
	add("NonResourceURLs", r.NonResourceURLs)
	add("ResourceNames", r.ResourceNames)
	add("Verbs", r.Verbs)
	return "{" + strings.Join(parts, ", ") + "}"
}
