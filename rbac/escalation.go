package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// A rule of a few kilobytes can stand for billions of rights. maxMissing bounds how many missing ones a refusal collects;
// a rule of more than maxAtoms that no single rule of the user covers is refused as a whole.
const (
	maxMissing = 10_000
	maxAtoms   = 1 << 21
)

// EscalationError says which rights somebody tried to hand out without holding them. Its text is the end of a real API
// server's refusal (ESC-11, ESC-14).
type EscalationError struct {
	User    string
	Groups  []string
	Missing []rbacv1.PolicyRule // compacted
	// Resolution is what was wrong with the user's own bindings, nil mostly.
	Resolution error
}

// Error is the text of the refusal.
func (e *EscalationError) Error() string {
	lines := make([]string, 0, len(e.Missing))
	for _, rule := range e.Missing {
		lines = append(lines, RuleText(rule))
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	text := fmt.Sprintf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s",
		e.User, e.Groups, strings.Join(lines, "\n"))
	if e.Resolution != nil {
		text += fmt.Sprintf("; resolution errors: %v", []error{e.Resolution})
	}
	return text
}

// ConfirmNoEscalation returns an *EscalationError unless the user holds, in that namespace ("" for the whole cluster), all
// that the rules grant (ESC-4, ESC-8, ESC-16).
func (p *Policy) ConfirmNoEscalation(user string, groups []string, namespace string, rules []rbacv1.PolicyRule) error {
	own, err := p.RulesFor(user, groups, namespace)
	var missing []rbacv1.PolicyRule
	for i := range rules {
		if atoms(&rules[i]) > maxAtoms && !slices.ContainsFunc(own, func(o rbacv1.PolicyRule) bool { return coversWhole(&o, &rules[i]) }) {
			missing = append(missing, rules[i])
			continue
		}
		goOn := eachMissing(own, &rules[i], func(a atom) bool {
			missing = append(missing, a.rule())
			return len(missing) < maxMissing
		})
		if !goOn {
			break
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &EscalationError{User: user, Groups: groups, Missing: Compact(missing), Resolution: err}
}

// atoms counts what eachAtom yields.
func atoms(r *rbacv1.PolicyRule) int {
	return len(r.Verbs) * (len(r.APIGroups)*len(r.Resources)*max(1, len(r.ResourceNames)) + len(r.NonResourceURLs))
}
