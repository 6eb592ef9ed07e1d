package clock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDeadlines(t *testing.T) {
	t.Parallel()
	t.Run("upcoming in order and by kind", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{Now: start})
		c.Deadline(Expiry, "token", start.Add(3*time.Hour), nil)
		c.Deadline(Refresh, "pod default/b", start.Add(2*time.Hour), nil)
		d := c.Deadline(Refresh, "pod default/a", start.Add(time.Hour), nil)
		want := []Moment{
			{Refresh, "pod default/a", start.Add(time.Hour)},
			{Refresh, "pod default/b", start.Add(2 * time.Hour)},
			{Expiry, "token", start.Add(3 * time.Hour)},
		}
		if diff := cmp.Diff(want, c.Upcoming(0)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want[:1], c.Upcoming(1, Refresh, Job)); diff != "" {
			t.Error(diff)
		}
		d.Reset(start.Add(4 * time.Hour))
		if got := c.Upcoming(0)[2].What; got != "pod default/a" {
			t.Errorf("after Reset the last is %q", got)
		}
		if !d.Stop() || d.Stop() {
			t.Error("Stop is true once")
		}
	})
	t.Run("run when due by plain passing of time", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start})
		ran := make(chan struct{}, 1)
		c.Deadline(Job, "cron", start.Add(time.Minute), func() { ran <- struct{}{} })
		s.pass(time.Minute + 1)
		<-ran
		if n := len(c.Upcoming(0)); n != 0 {
			t.Errorf("%d still upcoming", n)
		}
	})
	t.Run("a past moment runs at once", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{Now: start, Paused: true})
		ran := make(chan struct{})
		c.Deadline(Job, "late", start.Add(-time.Hour), func() { close(ran) })
		<-ran
	})
}

func TestGraceEndsInWallTimeWhilePaused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		do    func(c *Clock)
		start Config
	}{
		{"paused before", func(*Clock) {}, Config{Now: start, Paused: true}},
		{"paused after", (*Clock).Pause, Config{Now: start}},
		{"nearly standing still", func(*Clock) {}, Config{Now: start, Rate: 0.0001}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newFake(t, tt.start)
			ran := make(chan struct{}, 2)
			c.GraceDeadline("pod default/app", 30*time.Second, func() { ran <- struct{}{} })
			tt.do(c)
			s.pass(29 * time.Second)
			if len(ran) != 0 {
				t.Fatal("ended early")
			}
			s.pass(2 * time.Second)
			<-ran
			c.Resume()
			s.pass(time.Hour)
			if len(ran) != 0 || len(c.Upcoming(0)) != 0 {
				t.Error("it ended twice, or is still announced")
			}
		})
	}
	t.Run("and Reset shortens both", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Paused: true})
		ran := make(chan struct{}, 2)
		g := c.GraceDeadline("pod default/app", 30*time.Second, func() { ran <- struct{}{} })
		g.Reset(c.Now().Add(time.Second))
		s.pass(2 * time.Second)
		<-ran
		s.pass(time.Minute)
		if len(ran) != 0 {
			t.Error("it ended twice")
		}
	})
	t.Run("and in cluster time otherwise", func(t *testing.T) {
		t.Parallel()
		c, s := newFake(t, Config{Now: start, Rate: 30})
		ran := make(chan time.Time, 2)
		c.GraceDeadline("pod default/app", 30*time.Second, func() { ran <- c.Now() })
		s.pass(time.Second + 1)
		if at := <-ran; at.Before(start.Add(30 * time.Second)) {
			t.Errorf("ended at %v", at)
		}
		s.pass(time.Hour)
		if len(ran) != 0 {
			t.Error("it ended twice")
		}
	})
}

// recorder notes what happens on a journey, with the offset in minutes.
type recorder struct {
	c    *Clock
	mu   sync.Mutex
	said []string
}

func (r *recorder) say(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf("%s@%v", what, r.c.Now().Sub(start)))
}

func (r *recorder) hooks() Hooks {
	return Hooks{
		Heartbeat: func(context.Context) { r.say("beat") },
		Settle:    func(context.Context) []string { r.say("settle"); return nil },
	}
}

