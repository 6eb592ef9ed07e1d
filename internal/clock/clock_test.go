package clock

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// fakeSource is a computer whose time passes only when told.
type fakeSource struct {
	mu     sync.Mutex
	now    reading
	alarms []*fakeAlarm
}

type fakeAlarm struct {
	s  *fakeSource
	at time.Duration
	on bool
	f  func()
}

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func newFake(t *testing.T, config Config) (*Clock, *fakeSource) {
	t.Helper()
	s := &fakeSource{now: reading{wall: start, mono: 42}}
	c := newClock(config, s)
	t.Cleanup(c.Close)
	return c, s
}

func (s *fakeSource) read() reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *fakeSource) afterFunc(d time.Duration, f func()) alarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &fakeAlarm{s: s, at: s.now.mono + d, on: true, f: f}
	s.alarms = append(s.alarms, a)
	return a
}

func (a *fakeAlarm) Stop() bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	was := a.on
	a.on = false
	return was
}

func (a *fakeAlarm) Reset(d time.Duration) bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	was := a.on
	a.on, a.at = true, a.s.now.mono+d
	return was
}

// pass lets d of wall time pass, ringing alarms in order.
func (s *fakeSource) pass(d time.Duration) {
	s.mu.Lock()
	end := s.now.mono + d
	for {
		var next *fakeAlarm
		for _, a := range s.alarms {
			if a.on && a.at <= end && (next == nil || a.at < next.at) {
				next = a
			}
		}
		if next == nil {
			break
		}
		next.on = false
		if step := next.at - s.now.mono; step > 0 {
			s.now.mono += step
			s.now.wall = s.now.wall.Add(step)
		}
		s.mu.Unlock()
		next.f()
		s.mu.Lock()
	}
	s.now.wall = s.now.wall.Add(end - s.now.mono)
	s.now.mono = end
	s.mu.Unlock()
}

// setWall steps the wall clock alone, as sleep and clock setting do.
func (s *fakeSource) setWall(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.wall = s.now.wall.Add(d)
}

// ticked reports whether ch holds a moment, and which.
func ticked(ch <-chan time.Time) (time.Time, bool) {
	select {
	case at := <-ch:
		return at, true
	default:
		return time.Time{}, false
	}
}

func wantNow(t *testing.T, c *Clock, offset time.Duration) {
	t.Helper()
	if got := c.Now().Sub(start); got != offset {
		t.Errorf("now is start+%v, want start+%v", got, offset)
	}
}

func TestNow(t *testing.T) {
	t.Parallel()
	t.Run("zero config is wall time in UTC without a monotonic reading", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{})
		s.pass(3 * time.Second)
		if got, want := c.Now(), start.Add(3*time.Second); got != want {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
	t.Run("the real source agrees with the computer", func(t *testing.T) {
		t.Parallel()
		before := time.Now()
		got := New(Config{}).Now()
		if got.Before(before.Round(0).Add(-time.Millisecond)) || got.After(time.Now().Add(time.Millisecond)) {
			t.Errorf("got %v, the computer said %v before", got, before)
		}
	})
	t.Run("rate, pause and resume", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Rate: 10})
		s.pass(time.Second)
		wantNow(t, c, 10*time.Second)
		c.Pause()
		s.pass(time.Hour)
		wantNow(t, c, 10*time.Second)
		c.Resume()
		s.pass(time.Second)
		wantNow(t, c, 20*time.Second)
		if err := c.SetRate(0.5); err != nil {
			t.Fatal(err)
		}
		s.pass(4 * time.Second)
		wantNow(t, c, 22*time.Second)
		if got := c.State(); got.Rate != 0.5 || got.Paused || got.Offset != got.Now.Sub(got.Wall) {
			t.Errorf("state %+v", got)
		}
	})
	t.Run("rates out of range are refused", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{})
		for _, r := range []float64{0, -1, 10001, nan()} {
			if err := c.SetRate(r); err == nil {
				t.Errorf("rate %v accepted", r)
			}
		}
	})
	t.Run("a computer that slept carries the cluster along, once", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Rate: 2})
		s.setWall(time.Hour)
		wantNow(t, c, time.Hour) // sleep counts at rate 1
		wantNow(t, c, time.Hour)
		s.pass(time.Second)
		wantNow(t, c, time.Hour+2*time.Second)
	})
	t.Run("a wall clock set back is ignored", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		s.pass(time.Second)
		s.setWall(-time.Hour)
		wantNow(t, c, time.Second)
		s.pass(time.Second)
		wantNow(t, c, 2*time.Second)
	})
	t.Run("a paused clock sleeps through the computer's sleep", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Paused: true})
		s.setWall(time.Hour)
		wantNow(t, c, 0)
		c.Resume()
		wantNow(t, c, 0)
	})
	t.Run("time ends where the certificates do", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Rate: MaxRate})
		s.pass(100 * 24 * time.Hour)
		if got := c.Now(); got != End {
			t.Errorf("now %v, want %v", got, End)
		}
		if _, _, err := c.Leap(time.Second); !errors.Is(err, ErrBeyondEnd) {
			t.Errorf("leap beyond the end: %v", err)
		}
	})
}

