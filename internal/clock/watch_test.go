package clock

import (
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)
	c := New(Config{Now: start, Paused: true})
	t.Cleanup(c.Close)
	for _, skew := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		w := NewWatch(c)
		w.SetSkew(skew)
		if got := w.Now().Sub(start); got != skew || w.Skew() != skew {
			t.Errorf("put off by %v the watch is off by %v", skew, got)
		}
		if got := w.Since(start.Add(skew).Add(-time.Minute)); got != time.Minute {
			t.Errorf("a minute is %v long by a watch off by %v", got, skew)
		}
		d := w.Deadline(Refresh, "x", w.Now().Add(time.Minute), nil)
		if next := c.Upcoming(1); len(next) != 1 || !next[0].At.Equal(start.Add(time.Minute)) || next[0].Kind != Refresh {
			t.Errorf("off by %v, in a minute is %v", skew, next)
		}
		d.Stop()
	}
}
