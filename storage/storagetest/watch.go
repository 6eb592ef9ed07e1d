package storagetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// WatchNow: each write from here on, with what it replaced.
func (s Suite) WatchNow(t *testing.T) {
	f := s.open(t)
	f.create("/before", "x")
	events := f.watch("/", f.revision())
	r1 := f.create("/a", "one")
	same(t, "create", f.receive(events, 1), []storage.Event{
		{Type: storage.Put, Key: "/a", Value: []byte("one"), Revision: r1}})
	r2 := f.update("/a", "two", r1)
	same(t, "update", f.receive(events, 1), []storage.Event{
		{Type: storage.Put, Key: "/a", Value: []byte("two"), PrevValue: []byte("one"), Revision: r2, PrevRevision: r1}})
	r3 := f.delete("/a", r2)
	same(t, "delete", f.receive(events, 1), []storage.Event{
		{Type: storage.Delete, Key: "/a", PrevValue: []byte("two"), Revision: r3, PrevRevision: r2}})
}

// WatchPast: from any revision of the past, and on into the present.
func (s Suite) WatchPast(t *testing.T) {
	f := s.open(t)
	const n = 20
	at := f.create("/a", "0")
	for i := 1; i < n; i++ {
		at = f.update("/a", fmt.Sprint(i), at)
	}
	for after := f.base; after <= at; after++ {
		events := f.watch("/", after)
		got := f.receive(events, int(at-after))
		for i, e := range got {
			r := after + int64(i) + 1
			if e.Revision != r || string(e.Value) != fmt.Sprint(r-f.base-1) {
				t.Fatalf("after %d: event %d is revision %d with %q", after, i, e.Revision, e.Value)
			}
		}
	}
	events := f.watch("/", at-1)
	f.receive(events, 1)
	f.create("/b", "x")
	same(t, "event", short(f.receive(events, 1)), []string{"put /b"})
	// 0 is the beginning, as long as nothing is compacted.
	if f.base == storage.FirstRevision {
		f.receive(f.watch("/", 0), n+1)
	}
}

// WatchPrefix: nothing of other prefixes, however much there is of it.
func (s Suite) WatchPrefix(t *testing.T) {
	f := s.open(t)
	live := f.watch("/pods/", f.base)
	for i := range 300 {
		f.create(fmt.Sprintf("/podtemplates/%d", i), "x")
	}
	r := f.create("/pods/a", "x")
	f.create("/q", "x")
	f.delete("/pods/a", r)
	wanted := []string{"put /pods/a", "delete /pods/a"}
	same(t, "live", short(f.receive(live, 2)), wanted)
	same(t, "from the past", short(f.receive(f.watch("/pods/", f.base), 2)), wanted)
	all := f.receive(f.watch("", f.base), 303)
	same(t, "the first of all", all[0].Key, "/podtemplates/0")
}

// WatchFuture: a revision the store has not reached is refused.
func (s Suite) WatchFuture(t *testing.T) {
	f := s.open(t)
	r := f.create("/a", "1")
	_, err := f.Store.Watch(t.Context(), "/", r+1)
	want(t, err, storage.ErrFuture, "watch", "/")
}

// WatchCancelled: the channel is closed, idle or with events nobody reads.
func (s Suite) WatchCancelled(t *testing.T) {
	f := s.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	idle, err := f.Store.Watch(ctx, "/none/", f.base)
	if err != nil {
		t.Fatal(err)
	}
	full, err := f.Store.Watch(ctx, "/", f.base)
	if err != nil {
		t.Fatal(err)
	}
	other := f.watch("/", f.base)
	f.create("/a", "x")
	cancel()
	f.ended(idle)
	f.ended(full)
	f.receive(other, 1)
}

// SlowWatcher: it has every event in the end, and until then nobody waits.
func (s Suite) SlowWatcher(t *testing.T) {
	f := s.open(t)
	slow := f.watch("/", f.base)
	value := make([]byte, 1024)
	const n = 12_000 // more than a backend may be expected to keep at hand
	quick := f.watch("/", f.base)
	go func() {
		for range quick { // keeps up
		}
	}()
	each(t, 16, func(worker int) error {
		for i := range n / 16 {
			if _, err := f.Create(t.Context(), fmt.Sprintf("/%d/%d", worker, i), value); err != nil {
				return err
			}
		}
		return nil
	})
	got := f.receive(slow, n/16*16)
	for i, e := range got {
		if e.Revision != f.base+int64(i)+1 {
			t.Fatalf("event %d has revision %d, want %d", i, e.Revision, f.base+int64(i)+1)
		}
	}
}
