package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/told"
)

// An exec credential's end is in wall time: client-go would keep a dead token, or throw a good one away.
func TestWallEnd(t *testing.T) {
	t.Parallel()
	wall := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	cluster := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		clock told.Clock
		want  time.Duration
	}{
		{"years ahead", told.Clock{Now: cluster, Rate: 1}, time.Hour},
		{"sixty times as fast", told.Clock{Now: cluster, Rate: 60}, time.Minute},
		{"half as fast", told.Clock{Now: cluster, Rate: 0.5}, 2 * time.Hour},
		{"paused", told.Clock{Now: cluster, Rate: 60, Paused: true}, time.Hour},
	} {
		if got := wallEnd(cluster.Add(time.Hour), &tt.clock, wall); !got.Equal(wall.Add(tt.want)) {
			t.Errorf("%s: an hour in there ends at %v, want %v", tt.name, got, wall.Add(tt.want))
		}
	}
}

func TestAccountFlag(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"ci/bot", "ci:bot"} {
		if ns, name, err := accountFlag(good); err != nil || ns != "ci" || name != "bot" {
			t.Errorf("%s reads as %q, %q, %v", good, ns, name, err)
		}
	}
	for _, bad := range []string{"", "bot", "/bot", "ci/", "a/b/c", "system:serviceaccount:ci:bot"} {
		if ns, name, err := accountFlag(bad); err == nil {
			t.Errorf("%q reads as %q, %q", bad, ns, name)
		}
	}
}

func TestNamesOfPeople(t *testing.T) {
	t.Parallel()
	for user, want := range map[string][2]string{
		"jane":             {"jane", "jane"},
		"jane@example.com": {"jane@example.com", "jane@example.com"},
		"dev:o'neil/x":     {"dev-o'neil-x", `'dev:o'\''neil/x'`},
		"min su":           {"min su", "'min su'"},
		"../../etc/x":      {"..-..-etc-x", "../../etc/x"},
		"$(rm)":            {"$(rm)", "'$(rm)'"},
	} {
		if got := fileName(user); got != want[0] {
			t.Errorf("%q as a file is %q, want %q", user, got, want[0])
		}
		if got := shellWord(user); got != want[1] {
			t.Errorf("%q as a word is %s, want %s", user, got, want[1])
		}
	}
}

// Colour is for terminals alone.
func TestNoColourInAPipe(t *testing.T) {
	t.Parallel()
	p := &program{out: &bytes.Buffer{}, env: func(string) string { return "" }}
	if got := p.paint(red)("REFUSED"); got != "REFUSED" {
		t.Errorf("a pipe gets %q", got)
	}
}

// A key's id may begin with a dash, and must not be taken for a flag.
func TestKeyArgument(t *testing.T) {
	t.Parallel()
	for kid, want := range map[string]string{"gmG1k_Ko20eK": "gmG1k_", "-HHlZFabcdef": "-- -HHlZF", "ab": "ab"} {
		if got := keyArgument(kid); got != want {
			t.Errorf("%s: %q, want %q", kid, got, want)
		}
	}
}
