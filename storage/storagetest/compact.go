package storagetest

import (
	"fmt"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// Compact: before the revision nothing can be asked; from it on, everything.
func (s Suite) Compact(t *testing.T) {
	f := s.open(t)
	ctx := t.Context()
	a := f.create("/p/a", "1")
	b := f.create("/p/b", "1")
	a2 := f.update("/p/a", "2", a)
	gone := f.delete("/p/b", b)
	a3 := f.update("/p/a", "3", a2)
	c := f.create("/p/c", "1")

	f.compact(gone)
	for _, at := range []int64{a, b, a2} {
		_, err := f.Store.List(ctx, "/p/", storage.ListOptions{Revision: at})
		want(t, err, storage.ErrCompacted, "list", "/p/")
		_, err = f.Store.Watch(ctx, "/p/", at)
		want(t, err, storage.ErrCompacted, "watch", "/p/")
	}
	_, err := f.Store.Watch(ctx, "/p/", 0)
	want(t, err, storage.ErrCompacted, "watch", "/p/")
	same(t, "list at the compacted revision", f.list("/p/", storage.ListOptions{Revision: gone}), storage.Page{
		Revision: gone,
		Entries:  []storage.Entry{{Key: "/p/a", Value: []byte("2"), Revision: a2, CreateRevision: a}},
	})
	wanted := []storage.Event{
		{Type: storage.Put, Key: "/p/a", Value: []byte("3"), PrevValue: []byte("2"), Revision: a3, PrevRevision: a2},
		{Type: storage.Put, Key: "/p/c", Value: []byte("1"), Revision: c},
	}
	same(t, "watch from the compacted revision", f.receive(f.watch("/p/", gone), 2), wanted)

	f.compact(c)
	same(t, "revision", f.revision(), c)
	same(t, "entry", f.get("/p/a"), storage.Entry{Key: "/p/a", Value: []byte("3"), Revision: a3, CreateRevision: a})
	same(t, "list", keys(f.list("/", storage.ListOptions{})), []string{"/p/a", "/p/c"})
	same(t, "next revision", f.update("/p/a", "4", a3), c+1)
	same(t, "watch goes on", short(f.receive(f.watch("/", c), 1)), []string{"put /p/a"})
}

// CompactUnderWatch: watchers that have begun get all of it.
func (s Suite) CompactUnderWatch(t *testing.T) {
	f := s.open(t)
	const n = 1300 // more than one receive yields
	live := f.watch("/", f.base)
	at := f.create("/a", "0")
	for i := 1; i < n; i++ {
		at = f.update("/a", fmt.Sprint(i), at)
	}
	past := f.watch("/", f.base)
	f.compact(at)
	f.delete("/a", at)
	f.compact(at + 1)
	for name, events := range map[string]<-chan []storage.Event{"live": live, "past": past} {
		got := f.receive(events, n+1)
		for i, e := range got {
			switch {
			case e.Revision != f.base+int64(i)+1:
				t.Fatalf("%s: event %d has revision %d", name, i, e.Revision)
			case i < n && string(e.Value) != fmt.Sprint(i), i > 0 && string(e.PrevValue) != fmt.Sprint(i-1):
				t.Fatalf("%s: event %d tells %q after %q", name, i, e.Value, e.PrevValue)
			}
		}
	}
	f.compact(at + 1)
	if page := f.list("", storage.ListOptions{}); len(page.Entries) != 0 || page.Revision != at+1 {
		t.Errorf("list: %+v", page)
	}
}

// CompactAgain: the same and older revisions do nothing, future ones are refused.
func (s Suite) CompactAgain(t *testing.T) {
	f := s.open(t)
	at := f.create("/a", "0")
	for i := range 10 {
		at = f.update("/a", fmt.Sprint(i), at)
	}
	for _, r := range []int64{at - 5, at - 5, at - 8, 0, -1, at - 2} {
		f.compact(r)
	}
	f.list("/", storage.ListOptions{Revision: at - 2})
	_, err := f.Store.List(t.Context(), "/", storage.ListOptions{Revision: at - 3})
	want(t, err, storage.ErrCompacted, "list", "/")
	want(t, f.Store.Compact(t.Context(), at+1), storage.ErrFuture, "compact", "")
}