func TestAdvanceStopsInOrder(t *testing.T) {
	t.Parallel()
	c, s := newFake(t, Config{Now: start})
	r := &recorder{c: c}
	c.NewTicker(10 * time.Second) // a heartbeat: no stop
	var refresh *Deadline
	refresh = c.Deadline(Refresh, "pod default/app", start.Add(48*time.Minute), func() {
		r.say("refresh")
		refresh.Reset(c.Now().Add(48 * time.Minute))
	})
	c.Deadline(Expiry, "token", start.Add(10*time.Minute), nil)
	c.Deadline(Expiry, "other token", start.Add(10*time.Minute), nil)

	got, err := c.Advance(t.Context(), 50*time.Minute, r.hooks())
	if err != nil {
		t.Fatal(err)
	}
	want := Report{From: start, To: start.Add(50 * time.Minute), Stops: []Moment{
		{Expiry, "token", start.Add(10 * time.Minute)},
		{Expiry, "other token", start.Add(10 * time.Minute)},
		{Refresh, "pod default/app", start.Add(48 * time.Minute)},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantSaid := []string{"beat@10m0s", "settle@10m0s", "beat@48m0s", "refresh@48m0s", "settle@48m0s", "beat@50m0s", "settle@50m0s"}
	if diff := cmp.Diff(wantSaid, r.said); diff != "" {
		t.Error(diff)
	}
	s.pass(time.Second)
	wantNow(t, c, 50*time.Minute+time.Second) // it runs on
	if next := c.Upcoming(1); len(next) != 1 || !next[0].At.Equal(start.Add(96*time.Minute)) {
		t.Errorf("next is %v", next)
	}
}

func TestAdvanceFiresHeartbeatsBetweenStopsOnce(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start, Paused: true})
	tick := c.NewTicker(10 * time.Second)
	if _, err := c.Advance(t.Context(), time.Hour, Hooks{}); err != nil {
		t.Fatal(err)
	}
	if at, ok := ticked(tick.C()); !ok || !at.Equal(start.Add(time.Hour)) {
		t.Errorf("tick %v at %v", ok, at)
	}
	if _, ok := ticked(tick.C()); ok {
		t.Error("ticks piled up")
	}
	wantNow(t, c, time.Hour) // paused as before
}

func TestAdvanceTakesWhatStopsGiveRiseTo(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start})
	r := &recorder{c: c}
	c.Deadline(Job, "first", start.Add(time.Minute), func() {
		r.say("first")
		c.Deadline(Job, "same moment", c.Now(), func() { r.say("same") })
		c.AfterFunc(5*time.Millisecond, func() { r.say("retry") })
		c.Deadline(Job, "on the way", c.Now().Add(time.Minute), func() { r.say("second") })
		c.Deadline(Job, "too far", start.Add(time.Hour), nil)
	})
	got, err := c.Advance(t.Context(), 10*time.Minute, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first@1m0s", "same@1m0s", "retry@1m0.005s", "second@2m0s"}, r.said); diff != "" {
		t.Error(diff)
	}
	if len(got.Stops) != 3 || !got.To.Equal(start.Add(10*time.Minute)) {
		t.Errorf("report %+v", got)
	}
}

func TestAdvanceDoesNotFollowPollingTimersForEver(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start})
	var polls int
	var poll func()
	poll = func() { polls++; c.AfterFunc(100*time.Millisecond, poll) }
	c.Deadline(Job, "poller", start.Add(time.Minute), poll)
	if _, err := c.Advance(t.Context(), time.Hour, Hooks{}); err != nil {
		t.Fatal(err)
	}
	if polls < 2 || polls > 2*maxEchoes+2 {
		t.Errorf("%d polls", polls)
	}
}

func TestAdvanceRefusesTooManyStops(t *testing.T) {
	t.Parallel()
	t.Run("seen ahead: nothing moves", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{Now: start, Paused: true})
		for i := range MaxStops + 1 {
			c.Deadline(Job, "job", start.Add(time.Duration(i+1)*time.Second), nil)
		}
		if _, err := c.Advance(t.Context(), 24*time.Hour, Hooks{}); !errors.Is(err, ErrTooManyStops) {
			t.Errorf("error %v", err)
		}
		wantNow(t, c, 0)
		if r, err := c.Advance(t.Context(), MaxStops*time.Second, Hooks{}); err != nil || len(r.Stops) != MaxStops {
			t.Errorf("exactly %d stops: %d, %v", MaxStops, len(r.Stops), err)
		}
	})
	t.Run("found on the way: it stays there", func(t *testing.T) {
		t.Parallel()
		c, _ := newFake(t, Config{Now: start, Paused: true})
		var again *Deadline
		again = c.Deadline(Job, "job", start.Add(time.Second), func() { again.Reset(c.Now().Add(time.Second)) })
		r, err := c.Advance(t.Context(), 24*time.Hour, Hooks{})
		if !errors.Is(err, ErrTooManyStops) || !c.Now().Equal(r.To) || !r.To.After(start) {
			t.Errorf("to %v, error %v", r.To, err)
		}
	})
}

func TestAdvanceEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start, Paused: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("interrupted")
	c.Deadline(Job, "job", start.Add(time.Minute), func() { cancel(why) })
	r, err := c.Advance(ctx, time.Hour, Hooks{})
	if !errors.Is(err, why) || !r.To.Equal(start.Add(time.Minute)) {
		t.Errorf("to %v, error %v", r.To, err)
	}
	wantNow(t, c, time.Minute)
}

func TestAdvanceReportsPending(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start})
	r, err := c.Advance(t.Context(), time.Hour, Hooks{Settle: func(context.Context) []string { return []string{"queue pods: 1"} }})
	if err != nil || len(r.Pending) != 1 {
		t.Errorf("pending %v, error %v", r.Pending, err)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start, Paused: true})
	c.Deadline(Backoff, "retry", start.Add(time.Minute), nil)
	c.Deadline(Refresh, "pod default/app", start.Add(48*time.Minute), nil)
	c.Deadline(Expiry, "token", start.Add(50*time.Minute), nil)
	r, err := c.Next(t.Context(), Hooks{})
	if err != nil || len(r.Stops) != 2 || !r.To.Equal(start.Add(48*time.Minute)) {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = c.Next(t.Context(), Hooks{}, Expiry); err != nil || !r.To.Equal(start.Add(50*time.Minute)) {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err = c.Next(t.Context(), Hooks{}); !errors.Is(err, ErrNothingAhead) {
		t.Errorf("error %v", err)
	}
}

func TestJourneysTakeTurns(t *testing.T) {
	t.Parallel()
	c, _ := newFake(t, Config{Now: start, Paused: true})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := c.Advance(t.Context(), time.Minute, Hooks{}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, _, err := c.Leap(time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantNow(t, c, 8*time.Minute)
}

func TestPauseDuringAdvanceCountsAfterIt(t *testing.T) {
	t.Parallel()
	c, s := newFake(t, Config{Now: start})
	if _, err := c.Advance(t.Context(), time.Hour, Hooks{Heartbeat: func(context.Context) { c.Pause() }}); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	wantNow(t, c, time.Hour)
}

func TestKeepAndLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clock.json")
	if c, err := Load(path, start); err != nil || c != (Config{}) {
		t.Fatalf("missing file: %+v, %v", c, err)
	}
	c, _ := newFake(t, Config{Now: start.Add(time.Hour), Rate: 10})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Keep(ctx, path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	got, err := Load(path, start.Add(time.Minute))
	if want := (Config{Now: start.Add(time.Hour + time.Minute), Rate: 10}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, _ := Load(path, start.Add(-time.Minute)); !got.Now.Equal(start.Add(time.Hour)) {
		t.Errorf("the computer's clock was set back: now %v", got.Now)
	}
	for _, bad := range []string{"", "{}", `{"now":"2026-11-23T08:30:00Z","wall":"2026-11-23T08:30:00Z","rate":0}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, start); err == nil {
			t.Errorf("%q loaded", bad)
		}
	}
}

func TestResumeAfterACrash(t *testing.T) {
	t.Parallel()
	r := record{Now: start, Wall: start, Rate: 100}
	for _, tt := range []struct {
		name string
		r    record
		down time.Duration
		want time.Duration
	}{
		{"within the unseen second the old rate counts", r, time.Second, 100 * time.Second},
		{"then rate 1", r, time.Hour, time.Hour},
		{"a paused clock stood still", record{Now: start, Wall: start, Rate: 100, Paused: true}, time.Hour, 0},
		{"a slow clock goes on at rate 1", record{Now: start, Wall: start, Rate: 0.1}, time.Minute, time.Minute},
	} {
		if got := tt.r.resume(start.Add(tt.down)).Now.Sub(start); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
