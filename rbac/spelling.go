package rbac

import (
	"slices"
	"strings"
)

// shortNames are what kubectl users type for the resources they use most.
var shortNames = map[string]string{
	"po": "pods", "svc": "services", "cm": "configmaps", "ns": "namespaces", "no": "nodes", "sa": "serviceaccounts",
	"ev": "events", "ep": "endpoints", "pv": "persistentvolumes", "pvc": "persistentvolumeclaims", "rc": "replicationcontrollers",
	"quota": "resourcequotas", "limits": "limitranges", "deploy": "deployments", "rs": "replicasets", "sts": "statefulsets",
	"ds": "daemonsets", "cj": "cronjobs", "ing": "ingresses", "netpol": "networkpolicies", "hpa": "horizontalpodautoscalers",
	"pdb": "poddisruptionbudgets", "sc": "storageclasses", "pc": "priorityclasses", "csr": "certificatesigningrequests",
	"crd": "customresourcedefinitions", "crds": "customresourcedefinitions",
}

// meansResource reports whether somebody who wrote written probably meant resource: another case, the singular, the kind,
// a short name or a slip of the keyboard (MISC-6). Subresources must agree.
func meansResource(written, resource string) bool {
	if written == resource {
		return false
	}
	base, sub, _ := strings.Cut(strings.ToLower(written), "/")
	wantBase, wantSub, _ := strings.Cut(resource, "/")
	if sub != wantSub {
		return false
	}
	return base == wantBase || shortNames[base] == wantBase || slices.Contains(plurals(base), wantBase) || slip(base, wantBase)
}

// plurals of a lower-case singular, as API resources form them.
func plurals(s string) []string {
	out := []string{s + "s"}
	switch {
	case strings.HasSuffix(s, "s") || strings.HasSuffix(s, "x") || strings.HasSuffix(s, "ch"):
		out = append(out, s+"es")
	case strings.HasSuffix(s, "y"):
		out = append(out, s[:len(s)-1]+"ies")
	}
	return out
}

// meansVerb is meansResource for verbs.
func meansVerb(written, verb string) bool {
	if written == verb {
		return false
	}
	lower := strings.ToLower(written)
	return lower == verb || slip(lower, verb)
}

// slip reports whether two words of some length differ by one edit, or by two if they are long.
func slip(a, b string) bool {
	allowed := 0
	switch n := min(len(a), len(b)); {
	case n >= 8:
		allowed = 2
	case n >= 4:
		allowed = 1
	}
	return a != b && allowed > 0 && distance(a, b, allowed) <= allowed
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours between two words; any value
// above limit means more than limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
