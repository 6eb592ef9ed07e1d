// Package storagetest is the contract of package storage as tests: every
// backend passes Suite.Run.
//
// Each behaviour is a method of its own, so that a backend under construction
// can take a part. A bug found in one backend becomes a case here.
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/storage"
)

// Suite says how to come by a store.
type Suite struct {
	// Open returns an empty store, which the suite closes.
	Open func(t testing.TB) storage.Store
	// Serial runs one test after the other: the backend's stores share their
	// revisions.
	Serial bool
	// MaxValue is the length of the longest value to try; 0 is 3 MiB, what
	// the API server lets through at most.
	MaxValue int
	// Restore returns a store made from a snapshot, as the backend's own
	// Restore does. nil: the backend cannot.
	Restore func(t testing.TB, r io.Reader, highest int64) (storage.Store, error)
}

// Run tests everything.
func (s Suite) Run(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"a created entry can be read", s.CreateAndGet},
		{"create refuses what exists", s.CreateExisting},
		{"update compares and swaps", s.Update},
		{"delete compares and swaps", s.Delete},
		{"what was deleted can be created anew", s.CreateAfterDelete},
		{"every write takes the next revision", s.Revisions},
		{"a value may be empty", s.EmptyValue},
		{"keys and values have limits", s.Limits},
		{"bytes are never shared", s.BytesAreOwned},
		{"list is in order of keys", s.List},
		{"list takes prefixes as bytes", s.ListPrefix},
		{"list in pages misses nothing", s.ListPages},
		{"list shows the past", s.ListAtRevision},
		{"pages stay at their revision", s.PagesAtRevision},
		{"list refuses the future", s.ListFuture},
		{"watch tells writes to come", s.WatchNow},
		{"watch tells writes that were", s.WatchPast},
		{"watch keeps to its prefix", s.WatchPrefix},
		{"watch refuses the future", s.WatchFuture},
		{"watch ends with its context", s.WatchCancelled},
		{"a slow watcher misses nothing and stops nobody", s.SlowWatcher},
		{"compaction forgets the past only", s.Compact},
		{"compaction leaves watchers what they have to read", s.CompactUnderWatch},
		{"compaction can be repeated", s.CompactAgain},
		{"a snapshot restores", s.Snapshot},
		{"a snapshot shows one revision while writers go on", s.SnapshotUnderLoad},
		{"a restored store forks from its past", s.RestoreHigher},
		{"a damaged snapshot is refused", s.RestoreDamaged},
		{"an ended context is answered", s.ContextEnded},
		{"a closed store says so", s.Closed},
		{"close ends what is under way", s.CloseUnderLoad},
		{"only one of many swaps wins", s.ConcurrentSwaps},
		{"only one of many creates wins", s.ConcurrentCreates},
		{"watchers see concurrent writes in one order", s.ConcurrentWatchers},
		{"a list while writers write is of one moment", s.ConcurrentLists},
		{"writes whose context ends happened or did not", s.ConcurrentCancel},
		{"it behaves as a simple model does", s.Model},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !s.Serial {
				t.Parallel()
			}
			c.test(t)
		})
	}
}

// patience is how long a test waits for what is due at once.
const patience = time.Minute

// fixture is a store under test with the calls that must succeed.
type fixture struct {
	t testing.TB
	storage.Store
	base int64 // its revision when it was opened
}

func (s Suite) open(t testing.TB) fixture {
	t.Helper()
	return adopt(t, s.Open(t))
}

func adopt(t testing.TB, store storage.Store) fixture {
	t.Helper()
	f := fixture{t: t, Store: store}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	f.base = f.revision()
	return f
}

// ctx outlives the test's own context, which has ended when cleanups run.
func (f fixture) ctx() context.Context { return context.WithoutCancel(f.t.Context()) }

func (f fixture) create(key, value string) int64 {
	f.t.Helper()
	revision, err := f.Create(f.ctx(), key, []byte(value))
	if err != nil {
		f.t.Fatal(err)
	}
	return revision
}

// createMany creates prefix0000, prefix0001 and so on, many at a time, and
// returns their revisions.
func (f fixture) createMany(prefix string, n int, value string) []int64 {
	f.t.Helper()
	revisions := make([]int64, n)
	each(f.t, 50, func(worker int) (err error) {
		for i := worker; i < n && err == nil; i += 50 {
			revisions[i], err = f.Create(f.ctx(), fmt.Sprintf("%s%04d", prefix, i), []byte(value))
		}
		return err
	})
	return revisions
}

func (f fixture) update(key, value string, seen int64) int64 {
	f.t.Helper()
	revision, err := f.Update(f.ctx(), key, []byte(value), seen)
	if err != nil {
		f.t.Fatal(err)
	}
	return revision
}

func (f fixture) delete(key string, seen int64) int64 {
	f.t.Helper()
	revision, err := f.Store.Delete(f.ctx(), key, seen)
	if err != nil {
		f.t.Fatal(err)
	}
	return revision
}

func (f fixture) get(key string) storage.Entry {
	f.t.Helper()
	e, err := f.Get(f.ctx(), key)
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

func (f fixture) list(prefix string, o storage.ListOptions) storage.Page {
	f.t.Helper()
	page, err := f.List(f.ctx(), prefix, o)
	if err != nil {
		f.t.Fatal(err)
	}
	return page
}

func (f fixture) revision() int64 {
	f.t.Helper()
	revision, err := f.Revision(f.ctx())
	if err != nil {
		f.t.Fatal(err)
	}
	return revision
}

func (f fixture) compact(revision int64) {
	f.t.Helper()
	if err := f.Store.Compact(f.ctx(), revision); err != nil {
		f.t.Fatal(err)
	}
}

// watch returns a watch that ends with the test.
func (f fixture) watch(prefix string, after int64) <-chan []storage.Event {
	f.t.Helper()
	events, err := f.Watch(f.t.Context(), prefix, after)
	if err != nil {
		f.t.Fatal(err)
	}
	return events
}

// receive returns the next n events of a watch.
func (f fixture) receive(events <-chan []storage.Event, n int) []storage.Event {
	f.t.Helper()
	var got []storage.Event
	deadline := time.After(patience)
	for len(got) < n {
		select {
		case batch, ok := <-events:
			if !ok {
				f.t.Fatalf("the watch ended after %d of %d events", len(got), n)
			}
			if len(batch) == 0 {
				f.t.Fatal("the watch sent an empty batch")
			}
			got = append(got, batch...)
		case <-deadline:
			f.t.Fatalf("the watch sent %d of %d events in %v", len(got), n, patience)
		}
	}
	if len(got) > n {
		f.t.Fatalf("the watch sent %d events, want %d: %v", len(got), n, short(got))
	}
	return got
}

// ended waits until a watch is closed, whatever it still sends.
func (f fixture) ended(events <-chan []storage.Event) {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-deadline:
			f.t.Fatal("the watch does not end")
		}
	}
}

// want fails unless err is a sentinel, wrapped with its operation and key.
func want(t testing.TB, err, sentinel error, op, key string) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("%s %s: error %v, want %v", op, key, err, sentinel)
		return
	}
	var e *storage.Error
	if !errors.As(err, &e) || e.Op != op || e.Key != key {
		t.Errorf("error %#v does not name %s %q", err, op, key)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// short shows events without their values.
func short(events []storage.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.Type.String()+" "+e.Key)
	}
	return out
}
