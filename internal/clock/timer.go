package clock

import (
	"time"

	utilclock "k8s.io/utils/clock"
)

const (
	// maxAlarm bounds how long the clock trusts the computer's timers, which
	// stand still while it sleeps: waking, it notices within this time.
	maxAlarm = 5 * time.Second
	// minAlarm keeps a fast clock from waking the processor for every tick.
	minAlarm = time.Millisecond
)

// After returns the channel of a new timer.
func (c *Clock) After(d time.Duration) <-chan time.Time { return c.NewTimer(d).C() }

// Sleep blocks for d of cluster time, for ever on a clock that stays paused.
func (c *Clock) Sleep(d time.Duration) { <-c.After(d) }

// Tick returns the channel of a new ticker that cannot be stopped.
func (c *Clock) Tick(d time.Duration) <-chan time.Time { return c.NewTicker(d).C() }

// NewTimer returns a timer. As with package time, no stale moment is ever
// received after Stop or Reset.
func (c *Clock) NewTimer(d time.Duration) utilclock.Timer {
	t := &timer{clock: c, w: &waiter{index: -1, ch: make(chan time.Time, 1)}}
	t.Reset(d)
	return t
}

// AfterFunc runs f in its own goroutine after d.
func (c *Clock) AfterFunc(d time.Duration, f func()) utilclock.Timer {
	t := &timer{clock: c, w: &waiter{index: -1, f: f}}
	t.Reset(d)
	return t
}

// NewTicker returns a ticker. It holds at most one tick: after a jump it fires
// once and goes on in step. It panics unless d > 0.
func (c *Clock) NewTicker(d time.Duration) utilclock.Ticker {
	if d <= 0 {
		panic("clock: non-positive interval for NewTicker")
	}
	t := ticker{&timer{clock: c, w: &waiter{index: -1, ch: make(chan time.Time, 1), period: d}}}
	t.Reset(d)
	return t
}

type timer struct {
	clock *Clock
	w     *waiter
}

func (t *timer) C() <-chan time.Time { return t.w.ch }

func (t *timer) Stop() bool {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.disarm(t.w)
}

func (t *timer) Reset(d time.Duration) bool {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	active := c.disarm(t.w)
	now := c.nowLocked()
	c.enqueue(&c.timers, t.w, now.Add(max(d, 0)), now)
	if c.held && t.w.period == 0 && !t.w.pause && t.w.index >= 0 && d <= echo {
		c.echoes = append(c.echoes, t.w)
	}
	return active
}

type ticker struct{ *timer }

func (t ticker) Stop() { t.timer.Stop() }

// disarm takes a timer out, and a moment that nobody has received with it.
func (c *Clock) disarm(w *waiter) (active bool) {
	active = c.timers.remove(w)
	select {
	case <-w.ch: // never ready for functions: a nil channel
		active = true
	default:
	}
	return active
}

// enqueue puts w to at, or fires it if that has come: even a paused clock
// delivers what is due already.
func (c *Clock) enqueue(q *queue, w *waiter, at, now time.Time) {
	w.at = at
	c.seq++
	w.seq = c.seq
	if held := c.held && w.kind != ""; !at.After(now) && !held { // a journey fires its deadlines itself
		c.deliver(w, now)
		return
	}
	q.add(w)
	c.setAlarm()
}

// fire delivers everything due at now and returns the deadlines among it in
// order. c.mu is held; functions start in goroutines of their own.
func (c *Clock) fire(now time.Time) (passed []Moment) {
	for w := c.stops.due(now); w != nil; w = c.stops.due(now) {
		passed = append(passed, w.moment())
		c.deliver(w, now)
	}
	for w := c.timers.due(now); w != nil; w = c.timers.due(now) {
		c.deliver(w, now)
		if w.period > 0 { // the next beat after now, in step with the first
			missed := now.Sub(w.at) / w.period
			w.at = w.at.Add((missed + 1) * w.period)
			c.timers.add(w)
		}
	}
	return passed
}

func (c *Clock) deliver(w *waiter, now time.Time) {
	if w.wall != nil {
		w.wall.Stop()
		w.wall = nil
	}
	if w.ch != nil {
		select {
		case w.ch <- now:
		default: // a tick nobody has taken yet
		}
		return
	}
	if f := w.f; f != nil {
		c.inFlight.Add(1)
		go func() {
			defer c.inFlight.Add(-1)
			f()
		}()
	}
}

// setAlarm arranges for ring at the next moment due. c.mu is held.
func (c *Clock) setAlarm() {
	var next time.Time
	for _, q := range []queue{c.timers, c.stops} {
		if len(q) > 0 && (next.IsZero() || q[0].at.Before(next)) {
			next = q[0].at
		}
	}
	rate := c.regime.rate
	if next.IsZero() || rate == 0 || c.closed {
		if c.alarmOn {
			c.alarm.Stop()
			c.alarmOn = false
		}
		return
	}
	m := c.source.read()
	now, _ := c.regime.now(m)
	wait := maxAlarm
	if left := next.Sub(now); float64(left)/rate < float64(maxAlarm) {
		wait = time.Duration(float64(left)/rate) + 1 // rounded up: never early
	}
	if rate > 1 {
		wait = max(wait, minAlarm)
	}
	at := m.mono + max(wait, 0)
	if c.alarmOn && c.alarmAt <= at {
		return // rings soon enough; ring sets it anew
	}
	c.alarmAt, c.alarmOn = at, true
	if c.alarm == nil {
		c.alarm = c.source.afterFunc(max(wait, 0), c.ring)
		return
	}
	c.alarm.Reset(max(wait, 0))
}

// ring is the alarm's function.
func (c *Clock) ring() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarmOn = false
	if !c.held && !c.closed {
		c.fire(c.nowLocked())
	}
	c.setAlarm()
}
