package container

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/clock"
)

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

type lines struct{ out, err bytes.Buffer }

func (l *lines) Stdout() io.Writer { return &l.out }
func (l *lines) Stderr() io.Writer { return &l.err }

func leap(t *testing.T, c *clock.Clock, d time.Duration) {
	t.Helper()
	if _, _, err := c.Leap(d); err != nil {
		t.Fatal(err)
	}
}

func TestSimulatedLives(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		command  []string
		init     bool
		at       time.Duration // of its own end; -1: never
		code     int32
		afterEnd string // Stop: "ends" or "ignored"
		prints   string
	}{
		{name: "no command idles and heeds TERM", at: -1, afterEnd: "ends"},
		{name: "an unknown command idles", command: []string{"nginx", "-g", "daemon off;"}, at: -1, afterEnd: "ends"},
		{name: "an unknown init container is done at once", command: []string{"migrate"}, init: true},
		{name: "sleep ends by itself and is deaf", command: []string{"sleep", "30"}, at: 30 * time.Second, afterEnd: "ignored"},
		{name: "sleep with a unit", command: []string{"/bin/sleep", "1.5m"}, at: 90 * time.Second},
		{name: "sleep for ever", command: []string{"sleep", "infinity"}, at: -1, afterEnd: "ignored"},
		{name: "true", command: []string{"true"}},
		{name: "false", command: []string{"/bin/false"}, code: 1},
		{name: "a script", command: []string{"sh", "-c", "echo 'hello  you'; sleep 5 && echo bye; exit 3"}, at: 5 * time.Second, code: 3, prints: "hello  you\nbye\n"},
		{name: "a script that keeps the pod up", command: []string{"sh", "-c", "echo up; tail -f /dev/null"}, at: -1, afterEnd: "ignored", prints: "up\n"},
		{name: "exit is not passed over", command: []string{"sh", "-c", "exit 256; sleep 9"}, code: 0},
		{name: "a pipe is not played", command: []string{"sh", "-c", "echo a | wc"}, at: -1, afterEnd: "ends"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := clock.New(clock.Config{Now: start, Paused: true})
			var out lines
			ended := make(chan struct{}, 1)
			h, err := NewSimulated(c).Start(t.Context(), Spec{
				Command: tc.command, Init: tc.init, Output: &out, Exited: func() { ended <- struct{}{} },
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(h.ID()) != 64 || !h.Started().Equal(start) {
				t.Errorf("id %q, started %v", h.ID(), h.Started())
			}
			if tc.afterEnd != "" {
				h.Stop()
				if _, ok := h.Exit(); ok != (tc.afterEnd == "ends") {
					t.Errorf("after Stop ended is %v", ok)
				}
				h.Kill()
				e, ok := h.Exit()
				if !ok || tc.afterEnd == "ignored" && e.Code != 137 {
					t.Errorf("after Kill: %+v, %v", e, ok)
				}
				<-ended
			} else {
				if tc.at > 0 {
					if e, ok := h.Exit(); ok {
						t.Fatalf("ended at once: %+v", e)
					}
					leap(t, c, tc.at)
					<-ended
				}
				e, ok := h.Exit()
				if !ok || e.Code != tc.code || !e.At.Equal(start.Add(max(tc.at, 0))) {
					t.Errorf("ended %v: %+v, want code %d at %v", ok, e, tc.code, tc.at)
				}
			}
			if got := out.out.String(); got != tc.prints {
				t.Errorf("printed %q, want %q", got, tc.prints)
			}
		})
	}
}

func TestResumedContainerKeepsItsIdentityAndItsEnd(t *testing.T) {
	t.Parallel()
	c := clock.New(clock.Config{Now: start, Paused: true})
	ended := make(chan struct{}, 1)
	var out lines
	h, err := NewSimulated(c).Start(t.Context(), Spec{
		Command: []string{"sh", "-c", "echo once; sleep 60"}, Output: &out,
		Resumed: Resumed{ID: "abc", Started: start.Add(-50 * time.Second)}, Exited: func() { ended <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if h.ID() != "abc" || out.out.Len() != 0 {
		t.Errorf("id %q, printed %q", h.ID(), out.out.String())
	}
	leap(t, c, 10*time.Second)
	<-ended
	if e, ok := h.Exit(); !ok || e.Code != 0 {
		t.Errorf("%+v, %v", e, ok)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("echo 'a b'; sleep 3s && exit 1")
	f.Add("\"")
	f.Add("; ;")
	f.Fuzz(func(_ *testing.T, script string) {
		parse([]string{"sh", "-c", script}, nil)
		parse([]string{script}, nil)
	})
}
