package clock

import "time"

// reading is one look at the computer's clocks.
type reading struct {
	wall time.Time     // without a monotonic part
	mono time.Duration // since an arbitrary moment; stands still while the computer sleeps on most systems
}

// source is the wall clock below a Clock. Tests bring their own.
type source interface {
	read() reading
	// afterFunc calls f in its own goroutine after d of wall time.
	afterFunc(d time.Duration, f func()) alarm
}

// alarm is what Clock needs of a *time.Timer.
type alarm interface {
	Stop() bool
	Reset(d time.Duration) bool
}

// computer is the real source. This is the one place below which wall time is
// read; the value is only the origin of monotonic readings.
type computer struct{ start time.Time }

func newComputer() computer { return computer{start: time.Now()} }

func (c computer) read() reading {
	now := time.Now()
	return reading{wall: now.Round(0).UTC(), mono: now.Sub(c.start)}
}

func (computer) afterFunc(d time.Duration, f func()) alarm { return time.AfterFunc(d, f) }
