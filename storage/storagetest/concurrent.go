package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// each runs work in so many goroutines and waits for them.
func each(t testing.TB, workers int, work func(worker int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			if err := work(i); err != nil {
				t.Errorf("worker %d: %v", i, err)
			}
		})
	}
	all.Wait()
}

// ConcurrentSwaps: a counter that many raise by compare-and-swap loses nothing.
func (s Suite) ConcurrentSwaps(t *testing.T) {
	f := s.open(t)
	f.create("/n", "0")
	const workers, rounds = 8, 40
	var conflicts atomic.Int64
	each(t, workers, func(int) error {
		for range rounds {
			for {
				e, err := f.Get(t.Context(), "/n")
				if err != nil {
					return err
				}
				n, err := strconv.Atoi(string(e.Value))
				if err != nil {
					return err
				}
				_, err = f.Store.Update(t.Context(), "/n", []byte(strconv.Itoa(n+1)), e.Revision)
				if err == nil {
					break
				}
				if !errors.Is(err, storage.ErrConflict) {
					return err
				}
				conflicts.Add(1)
			}
		}
		return nil
	})
	same(t, "counter", string(f.get("/n").Value), fmt.Sprint(workers*rounds))
	same(t, "revision", f.revision(), f.base+1+workers*rounds)
	t.Logf("%d conflicts", conflicts.Load())
}

// ConcurrentCreates: of many creates and deletes of one key, exactly one wins.
func (s Suite) ConcurrentCreates(t *testing.T) {
	f := s.open(t)
	for round := range 20 {
		key := fmt.Sprintf("/%d", round)
		var won atomic.Int64
		each(t, 8, func(worker int) error {
			_, err := f.Create(t.Context(), key, []byte{byte(worker)})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, storage.ErrExists) {
				return err
			}
			return nil
		})
		same(t, "creates that won", won.Load(), int64(1))
		won.Store(0)
		seen := f.get(key).Revision
		each(t, 8, func(int) error {
			_, err := f.Store.Delete(t.Context(), key, seen)
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			return nil
		})
		same(t, "deletes that won", won.Load(), int64(1))
	}
}

// ConcurrentWatchers: all see the same events in the same order, a writer's own
// write among them by the time the write has returned.
func (s Suite) ConcurrentWatchers(t *testing.T) {
	f := s.open(t)
	const writers, rounds, watchers = 8, 50, 4
	var total = writers * rounds
	seen := make([][]storage.Event, watchers)
	var done sync.WaitGroup
	for i := range watchers {
		after := f.base
		events := f.watch("/", after)
		done.Go(func() { seen[i] = collect(t, events, total) })
	}
	each(t, writers, func(worker int) error {
		key := fmt.Sprintf("/%d", worker)
		at, err := f.Create(t.Context(), key, []byte("0"))
		for i := 1; i < rounds && err == nil; i++ {
			at, err = f.Store.Update(t.Context(), key, []byte(strconv.Itoa(i)), at)
		}
		return err
	})
	done.Wait()
	for i := range seen {
		if len(seen[i]) != total {
			t.Fatalf("watcher %d saw %d events, want %d", i, len(seen[i]), total)
		}
	}
	last := map[string]storage.Event{}
	for i, e := range seen[0] {
		if e.Revision != f.base+int64(i)+1 {
			t.Fatalf("event %d has revision %d", i, e.Revision)
		}
		if before := last[e.Key]; before.Revision != e.PrevRevision || string(before.Value) != string(e.PrevValue) {
			t.Fatalf("event %d says it replaced revision %d, but it was %d", i, e.PrevRevision, before.Revision)
		}
		last[e.Key] = e
	}
	for i := 1; i < watchers; i++ {
		same(t, fmt.Sprintf("what watcher %d saw", i), seen[i], seen[0])
	}
	same(t, "what a late watcher sees", f.receive(f.watch("/", f.base), total), seen[0])
}

// collect returns n events, fewer if the watch ends.
func collect(t testing.TB, events <-chan []storage.Event, n int) []storage.Event {
	var got []storage.Event
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	for len(got) < n {
		select {
		case batch, ok := <-events:
			if !ok {
				return got
			}
			got = append(got, batch...)
		case <-ctx.Done():
			return got
		}
	}
	return got
}

// ConcurrentLists: two keys that are always written one after the other are
// never listed further apart than that, and list + watch is the whole truth.
func (s Suite) ConcurrentLists(t *testing.T) {
	f := s.open(t)
	a, b := f.create("/p/a", "0"), f.create("/p/b", "0")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			var err error
			if a, err = f.Store.Update(f.ctx(), "/p/a", []byte(strconv.Itoa(i)), a); err == nil {
				b, err = f.Store.Update(f.ctx(), "/p/b", []byte(strconv.Itoa(i)), b)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 100 {
		page, err := f.Store.List(t.Context(), "/p/", storage.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		na, _ := strconv.Atoi(string(page.Entries[0].Value))
		nb, _ := strconv.Atoi(string(page.Entries[1].Value))
		if na != nb && na != nb+1 {
			t.Fatalf("a is %d and b is %d in one list", na, nb)
		}
		if newest := max(page.Entries[0].Revision, page.Entries[1].Revision); newest != page.Revision {
			t.Fatalf("the newest entry is of %d in a list of %d", newest, page.Revision)
		}
		// The same page again, from the past this time.
		again, err := f.Store.List(t.Context(), "/p/", storage.ListOptions{Revision: page.Revision})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the page read again", again, page)
		events := f.watch("/p/", page.Revision)
		if got := collect(t, events, 1); len(got) == 0 || got[0].Revision != page.Revision+1 {
			t.Fatalf("a watch after %d begins with %v", page.Revision, short(got))
		}
	}
	stop()
	writer.Wait()
}

// ConcurrentCancel: a write that answered with its context's error is not there,
// one that answered with a revision is.
func (s Suite) ConcurrentCancel(t *testing.T) {
	f := s.open(t)
	const workers, rounds = 8, 100
	var happened, withdrawn atomic.Int64
	each(t, workers, func(worker int) error {
		for i := range rounds {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			key := fmt.Sprintf("/%d/%d", worker, i)
			r, err := f.Create(ctx, key, []byte("x"))
			e, getErr := f.Get(t.Context(), key)
			switch {
			case err == nil && getErr == nil && e.Revision == r:
				happened.Add(1)
			case errors.Is(err, context.Canceled) && errors.Is(getErr, storage.ErrNotFound):
				withdrawn.Add(1)
			default:
				return fmt.Errorf("create answered %d, %w; get answers %d, %w", r, err, e.Revision, getErr)
			}
		}
		return nil
	})
	// A withdrawn write does not come later either.
	same(t, "revision", f.revision(), f.base+happened.Load())
	same(t, "entries", int64(len(f.list("/", storage.ListOptions{}).Entries)), happened.Load())
	t.Logf("%d happened, %d were withdrawn", happened.Load(), withdrawn.Load())
}