func nan() float64 { z := 0.0; return z / z }

func TestNowNeverRunsBackwardsWhileRatesChange(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	t.Cleanup(c.Close)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 3000 {
			switch i % 4 {
			case 0:
				_ = c.SetRate(MaxRate)
			case 1:
				c.Pause()
			case 2:
				c.Resume()
			case 3:
				_ = c.SetRate(0.001)
			}
		}
	}()
	last := c.Now()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		now := c.Now()
		if now.Before(last) {
			t.Fatalf("%v after %v", now, last)
		}
		last = now
	}
}

func TestTimers(t *testing.T) {
	t.Parallel()
	t.Run("fire once when due, with the moment", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		timer := c.NewTimer(10 * time.Second)
		s.pass(9 * time.Second)
		if _, ok := ticked(timer.C()); ok {
			t.Fatal("fired early")
		}
		s.pass(time.Second + time.Microsecond)
		if at, ok := ticked(timer.C()); !ok || at.Before(start.Add(10*time.Second)) {
			t.Fatalf("fired %v at %v", ok, at)
		}
		if timer.Stop() {
			t.Error("Stop of a fired, received timer says it was active")
		}
	})
	t.Run("follow a change of rate", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Rate: 0.01})
		timer := c.NewTimer(time.Minute)
		s.pass(time.Minute)
		if err := c.SetRate(60); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Second)
		if _, ok := ticked(timer.C()); !ok {
			t.Error("did not fire a second later at rate 60")
		}
	})
	t.Run("stay silent while paused, fire after", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		ch := c.After(time.Second)
		c.Pause()
		s.pass(time.Hour)
		if _, ok := ticked(ch); ok {
			t.Fatal("fired while paused")
		}
		c.Resume()
		s.pass(time.Second + 1)
		if _, ok := ticked(ch); !ok {
			t.Error("did not fire after resume")
		}
	})
	t.Run("due at once fires even when paused", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{Now: start, Paused: true})
		if _, ok := ticked(c.After(0)); !ok {
			t.Error("After(0) did not fire")
		}
	})
	t.Run("notice within seconds that the computer slept", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		ch := c.After(time.Hour)
		s.setWall(2 * time.Hour)
		s.pass(maxAlarm)
		if _, ok := ticked(ch); !ok {
			t.Error("still waiting for an hour that passed in sleep")
		}
	})
	t.Run("Stop and Reset leave no stale moment", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		timer := c.NewTimer(time.Second)
		s.pass(2 * time.Second)
		if !timer.Reset(time.Second) {
			t.Error("Reset of a timer whose moment was not received: not active")
		}
		if _, ok := ticked(timer.C()); ok {
			t.Error("stale moment after Reset")
		}
		s.pass(2 * time.Second)
		if !timer.Stop() {
			t.Error("Stop of a timer whose moment was not received: not active")
		}
		if _, ok := ticked(timer.C()); ok {
			t.Error("stale moment after Stop")
		}
	})
	t.Run("AfterFunc runs once, not after Stop", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		ran := make(chan string, 4)
		c.AfterFunc(time.Second, func() { ran <- "kept" })
		stopped := c.AfterFunc(time.Second, func() { ran <- "stopped" })
		if !stopped.Stop() {
			t.Error("Stop of a waiting AfterFunc: not active")
		}
		s.pass(time.Minute)
		if got := <-ran; got != "kept" {
			t.Errorf("ran %q", got)
		}
		if len(ran) != 0 {
			t.Errorf("ran again: %q", <-ran)
		}
	})
	t.Run("after Close nothing fires", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		ch := c.After(time.Second)
		c.Close()
		s.pass(time.Hour)
		if _, ok := ticked(ch); ok {
			t.Error("fired after Close")
		}
	})
}

