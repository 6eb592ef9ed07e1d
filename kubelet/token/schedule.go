package token

import "time"

// The period between two syncs of a resting pod: a minute and up to half of it more (KUB-8).
const (
	SyncPeriod = 60 * time.Second
	syncSpread = 30 * time.Second
	// farBehind is how long a row is walked through before it starts anew: more than the day
	// within which every token is renewed, so that what was foretold comes true.
	farBehind = 2 * MaxTTL
)

// Schedule is the row of moments at which a resting pod is synced, and with it the jitter drawn at
// each. It is how kubemint is true to KUB-8 without a timer per pod that fires every minute to find
// nothing to do: the row is a pure function of a seed, so the first sync at which a token will
// really be renewed can be worked out beforehand, announced on the clock as one deadline, and met.
// The moments are whole seconds, so that pods which fall due together are one stop of the clock.
//
// The zero Schedule has not begun; Begin starts it. A Schedule is a small value, not safe for
// concurrent use.
type Schedule struct {
	seed uint64
	n    uint64 // how many syncs there were
	at   time.Time
}

// Begin starts a row with a sync at now.
func Begin(seed uint64, now time.Time) Schedule {
	return Schedule{seed: seed, at: now}
}

// Pass moves the row on to its last moment at or before now and returns the jitter of that sync:
// the one First counted with when it foretold it.
func (s *Schedule) Pass(now time.Time) time.Duration {
	for {
		next := s.next()
		if next.at.After(now) {
			return s.jitter()
		}
		if now.Sub(next.at) > farBehind { // a leap: no need to walk through what nobody saw
			next.at = now.Add(-syncSpread)
		}
		*s = next
	}
}

// Restart says that a sync happened at now for a reason of its own: the next one follows a full
// period later, as the real work queue does it.
func (s *Schedule) Restart(now time.Time) {
	s.n++
	s.at = now
}

// After is the first moment of the row that lies after t.
func (s Schedule) After(t time.Time) time.Time {
	for s = s.next(); !s.at.After(t); s = s.next() {
		if t.Sub(s.at) > farBehind {
			s.at = t.Add(-syncSpread)
		}
	}
	return s.at
}

// First is the first sync after now at which a token of this life will be renewed, with the jitter
// of that sync taken into account. ok is false for a life that is never renewed.
func (s Schedule) First(now time.Time, l Life) (at time.Time, ok bool) {
	if l.Seconds <= 0 || l.Expires.IsZero() {
		return time.Time{}, false
	}
	for s = s.next(); ; s = s.next() {
		if s.at.After(now) && NeedsRefresh(s.at, l, s.jitter()) {
			return s.at, true
		}
		if now.Sub(s.at) > farBehind {
			s.at = now.Add(-syncSpread)
		}
	}
}

func (s Schedule) next() Schedule {
	s.n++
	wait := SyncPeriod + time.Duration(s.mix()%uint64(syncSpread))
	at := s.at.Add(wait)
	if whole := at.Truncate(time.Second); whole.Sub(s.at) >= SyncPeriod {
		at = whole
	} else {
		at = whole.Add(time.Second)
	}
	s.at = at
	return s
}

func (s Schedule) jitter() time.Duration {
	return time.Duration((s.mix()>>40)%uint64(MaxJitter/time.Second)) * time.Second
}

// mix spreads seed and count over 64 bits (the finisher of splitmix64).
func (s Schedule) mix() uint64 {
	z := s.seed + s.n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
