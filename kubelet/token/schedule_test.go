package token

import (
	"testing"
	"time"
)

func TestScheduleSyncsEvery60To90SecondsKUB8(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		s := Begin(seed*7919, start.Add(time.Duration(seed)*13*time.Millisecond))
		last := s.at
		for range 200 {
			next := s.After(last)
			if d := next.Sub(last); d < 60*time.Second || d > 91*time.Second {
				t.Fatalf("seed %d: syncs are %v apart", seed, d)
			}
			if next.Nanosecond() != 0 {
				t.Fatalf("sync at %v is no whole second", next)
			}
			last = next
		}
	}
}

// The first sync at which a token is renewed lies after the threshold of KUB-4 and at most one
// sync period later, and when that sync comes the rule says yes with the jitter it then draws.
func TestFirstRefreshIsForetoldKUB8(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int64{600, 3600, 3607, 86400, 365 * 86400} {
		l := lifeOf(seconds)
		for seed := range uint64(200) {
			s := Begin(seed*104729, start)
			at, ok := s.First(start, l)
			if !ok {
				t.Fatalf("%d s: never renewed", seconds)
			}
			if at.Before(l.Threshold(9*time.Second)) || at.After(l.Threshold(0).Add(91*time.Second)) {
				t.Fatalf("%d s, seed %d: renewed %v after issue, threshold %v", seconds, seed, at.Sub(start), l.Threshold(0).Sub(start))
			}
			live := s
			if jitter := live.Pass(at.Add(-time.Second)); NeedsRefresh(live.at, l, jitter) {
				t.Fatalf("%d s, seed %d: a sync before the foretold one would have renewed it", seconds, seed)
			}
			if jitter := live.Pass(at); !NeedsRefresh(at, l, jitter) {
				t.Fatalf("%d s, seed %d: at the foretold sync the rule says no (jitter %v)", seconds, seed, jitter)
			}
		}
	}
}

func TestFirstRefreshAfterALeapIsTheNextSync(t *testing.T) {
	t.Parallel()
	s := Begin(42, start)
	now := start.Add(30 * 24 * time.Hour)
	at, ok := s.First(now, lifeOf(3607))
	if !ok || at.Sub(now) > 91*time.Second || !at.After(now) {
		t.Errorf("an overdue token is renewed at %v, want within one period of %v", at, now)
	}
	s.Pass(now)
	if next := s.After(now); next.Sub(now) > 91*time.Second {
		t.Errorf("after the leap the next sync is %v away", next.Sub(now))
	}
}

func TestRestartGivesAFullPeriod(t *testing.T) {
	t.Parallel()
	s := Begin(1, start)
	now := start.Add(59 * time.Second)
	s.Pass(now)
	s.Restart(now)
	if d := s.After(now).Sub(now); d < 60*time.Second || d > 91*time.Second {
		t.Errorf("next sync %v after an unplanned one", d)
	}
}

func TestLifeWithoutSecondsIsNeverForetold(t *testing.T) {
	t.Parallel()
	s := Begin(1, start)
	if at, ok := s.First(start, Life{Expires: start.Add(time.Hour)}); ok {
		t.Errorf("foretold at %v", at)
	}
}

func BenchmarkFirst(b *testing.B) {
	s := Begin(99, start)
	l := lifeOf(3607)
	for b.Loop() {
		if _, ok := s.First(start, l); !ok {
			b.Fatal("never renewed")
		}
	}
}