func TestTicker(t *testing.T) {
	t.Parallel()
	c, s := newFake(t, Config{Now: start})
	tick := c.NewTicker(10 * time.Second)
	count := func() (n int) {
		for {
			if _, ok := ticked(tick.C()); !ok {
				return n
			}
			n++
		}
	}
	s.pass(10*time.Second + 1)
	if n := count(); n != 1 {
		t.Fatalf("%d ticks after one period", n)
	}
	if _, _, err := c.Leap(time.Hour + 3*time.Second); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d ticks after a leap of 360 periods, want 1", n)
	}
	s.pass(6 * time.Second)
	if n := count(); n != 0 {
		t.Errorf("out of step after the leap")
	}
	s.pass(time.Second)
	if n := count(); n != 1 {
		t.Errorf("%d ticks when the next beat came", n)
	}
	tick.Stop()
	s.pass(time.Hour)
	if n := count(); n != 0 {
		t.Errorf("%d ticks after Stop", n)
	}
}

func TestLeap(t *testing.T) {
	t.Parallel()
	c, s := newFake(t, Config{Now: start, Paused: true})
	ch := c.After(time.Minute)
	from, to, err := c.Leap(time.Hour)
	if err != nil || !from.Equal(start) || !to.Equal(start.Add(time.Hour)) {
		t.Fatalf("leap: %v to %v, %v", from, to, err)
	}
	if at, ok := ticked(ch); !ok || at != to {
		t.Errorf("timer fired %v at %v, want at %v", ok, at, to)
	}
	s.pass(time.Second)
	wantNow(t, c, time.Hour) // still paused
	for _, d := range []time.Duration{0, -time.Second} {
		if _, _, err := c.Leap(d); !errors.Is(err, ErrBackwards) {
			t.Errorf("leap of %v: %v", d, err)
		}
	}
}

func TestChangedIsAnnounced(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{})
	for name, change := range map[string]func(){
		"pause":  c.Pause,
		"resume": c.Resume,
		"rate":   func() { _ = c.SetRate(3) },
		"leap":   func() { _, _, _ = c.Leap(1) },
	} {
		ch := c.Changed()
		change()
		select {
		case <-ch:
		default:
			t.Errorf("%s is not announced", name)
		}
	}
}

func BenchmarkNow(b *testing.B) {
	c := New(Config{Rate: 3})
	for b.Loop() {
		c.Now()
	}
}

func BenchmarkTimer(b *testing.B) {
	c := New(Config{})
	defer c.Close()
	for range 10_000 {
		c.Deadline(Refresh, "pod", c.Now().Add(time.Hour), nil)
	}
	for b.Loop() {
		c.NewTimer(time.Minute).Stop()
	}
}
