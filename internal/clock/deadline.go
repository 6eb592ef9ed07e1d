package clock

import (
	"cmp"
	"slices"
	"time"
)

// Kind sorts deadlines.
type Kind string

// The kinds of deadlines.
const (
	Refresh Kind = "refresh" // a kubelet renews a token
	Expiry  Kind = "expiry"  // a credential ends
	Job     Kind = "job"     // a schedule comes round
	Grace   Kind = "grace"   // a pod has had its time to stop
	Backoff Kind = "backoff" // something failed and is tried again
	Other   Kind = "other"
)

// Moment is a deadline as people see it.
type Moment struct {
	Kind Kind
	What string // "pod default/app"
	At   time.Time
}

// Deadline is a named moment. Advance stops at it.
type Deadline struct {
	clock *Clock
	w     *waiter
	grace bool // as much wall time ends it as well
}

// graceSlack lets the cluster's clock win where it runs at rate 1, so that a
// grace period never ends a moment early.
const graceSlack = 250 * time.Millisecond

// Deadline announces a moment. f may be nil; otherwise it runs in a goroutine of
// its own once the clock has reached at, which may be at once.
func (c *Clock) Deadline(kind Kind, what string, at time.Time, f func()) *Deadline {
	if kind == "" {
		kind = Other
	}
	d := &Deadline{clock: c, w: &waiter{index: -1, kind: kind, what: what, f: f}}
	d.Reset(at)
	return d
}

// GraceDeadline is a Deadline of kind Grace after d that a paused or slow clock
// cannot hold up: f runs once d of cluster time or d of wall time has passed,
// whichever comes first; Reset sets both. f should act without asking the clock again.
func (c *Clock) GraceDeadline(what string, d time.Duration, f func()) *Deadline {
	g := &Deadline{clock: c, grace: true, w: &waiter{index: -1, kind: Grace, what: what, f: f}}
	g.Reset(c.Now().Add(d))
	return g
}

// Stop takes the deadline back. It reports false if f has started already.
func (d *Deadline) Stop() bool {
	c := d.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.withdraw(d.w)
}

// Reset moves the deadline, or sets it again after it passed.
func (d *Deadline) Reset(at time.Time) {
	c := d.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.withdraw(d.w)
	now := c.nowLocked()
	c.enqueue(&c.stops, d.w, at.Round(0).UTC(), now)
	if d.grace && d.w.index >= 0 {
		// The sequence number tells this setting from a later Reset.
		seq := d.w.seq
		d.w.wall = c.source.afterFunc(at.Sub(now)+graceSlack, func() { c.endGrace(d.w, seq) })
	}
}

func (c *Clock) withdraw(w *waiter) bool {
	if w.wall != nil {
		w.wall.Stop()
		w.wall = nil
	}
	return c.stops.remove(w)
}

// endGrace ends a grace period by wall time.
func (c *Clock) endGrace(w *waiter, seq uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.seq == seq && c.stops.remove(w) {
		c.deliver(w, c.nowLocked())
	}
}

// Upcoming lists the next n deadlines of the given kinds (none given: all) in
// order of time; n <= 0 lists all.
func (c *Clock) Upcoming(n int, kinds ...Kind) []Moment {
	c.mu.Lock()
	ahead := make([]Moment, 0, len(c.stops))
	for _, w := range c.stops {
		if len(kinds) == 0 || slices.Contains(kinds, w.kind) {
			ahead = append(ahead, w.moment())
		}
	}
	c.mu.Unlock()
	slices.SortFunc(ahead, func(a, b Moment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What))
	})
	if n > 0 && len(ahead) > n {
		ahead = ahead[:n]
	}
	return ahead
}

func (w *waiter) moment() Moment { return Moment{Kind: w.kind, What: w.what, At: w.at} }
