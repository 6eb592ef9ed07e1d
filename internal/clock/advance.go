package clock

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MaxStops is how many stops an Advance makes at most.
const MaxStops = 1000

var (
	// ErrTooManyStops asks for Leap instead.
	ErrTooManyStops = fmt.Errorf("more than %d stops lie on the way: leap instead", MaxStops)
	// ErrNothingAhead is Next's answer when no deadline of its kinds is set.
	ErrNothingAhead = errors.New("nothing of that kind lies ahead")
)

const (
	// echo is how soon a timer set during a stop must fall due to belong to that
	// stop: a queue's retry after 5 ms is part of what happens there, not of the
	// next stop an hour later.
	echo = time.Second
	// maxEchoes bounds them, for loops that poll by such timers.
	maxEchoes = 20
)

// Hooks are what Advance asks of the cluster. Both may be nil.
type Hooks struct {
	// Heartbeat has every node renew its lease, before anyone judges staleness.
	Heartbeat func(context.Context)
	// Settle returns when the cluster is quiet, or what is still pending.
	Settle func(context.Context) []string
}

// Report is what an Advance did. It is valid beside an error, too.
type Report struct {
	From, To time.Time
	Stops    []Moment // deadlines passed, in order
	Pending  []string // what the last Settle left
}

// Advance runs through d > 0 of cluster time: the clock is held, goes to each
// deadline on the way and finally to the end, and at each stop in turn the nodes
// renew their leases, everything due fires, and the cluster settles. Then it runs
// on as before. Timers that fall between two stops fire at the later one, once;
// the pauses of programs (PauseFunc) are stops of their own, within bounds.
//
// Calls are serialised. When ctx ends or the stops exceed MaxStops, the clock
// stays where it has got to: it never runs backwards.
func (c *Clock) Advance(ctx context.Context, d time.Duration, h Hooks) (Report, error) {
	r, err := c.journey(ctx, h, func(from time.Time) (time.Time, error) {
		return from.Add(d), checkJump(from, d)
	})
	if err != nil {
		err = fmt.Errorf("advance by %v: %w", d, err)
	}
	return r, err
}

// Next advances to the next deadline of the given kinds (default: refresh,
// expiry, job), through all stops of other kinds on the way.
func (c *Clock) Next(ctx context.Context, h Hooks, kinds ...Kind) (Report, error) {
	if len(kinds) == 0 {
		kinds = []Kind{Refresh, Expiry, Job}
	}
	r, err := c.journey(ctx, h, func(from time.Time) (time.Time, error) {
		for _, m := range c.Upcoming(0, kinds...) {
			if m.At.After(from) {
				return m.At, checkJump(from, m.At.Sub(from))
			}
		}
		return from, ErrNothingAhead
	})
	if err != nil {
		err = fmt.Errorf("advance to the next of %v: %w", kinds, err)
	}
	return r, err
}

func (c *Clock) journey(ctx context.Context, h Hooks, target func(from time.Time) (time.Time, error)) (Report, error) {
	select {
	case <-c.travel:
	case <-ctx.Done():
		return Report{}, context.Cause(ctx)
	}
	defer func() { c.travel <- struct{}{} }()
	from := c.hold()
	defer c.release()
	r := Report{From: from, To: from}
	end, err := target(from)
	if err != nil {
		return r, err
	}
	if c.stopsUntil(end) > MaxStops {
		return r, ErrTooManyStops
	}
	rest := from // no program's pause is a stop before this
	for stops, echoes := 0, 0; ; {
		at, why := c.nextStop(end, echoes < maxEchoes, rest)
		switch why {
		case forDeadline:
			if stops++; stops > MaxStops+1 { // the end is no deadline
				return r, ErrTooManyStops
			}
			echoes = 0
		case forPause:
			rest, echoes = at.Add(stride(end.Sub(from))), 0
		case forEcho:
			echoes++
		}
		beat := r.To.Before(at) && why != forEcho
		c.moveTo(at)
		r.To = at
		if beat && h.Heartbeat != nil {
			h.Heartbeat(ctx)
		}
		c.mu.Lock()
		sent := c.undelivered()
		r.Stops = append(r.Stops, c.fire(at)...)
		c.mu.Unlock()
		c.awaitDelivery(ctx, sent)
		if h.Settle != nil {
			r.Pending = h.Settle(ctx)
		}
		if ctx.Err() != nil {
			return r, context.Cause(ctx)
		}
		if !at.Before(end) && !c.anythingDue(end) {
			return r, nil
		}
	}
}

// hold stops the time for a journey.
func (c *Clock) hold() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change(func(now time.Time) time.Time {
		c.held = true
		return now
	})
	c.setAlarm()
	return c.regime.at
}

func (c *Clock) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.echoes = nil
	c.change(func(now time.Time) time.Time {
		c.held = false
		return now
	})
	c.fire(c.regime.at) // what was set for a moment past since the last stop
	c.setAlarm()
	c.announce()
}

func (c *Clock) moveTo(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change(func(time.Time) time.Time { return at })
}

// reason is why a journey stops.
type reason int

const (
	forDeadline reason = iota // or for its end
	forPause                  // a program wakes
	forEcho                   // a timer set since the last stop is due within echo
)

// nextStop is where to go: the earliest deadline, or the end; or where a program wakes, not before rest;
// or an echo.
func (c *Clock) nextStop(end time.Time, echoes bool, rest time.Time) (at time.Time, why reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.regime.at
	at = end
	if len(c.stops) > 0 {
		at = earlier(at, c.stops[0].at)
	}
	if pause, ok := c.nextPause(); ok {
		if pause.Before(rest) {
			pause = rest
		}
		if pause.Before(at) {
			at, why = pause, forPause
		}
	}
	if at.Before(now) { // set during this stop for a moment that has passed
		at = now
	}
	c.echoes = slices.DeleteFunc(c.echoes, func(w *waiter) bool { return w.index < 0 })
	if echoes {
		for _, w := range c.echoes {
			if w.at.Before(at) && w.at.Sub(now) <= echo {
				at, why = w.at, forEcho
			}
		}
	}
	return at, why
}

func (c *Clock) anythingDue(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stops) > 0 && !c.stops[0].at.After(now)
}

// stopsUntil counts the different moments of deadlines up to end.
func (c *Clock) stopsUntil(end time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[time.Time]struct{}{}
	for _, w := range c.stops {
		if !w.at.After(end) {
			seen[w.at] = struct{}{}
		}
	}
	return len(seen)
}

// undelivered lists the timers that are about to fire into channels.
func (c *Clock) undelivered() []*waiter {
	var sent []*waiter
	for _, w := range c.timers {
		if w.ch != nil && !w.at.After(c.regime.at) && len(w.ch) == 0 {
			sent = append(sent, w)
		}
	}
	return sent
}

// awaitDelivery gives the functions started at this stop time to return and the
// channels time to be read, so that Settle sees their work rather than the quiet
// before it. It waits in wall time, and not long for channels: their reader may
// be busy, which is Settle's business.
func (c *Clock) awaitDelivery(ctx context.Context, sent []*waiter) {
	const (
		pause    = 50 * time.Microsecond
		channels = 10 * time.Millisecond
		funcs    = time.Second
	)
	for waited := time.Duration(0); waited < funcs && ctx.Err() == nil; waited += pause {
		unread := waited < channels && slices.ContainsFunc(sent, func(w *waiter) bool { return len(w.ch) > 0 })
		if !unread && c.inFlight.Load() == 0 {
			return
		}
		time.Sleep(pause)
	}
}
