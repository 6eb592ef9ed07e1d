package clock

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	utilclock "k8s.io/utils/clock"
)

// MaxRate is the fastest a Clock runs: seconds of cluster time per second.
const MaxRate = 10000

// Config says where a Clock starts. Its zero value is wall time.
type Config struct {
	Now    time.Time // cluster time at the start; zero: wall time
	Rate   float64   // cluster seconds per second; 0: 1; at most MaxRate
	Paused bool
}

// Clock is a cluster's time. Its methods may be called concurrently.
type Clock struct {
	source source
	live   atomic.Pointer[regime] // nil while a change is under way
	travel chan struct{}          // holds one token: Advance, Next and Leap take turns

	mu       sync.Mutex
	regime   *regime // what live holds, or will
	rate     float64
	paused   bool
	held     bool // Advance holds the time
	leaps    int
	closed   bool
	seq      uint64
	timers   queue
	stops    queue // deadlines
	echoes   []*waiter
	alarm    alarm
	alarmAt  time.Duration // monotonic moment the alarm is set to; meaningless unless alarmOn
	alarmOn  bool
	changed  chan struct{} // closed and replaced at each change of State
	inFlight atomic.Int64  // functions of timers and deadlines that have not returned
}

var _ utilclock.WithTickerAndDelayedExecution = (*Clock)(nil)

// New returns a running Clock (or a paused one). It panics on a rate that
// SetRate would refuse: a Config is checked where it is read.
func New(c Config) *Clock { return newClock(c, newComputer()) }

func newClock(config Config, s source) *Clock {
	if config.Rate == 0 {
		config.Rate = 1
	}
	if err := checkRate(config.Rate); err != nil {
		panic(err)
	}
	m := s.read()
	if config.Now.IsZero() {
		config.Now = m.wall
	}
	c := &Clock{
		source:  s,
		travel:  make(chan struct{}, 1),
		rate:    config.Rate,
		paused:  config.Paused,
		changed: make(chan struct{}),
	}
	c.travel <- struct{}{}
	c.regime = &regime{at: earlier(config.Now.Round(0).UTC(), End), from: m, rate: c.speed()}
	c.live.Store(c.regime)
	return c
}

func checkRate(r float64) error {
	if !(r > 0 && r <= MaxRate) || math.IsNaN(r) {
		return fmt.Errorf("clock rate %v is not above 0 and at most %d", r, MaxRate)
	}
	return nil
}

// Now is the cluster's time in UTC, without a monotonic reading.
func (c *Clock) Now() time.Time {
	for {
		r := c.live.Load()
		if r == nil {
			c.mu.Lock()
			now := c.nowLocked()
			c.mu.Unlock()
			return now
		}
		if r.rate == 0 {
			return r.at
		}
		now, slept := r.now(c.source.read())
		if c.live.Load() != r {
			continue // the rate changed between the two loads: that reading belongs to nobody
		}
		if slept == 0 {
			return now
		}
		c.mu.Lock()
		now = c.nowLocked()
		c.setAlarm()
		c.mu.Unlock()
		return now
	}
}

// Since is the cluster time that passed since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// nowLocked is Now with c.mu held. It folds a sleep of the computer into a new
// regime; whoever calls it outside of change sets the alarm anew.
func (c *Clock) nowLocked() time.Time {
	now, slept := c.regime.now(c.source.read())
	if slept > 0 {
		c.change(func(now time.Time) time.Time { return now })
		return c.regime.at
	}
	return now
}

// change ends the present regime and starts the next one at to(now). Readers
// meanwhile wait for c.mu, so that no reading taken before the anchor is judged
// by the old rate after it: that is what keeps Now from running backwards.
func (c *Clock) change(to func(now time.Time) time.Time) {
	c.live.Store(nil)
	m := c.source.read()
	now, slept := c.regime.now(m)
	at := earlier(to(now.Add(slept)), End)
	c.regime = &regime{at: at, from: m, rate: c.speed()}
	c.live.Store(c.regime)
}

// speed is the rate in force.
func (c *Clock) speed() float64 {
	if c.paused || c.held {
		return 0
	}
	return c.rate
}

// Close stops all timers for good; Now still answers. A Clock that nobody waits
// on needs no Close.
func (c *Clock) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.setAlarm()
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
