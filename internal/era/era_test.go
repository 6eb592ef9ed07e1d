package era

import (
	"testing"
	"time"
)

func parse(t *testing.T, s string) Era {
	t.Helper()
	e, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"1.20": "1.20", "v1.36": "1.36", "1.29.4": "1.29"} {
		if got := parse(t, in).String(); got != want {
			t.Errorf("%q reads as %s, want %s", in, got, want)
		}
	}
	for _, bad := range []string{"", "1", "1.19", "1.37", "2.30", "1.x", "1.030", "1.-20", "1.30.1.2", "latest", "1.30."} {
		if e, err := Parse(bad); err == nil {
			t.Errorf("%q reads as %v", bad, e)
		}
	}
}

func TestZeroValueIsTheDefault(t *testing.T) {
	t.Parallel()
	var zero Era
	if zero.String() != Default.String() || zero.SecretsColumn() || !zero.ConstrainedImpersonation() {
		t.Errorf("the zero era behaves as %v", zero)
	}
	if got := Default.GitVersion(); got != "v1.36.2+kubemint.0" {
		t.Errorf("git version %s", got)
	}
}

// TestFirstMinor pins each predicate to the release in which it turned.
func TestFirstMinor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first int
		has   func(Era) bool
	}{
		{"ERA-1 projected", 21, func(e Era) bool { return e.PodMounts() == Projected }},
		{"ERA-4 no Secret of its own", 24, func(e Era) bool { return !e.AutoSecret() }},
		{"ERA-8 new texts", 23, func(e Era) bool { return !e.OldTokenTexts() }},
		{"ERA-9 edit holds token requests", 24, Era.RolesHoldTokenRequest},
		{"ERA-10 tracking", 27, Era.TracksLegacyUse},
		{"ERA-10 cleaning", 29, Era.CleansLegacy},
		{"ERA-11 jti", 30, Era.JTI},
		{"ERA-11 node in pod tokens", 30, Era.PodNodeInfo},
		{"ERA-11 node binding checked", 30, Era.ChecksNodeBinding},
		{"ERA-12 node binding", 31, Era.NodeBinding},
		{"ERA-13 certificate credential-id", 32, Era.CertificateCredentialID},
		{"ERA-13 grace 50 s", 32, func(e Era) bool { return e.NodeGrace() == 50*time.Second }},
		{"ERA-13 uid precondition", 34, Era.ChecksRequestUID},
		{"ERA-50 no SECRETS column", 35, func(e Era) bool { return !e.SecretsColumn() }},
		{"USR-23 constrained impersonation", 36, Era.ConstrainedImpersonation},
		{"AUTH-33 self review", 28, Era.SelfSubjectReview},
	} {
		for minor := oldest; minor <= newest; minor++ {
			e := Era{minor: minor}
			if got, want := tt.has(e), minor >= tt.first; got != want {
				t.Errorf("%s in %v: %v, want %v", tt.name, e, got, want)
			}
		}
	}
}

// TestAxes shows that 1.21-1.23 is the mixed state (ERA-6) and that each axis moves alone.
func TestAxes(t *testing.T) {
	t.Parallel()
	if e := parse(t, "1.22"); e.PodMounts() != Projected || !e.AutoSecret() {
		t.Errorf("1.22 mounts %s, auto secret %v", e.PodMounts(), e.AutoSecret())
	}
	e, err := Default.WithPodToken(LegacySecret)
	if err != nil || e.PodMounts() != LegacySecret || e.AutoSecret() || e.SecretsColumn() {
		t.Errorf("moving the mount moved more: %+v, %v", e, err)
	}
	if e := Default.WithAutoSecret(true); !e.AutoSecret() || e.PodMounts() != Projected {
		t.Errorf("moving the Secret moved more: %+v", e)
	}
	if e := parse(t, "1.20").WithAutoSecret(false); e.AutoSecret() {
		t.Error("auto secret stays on")
	}
	if _, err := Default.WithPodToken("both"); err == nil {
		t.Error("an unknown pod token was accepted")
	}
}

func TestContainerEvents(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][2]string{
		"1.28": {"Created container c", "Started container c"},
		"1.31": {"Created container: c", "Started container c"},
		"1.36": {"Container created", "Container started"},
	} {
		created, started := parse(t, version).ContainerEvents("c")
		if created != want[0] || started != want[1] {
			t.Errorf("%s: %q, %q", version, created, started)
		}
	}
}
