package clock

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sleeper is a program that notes when it wakes, and sleeps again.
func sleeper(c *Clock, d time.Duration) (woke func() []time.Duration) {
	from := c.Now()
	list := make(chan []time.Duration, 1)
	list <- nil
	var again func()
	again = func() {
		list <- append(<-list, c.Now().Sub(from))
		c.PauseFunc(d, again)
	}
	c.PauseFunc(d, again)
	return func() []time.Duration {
		l := <-list
		list <- l
		return l
	}
}

func TestAdvanceGoesThroughAProgramsPauses(t *testing.T) {
	t.Parallel()
	c := New(Config{Now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Paused: true})
	beats := 0
	woke := sleeper(c, time.Minute)
	r, err := c.Advance(t.Context(), 5*time.Minute+time.Second, Hooks{Heartbeat: func(context.Context) { beats++ }})
	if err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{1 * time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute, 5 * time.Minute}
	if diff := cmp.Diff(want, woke()); diff != "" {
		t.Error(diff)
	}
	if len(r.Stops) != 0 || beats != 6 {
		t.Errorf("stops %v, %d heartbeats", r.Stops, beats)
	}
}

func TestShortPausesAreRunTogether(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pause, way time.Duration
		most       int
	}{{time.Second, time.Minute, 7}, {time.Second, time.Hour, 361}, {time.Minute, 240 * time.Hour, 1001}} {
		c := New(Config{Now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Paused: true})
		woke := sleeper(c, tc.pause)
		if _, err := c.Advance(t.Context(), tc.way, Hooks{}); err != nil {
			t.Fatal(err)
		}
		if n := len(woke()); n > tc.most || n < tc.most*9/10 {
			t.Errorf("every %v for %v: woke %d times, want up to %d", tc.pause, tc.way, n, tc.most)
		}
	}
}

// The way to a deadline leads through the pauses before it.
func TestNextPassesPauses(t *testing.T) {
	t.Parallel()
	c := New(Config{Now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Paused: true})
	from := c.Now()
	woke := sleeper(c, 20*time.Second)
	c.Deadline(Refresh, "x", from.Add(70*time.Second), nil)
	r, err := c.Next(t.Context(), Hooks{})
	if err != nil || !r.To.Equal(from.Add(70*time.Second)) {
		t.Fatalf("went to %v, %v", r.To, err)
	}
	if diff := cmp.Diff([]time.Duration{20 * time.Second, 40 * time.Second, 60 * time.Second}, woke()); diff != "" {
		t.Error(diff)
	}
}
