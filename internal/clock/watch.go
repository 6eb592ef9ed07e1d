package clock

import (
	"sync/atomic"
	"time"
)

// Watch is a clock that somebody carries: it runs with the cluster's, but may show another time. What its owner reads and what its owner
// sets are in the time it shows; lengths of time are the same on both.
type Watch struct {
	*Clock
	off atomic.Int64
}

// NewWatch returns a watch that is right.
func NewWatch(c *Clock) *Watch { return &Watch{Clock: c} }

// Skew is how far it is ahead of the cluster's clock; negative: behind.
func (w *Watch) Skew() time.Duration { return time.Duration(w.off.Load()) }

// SetSkew puts it ahead of the cluster's clock by d. Deadlines that are set stay where they are in the cluster's time.
func (w *Watch) SetSkew(d time.Duration) { w.off.Store(int64(d)) }

// Now is what it shows.
func (w *Watch) Now() time.Time { return w.Clock.Now().Add(w.Skew()) }

// Since is how long ago t was, by this watch.
func (w *Watch) Since(t time.Time) time.Duration { return w.Now().Sub(t) }

// Deadline is Clock.Deadline at a moment of this watch.
func (w *Watch) Deadline(kind Kind, what string, at time.Time, f func()) *Deadline {
	return w.Clock.Deadline(kind, what, at.Add(-w.Skew()), f)
}
