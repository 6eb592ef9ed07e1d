// Package era says what each Kubernetes minor did, where the minors differ in
// what a learner can see.
//
// An Era is a value with predicates; nobody else reads a minor. Two axes can be
// moved alone, because they changed in different releases: what a pod gets
// mounted (since 1.21 a projected token) and whether each account gets a Secret
// (until 1.23). A predicate follows the minor's defaults, so a feature counts from
// the release that switched it on, not from its alpha.
package era

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	oldest  = 20
	newest  = 36
	present = 36
)

// Era is the behaviour of one minor. The zero value is Default.
type Era struct {
	minor      int
	podToken   PodToken
	autoSecret override
}

type override int8

const (
	byMinor override = iota
	yes
	no
)

// Default is the era of a cluster that asks for none.
var Default = Era{minor: present}

// PodToken is what the API server mounts into a pod by itself.
type PodToken string

// The two kinds of mounted tokens.
const (
	LegacySecret PodToken = "legacy-secret" // the account's Secret, valid for ever (ERA-27)
	Projected    PodToken = "projected"     // a bound token that the kubelet renews (ADM-8)
)

// Parse reads "1.36", "v1.36" or "1.36.2", from 1.20 to 1.36.
func Parse(s string) (Era, error) {
	parts := strings.Split(strings.TrimPrefix(s, "v"), ".")
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "1" {
		return Era{}, fmt.Errorf("version %q is not of the form 1.MINOR", s)
	}
	for _, p := range parts[1:] {
		if n, err := strconv.Atoi(p); err != nil || strconv.Itoa(n) != p {
			return Era{}, fmt.Errorf("version %q is not of the form 1.MINOR", s)
		}
	}
	minor, _ := strconv.Atoi(parts[1])
	if minor < oldest || minor > newest {
		return Era{}, fmt.Errorf("version %q is not between 1.%d and 1.%d", s, oldest, newest)
	}
	return Era{minor: minor}, nil
}

// WithPodToken moves the first axis alone.
func (e Era) WithPodToken(p PodToken) (Era, error) {
	if p != LegacySecret && p != Projected {
		return e, fmt.Errorf("pod token %q is neither %s nor %s", p, LegacySecret, Projected)
	}
	e.podToken = p
	return e, nil
}

// WithAutoSecret moves the second axis alone.
func (e Era) WithAutoSecret(on bool) Era {
	e.autoSecret = no
	if on {
		e.autoSecret = yes
	}
	return e
}

func (e Era) number() int {
	if e.minor == 0 {
		return present
	}
	return e.minor
}

func (e Era) since(minor int) bool { return e.number() >= minor }

// String is "1.36".
func (e Era) String() string { return "1." + e.Minor() }

// Minor is the version's second number, as /version shows it.
func (e Era) Minor() string { return strconv.Itoa(e.number()) }

// GitVersion is the version the server reports.
func (e Era) GitVersion() string {
	patch := 0
	if e.number() == present {
		patch = 2
	}
	return fmt.Sprintf("v1.%d.%d+kubemint.0", e.number(), patch)
}

// PodMounts is what pods get by themselves (ERA-1).
func (e Era) PodMounts() PodToken {
	switch {
	case e.podToken != "":
		return e.podToken
	case e.since(21):
		return Projected
	}
	return LegacySecret
}

// AutoSecret tells whether each account gets a Secret with a token (ERA-4, ERA-20).
func (e Era) AutoSecret() bool {
	if e.autoSecret != byMinor {
		return e.autoSecret == yes
	}
	return !e.since(24)
}
