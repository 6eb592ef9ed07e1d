package clock

import (
	"time"

	utilclock "k8s.io/utils/clock"
)

// Advance goes through the time of programs that sleep between two things they do, such as a container's
// script: each wakes when its time has come, does its work at that moment and sleeps again. So that a
// program with short pauses does not make a long way endless, wakings are run together: at most maxPauses
// of them on one way, and at least minPause apart.
const (
	maxPauses = 1000
	minPause  = 10 * time.Second
)

// PauseFunc is AfterFunc for the end of a program's pause: Advance stops there.
func (c *Clock) PauseFunc(d time.Duration, f func()) utilclock.Timer {
	t := &timer{clock: c, w: &waiter{index: -1, f: f, pause: true}}
	t.Reset(d)
	return t
}

// AfterPause is PauseFunc on a clock that has it, and AfterFunc on any other.
func AfterPause(c utilclock.WithDelayedExecution, d time.Duration, f func()) utilclock.Timer {
	if p, ok := c.(interface {
		PauseFunc(time.Duration, func()) utilclock.Timer
	}); ok {
		return p.PauseFunc(d, f)
	}
	return c.AfterFunc(d, f)
}

// stride is how far two wakings are apart at least, on a way of this length.
func stride(way time.Duration) time.Duration { return max(way/maxPauses, minPause) }

// nextPause is when the earliest program wakes; ok is false if none sleeps. c.mu is held.
func (c *Clock) nextPause() (at time.Time, ok bool) {
	for _, w := range c.timers {
		if w.pause && (!ok || w.at.Before(at)) {
			at, ok = w.at, true
		}
	}
	return at, ok
}
