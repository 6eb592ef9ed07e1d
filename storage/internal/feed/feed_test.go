package feed_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/feed"
)

// event makes one up.
func event(revision int64) storage.Event {
	return storage.Event{Type: storage.Put, Key: fmt.Sprintf("/%d", revision), Value: []byte{byte(revision)}, Revision: revision}
}

func fill(f *feed.Feed, from, to int64) {
	for r := from; r <= to; r++ {
		f.Append(event(r))
	}
}

func watch(t *testing.T, f *feed.Feed, after int64, h feed.History) <-chan []storage.Event {
	t.Helper()
	r, err := f.Open(after)
	if err != nil {
		t.Fatal(err)
	}
	events, err := r.Watch(t.Context(), "/", h)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// expect receives the events of revisions from one to another.
func expect(t *testing.T, events <-chan []storage.Event, from, to int64) {
	t.Helper()
	for next := from; next <= to; {
		batch, ok := <-events
		if !ok {
			t.Fatalf("ended before revision %d", next)
		}
		for _, e := range batch {
			if e.Revision != next || len(e.Value) != 1 || e.Value[0] != byte(next) {
				t.Fatalf("got revision %d, want %d", e.Revision, next)
			}
			next++
		}
	}
}

func TestAReaderBehindTheWindowReadsHistory(t *testing.T) {
	t.Parallel()
	for _, limit := range []feed.Limit{{Events: 10}, {Bytes: 50}} {
		synctest.Test(t, func(t *testing.T) {
			f := feed.New(1, limit)
			defer f.Close()
			fill(f, 2, 100)
			var asked []int64
			events := watch(t, f, 1, func(after int64, _ string, most int) ([]storage.Event, int64, error) {
				asked = append(asked, after)
				var got []storage.Event
				for r := after + 1; r <= min(after+30, 100); r++ {
					got = append(got, event(r))
				}
				return got, after + int64(len(got)), nil
			})
			expect(t, events, 2, 100)
			synctest.Wait()
			if len(asked) < 3 || len(asked) > 4 || asked[0] != 1 {
				t.Errorf("history was asked for what follows %v", asked)
			}
			fill(f, 101, 105)
			expect(t, events, 101, 105)
			if n := len(asked); n > 4 {
				t.Errorf("history was asked %d times for what is at hand", n)
			}
		})
	}
}

func TestAWatchEndsWhenHistoryFails(t *testing.T) {
	t.Parallel()
	f := feed.New(1, feed.Limit{Events: 1})
	defer f.Close()
	fill(f, 2, 5)
	events := watch(t, f, 1, func(int64, string, int) ([]storage.Event, int64, error) {
		return nil, 0, errors.New("disk on fire")
	})
	if _, open := <-events; open {
		t.Error("the watch goes on")
	}
	if floor := f.Floor(99); floor != 99 {
		t.Errorf("the reader that ended still holds revision %d", floor)
	}
}

func TestFloorAndTrimRespectReaders(t *testing.T) {
	t.Parallel()
	f := feed.New(1, feed.Limit{})
	defer f.Close()
	fill(f, 2, 20)
	early, err := f.Open(5)
	if err != nil {
		t.Fatal(err)
	}
	late, err := f.Open(15)
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		f.Between(0, 100, func(*storage.Event) { n++ })
		return n
	}
	for _, step := range []struct {
		do    func()
		floor int64
		left  int
	}{
		{func() { f.Trim(18) }, 5, 15},
		{func() { early.Move(10); f.Trim(8) }, 10, 12},
		{func() { f.Trim(18) }, 10, 10},
		{early.Close, 15, 10},
		{func() { f.Trim(18) }, 15, 5},
		{late.Close, 18, 5},
		{func() { f.Trim(18) }, 18, 2},
		{func() { f.Trim(100) }, 18, 0},
	} {
		step.do()
		if got := f.Floor(18); got != step.floor {
			t.Errorf("floor %d, want %d", got, step.floor)
		}
		if got := count(); got != step.left {
			t.Errorf("%d events are left, want %d", got, step.left)
		}
	}
	fill(f, 21, 22)
	expect(t, watch(t, f, 20, nil), 21, 22)
}

func TestCloseEndsEveryWatch(t *testing.T) {
	t.Parallel()
	f := feed.New(1, feed.Limit{})
	idle, full := watch(t, f, 1, nil), watch(t, f, 1, nil)
	fill(f, 2, 3)
	expect(t, idle, 2, 3)
	f.Close()
	f.Close()
	for _, events := range []<-chan []storage.Event{idle, full} {
		for range events { // until it is closed
		}
	}
	if _, err := f.Open(1); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("open after close: %v", err)
	}
}

func TestAReaderMayWatchBeforeItsRevision(t *testing.T) {
	t.Parallel()
	// A store's transaction is visible a moment before its events are.
	synctest.Test(t, func(t *testing.T) {
		f := feed.New(1, feed.Limit{})
		defer f.Close()
		events := watch(t, f, 3, nil)
		fill(f, 2, 3)
		synctest.Wait()
		select {
		case got := <-events:
			t.Errorf("events %v of before its place", got)
		default:
		}
		fill(f, 4, 4)
		expect(t, events, 4, 4)
	})
}

func BenchmarkFeed(b *testing.B) {
	for _, watchers := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			f := feed.New(1, feed.Limit{Events: 4096})
			defer f.Close()
			var all []<-chan []storage.Event
			for range watchers {
				r, err := f.Open(1)
				if err != nil {
					b.Fatal(err)
				}
				events, err := r.Watch(context.Background(), "/", nil)
				if err != nil {
					b.Fatal(err)
				}
				all = append(all, events)
			}
			for r := int64(2); b.Loop(); r++ {
				f.Append(event(r))
				for _, events := range all {
					<-events
				}
			}
		})
	}
}
