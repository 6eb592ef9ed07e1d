package work

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/internal/clock"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func stopped(t *testing.T) *clock.Clock {
	t.Helper()
	c := clock.New(clock.Config{Now: morning, Paused: true})
	t.Cleanup(c.Close)
	return c
}

// run works on q until the test ends.
func run(t *testing.T, q *Queue, workers int, do func(ctx context.Context, key string) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx, workers, do, nil) }()
	t.Cleanup(func() { cancel(); <-done })
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

func TestQueueWorksOnAKeyOnceForManyAdds(t *testing.T) {
	t.Parallel()
	q := NewQueue("loop", nil)
	for range 10 {
		q.Add("a")
	}
	q.Add("b")
	if d := cmp.Diff([]string{"loop: a", "loop: b"}, q.Pending()); d != "" {
		t.Error(d)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	run(t, q, 3, func(_ context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		seen[key]++
		return nil
	})
	eventually(t, "idle", func() bool { return len(q.Pending()) == 0 })
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff(map[string]int{"a": 1, "b": 1}, seen); d != "" {
		t.Error(d)
	}
}

func TestQueueWorksAgainOnAKeyAddedMeanwhile(t *testing.T) {
	t.Parallel()
	q := NewQueue("loop", nil)
	started, goOn := make(chan struct{}, 10), make(chan struct{})
	var together, most atomic.Int32
	run(t, q, 5, func(context.Context, string) error {
		most.Store(max(most.Load(), together.Add(1)))
		started <- struct{}{}
		<-goOn
		together.Add(-1)
		return nil
	})
	q.Add("a")
	<-started
	q.Add("a")
	q.Add("a")
	if d := cmp.Diff([]string{"loop: a (in work)"}, q.Pending()); d != "" {
		t.Error(d)
	}
	close(goOn)
	<-started
	eventually(t, "idle", func() bool { return len(q.Pending()) == 0 })
	if len(started) != 0 || most.Load() != 1 {
		t.Errorf("%d more runs, at most %d at a time; want none and 1", len(started), most.Load())
	}
}

func TestQueueTriesAgainWhatFailed(t *testing.T) {
	t.Parallel()
	q := NewQueue("loop", nil)
	var tries atomic.Int32
	run(t, q, 1, func(context.Context, string) error {
		if tries.Add(1) < 4 {
			return errors.New("not yet")
		}
		return nil
	})
	q.Add("a")
	eventually(t, "fourth try", func() bool { return tries.Load() == 4 && len(q.Pending()) == 0 })
}

func TestQueueAddOvertakesARetry(t *testing.T) {
	t.Parallel()
	q := NewQueue("loop", nil)
	var fail atomic.Bool
	fail.Store(true)
	var tries atomic.Int32
	run(t, q, 1, func(context.Context, string) error {
		tries.Add(1)
		if fail.Load() {
			return errors.New("no")
		}
		return nil
	})
	q.Add("a")
	eventually(t, "a long pause", func() bool { return tries.Load() >= 6 })
	fail.Store(false)
	q.Add("a")
	eventually(t, "idle", func() bool { return len(q.Pending()) == 0 })
}

func TestQueueAtFollowsTheClusterClock(t *testing.T) {
	t.Parallel()
	c := stopped(t)
	q := NewQueue("loop", c)
	var runs atomic.Int32
	run(t, q, 1, func(context.Context, string) error { runs.Add(1); return nil })
	q.At(clock.Job, "cronjob ci/a", "a", morning.Add(time.Hour))
	q.At(clock.Job, "cronjob ci/a", "a", morning.Add(2*time.Hour))
	q.At(clock.Job, "cronjob ci/b", "b", morning.Add(2*time.Hour))
	q.NotAt("b")
	if got := c.Upcoming(0); len(got) != 1 || !got[0].At.Equal(morning.Add(2*time.Hour)) {
		t.Fatalf("upcoming %v, want one moment at 10:30", got)
	}
	if len(q.Pending()) != 0 {
		t.Errorf("a moment to come is not pending: %v", q.Pending())
	}
	if _, err := c.Advance(t.Context(), 3*time.Hour, clock.Hooks{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the run", func() bool { return runs.Load() == 1 })
}

func BenchmarkQueue(b *testing.B) {
	q := NewQueue("loop", nil)
	ctx, cancel := context.WithCancel(b.Context())
	var left sync.WaitGroup
	left.Add(b.N)
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx, 4, func(context.Context, string) error { left.Done(); return nil }, nil)
	}()
	keys := make([]string, b.N)
	for i := range keys {
		keys[i] = "default/pod-" + string(rune('a'+i%26)) + time.Duration(i).String()
	}
	b.ResetTimer()
	for _, k := range keys {
		q.Add(k)
	}
	left.Wait()
	cancel()
	<-done
}
