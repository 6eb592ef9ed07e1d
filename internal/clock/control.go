package clock

import (
	"errors"
	"fmt"
	"time"
)

// ErrBackwards is returned for a jump that does not lead forward.
var ErrBackwards = errors.New("time only runs forward")

// ErrBeyondEnd is returned for a jump past End.
var ErrBeyondEnd = errors.New("beyond the end of the cluster's certificates")

// State is a Clock at one moment.
type State struct {
	Now    time.Time
	Wall   time.Time // the computer's clock at that moment
	Rate   float64
	Paused bool
	Offset time.Duration // Now - Wall
}

// State describes the clock now.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.nowLocked()
	c.setAlarm()
	wall := c.source.read().wall
	return State{Now: now, Wall: wall, Rate: c.rate, Paused: c.paused, Offset: now.Sub(wall)}
}

// Changed is closed at the next change of rate, pause or moment that is not the
// plain passing of time.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// Leaps counts the leaps so far.
func (c *Clock) Leaps() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaps
}

// Pause stops the time; nothing more falls due but grace periods (GraceDeadline).
// During an Advance it takes effect at its end.
func (c *Clock) Pause() { c.set(func() { c.paused = true }) }

// Resume undoes Pause.
func (c *Clock) Resume() { c.set(func() { c.paused = false }) }

// SetRate sets how many seconds of cluster time pass in a second, above 0 and at
// most MaxRate. A paused clock stays paused.
func (c *Clock) SetRate(r float64) error {
	if err := checkRate(r); err != nil {
		return err
	}
	c.set(func() { c.rate = r })
	return nil
}

func (c *Clock) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change(func(now time.Time) time.Time {
		f()
		return now
	})
	c.setAlarm()
	c.announce()
}

// announce wakes those who wait on Changed; c.mu is held.
func (c *Clock) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Leap jumps by d > 0, as a laptop that slept: what fell due meanwhile fires
// once, all at the new moment, and in no order. It waits for an Advance under way;
// a hook of Advance must not call it.
func (c *Clock) Leap(d time.Duration) (from, to time.Time, err error) {
	<-c.travel
	defer func() { c.travel <- struct{}{} }()
	c.mu.Lock()
	defer c.mu.Unlock()
	from = c.nowLocked()
	if err := checkJump(from, d); err != nil {
		return from, from, fmt.Errorf("leap of %v: %w", d, err)
	}
	to = from.Add(d)
	c.change(func(now time.Time) time.Time {
		to = now.Add(d) // a running clock has moved on by some nanoseconds
		return to
	})
	c.leaps++
	c.fire(c.regime.at)
	c.setAlarm()
	c.announce()
	return from, to, nil
}

func checkJump(from time.Time, d time.Duration) error {
	switch {
	case d <= 0:
		return ErrBackwards
	case from.Add(d).After(End):
		return ErrBeyondEnd
	}
	return nil
}
