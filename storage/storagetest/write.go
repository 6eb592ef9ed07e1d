package storagetest

import (
	"cmp"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// CreateAndGet: what was created is there, and nothing else is.
func (s Suite) CreateAndGet(t *testing.T) {
	f := s.open(t)
	_, err := f.Get(t.Context(), "/registry/pods/default/a")
	want(t, err, storage.ErrNotFound, "get", "/registry/pods/default/a")
	r := f.create("/registry/pods/default/a", "one")
	same(t, "entry", f.get("/registry/pods/default/a"),
		storage.Entry{Key: "/registry/pods/default/a", Value: []byte("one"), Revision: r, CreateRevision: r})
	for _, key := range []string{"/registry/pods/default/", "/registry/pods/default/aa", "/registry"} {
		_, err = f.Get(t.Context(), key)
		want(t, err, storage.ErrNotFound, "get", key)
	}
}

// CreateExisting: a second create changes nothing.
func (s Suite) CreateExisting(t *testing.T) {
	f := s.open(t)
	r := f.create("/a", "one")
	_, err := f.Create(t.Context(), "/a", []byte("two"))
	want(t, err, storage.ErrExists, "create", "/a")
	same(t, "entry", f.get("/a"), storage.Entry{Key: "/a", Value: []byte("one"), Revision: r, CreateRevision: r})
	same(t, "revision", f.revision(), r)
}

// Update replaces what the caller has seen and nothing else.
func (s Suite) Update(t *testing.T) {
	f := s.open(t)
	_, err := f.Store.Update(t.Context(), "/a", []byte("x"), f.base)
	want(t, err, storage.ErrNotFound, "update", "/a")
	r1 := f.create("/a", "one")
	r2 := f.update("/a", "two", r1)
	for _, seen := range []int64{r1, 0, -1, r2 + 1} {
		_, err = f.Store.Update(t.Context(), "/a", []byte("x"), seen)
		want(t, err, storage.ErrConflict, "update", "/a")
	}
	same(t, "entry", f.get("/a"), storage.Entry{Key: "/a", Value: []byte("two"), Revision: r2, CreateRevision: r1})
	// The same bytes again are a write like any other.
	r3 := f.update("/a", "two", r2)
	if r3 <= r2 {
		t.Errorf("revision %d after %d", r3, r2)
	}
}

// Delete removes what the caller has seen and nothing else.
func (s Suite) Delete(t *testing.T) {
	f := s.open(t)
	_, err := f.Store.Delete(t.Context(), "/a", f.base)
	want(t, err, storage.ErrNotFound, "delete", "/a")
	r1 := f.create("/a", "one")
	r2 := f.update("/a", "two", r1)
	for _, seen := range []int64{r1, 0} {
		_, err = f.Store.Delete(t.Context(), "/a", seen)
		want(t, err, storage.ErrConflict, "delete", "/a")
	}
	r3 := f.delete("/a", r2)
	if r3 <= r2 {
		t.Errorf("the delete's revision is %d, after %d", r3, r2)
	}
	_, err = f.Get(t.Context(), "/a")
	want(t, err, storage.ErrNotFound, "get", "/a")
	_, err = f.Store.Delete(t.Context(), "/a", r2)
	want(t, err, storage.ErrNotFound, "delete", "/a")
	_, err = f.Store.Update(t.Context(), "/a", nil, r2)
	want(t, err, storage.ErrNotFound, "update", "/a")
}

// CreateAfterDelete: the new entry has nothing of the old one.
func (s Suite) CreateAfterDelete(t *testing.T) {
	f := s.open(t)
	f.delete("/a", f.create("/a", "one"))
	r := f.create("/a", "two")
	same(t, "entry", f.get("/a"), storage.Entry{Key: "/a", Value: []byte("two"), Revision: r, CreateRevision: r})
	events := f.receive(f.watch("/", f.base), 3)
	same(t, "last event", events[2], storage.Event{Type: storage.Put, Key: "/a", Value: []byte("two"), Revision: r})
}

// Revisions: one more for each write that succeeds, none for one that fails.
func (s Suite) Revisions(t *testing.T) {
	f := s.open(t)
	r := f.base
	next := func(got int64) int64 {
		t.Helper()
		r++
		same(t, "revision of the write", got, r)
		same(t, "revision of the store", f.revision(), r)
		return got
	}
	a := next(f.create("/a", "1"))
	b := next(f.create("/b", "1"))
	a = next(f.update("/a", "2", a))
	if _, err := f.Create(t.Context(), "/a", nil); err == nil {
		t.Error("create of an entry that exists succeeded")
	}
	if _, err := f.Store.Update(t.Context(), "/b", nil, a); err == nil {
		t.Error("update with another entry's revision succeeded")
	}
	next(f.delete("/b", b))
	next(f.update("/a", "3", a))
	page := f.list("/", storage.ListOptions{})
	same(t, "revision of the page", page.Revision, r)
}

// EmptyValue: nil and empty are both stored, as empty.
func (s Suite) EmptyValue(t *testing.T) {
	f := s.open(t)
	r1, err := f.Create(t.Context(), "/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	r2 := f.update("/a", "", r1)
	e := f.get("/a")
	same(t, "entry", e, storage.Entry{Key: "/a", Value: []byte{}, Revision: r2, CreateRevision: r1})
	r3 := f.delete("/a", r2)
	same(t, "events", f.receive(f.watch("/", f.base), 3), []storage.Event{
		{Type: storage.Put, Key: "/a", Value: []byte{}, Revision: r1},
		{Type: storage.Put, Key: "/a", Value: []byte{}, PrevValue: []byte{}, Revision: r2, PrevRevision: r1},
		{Type: storage.Delete, Key: "/a", PrevValue: []byte{}, Revision: r3, PrevRevision: r2},
	})
}

// Limits: no empty key, none beyond MaxKey, no value beyond MaxValue.
func (s Suite) Limits(t *testing.T) {
	f := s.open(t)
	ctx := t.Context()
	for _, key := range []string{"", strings.Repeat("k", storage.MaxKey+1)} {
		_, err := f.Get(ctx, key)
		want(t, err, storage.ErrKey, "get", key)
		_, err = f.Create(ctx, key, nil)
		want(t, err, storage.ErrKey, "create", key)
		_, err = f.Store.Update(ctx, key, nil, 2)
		want(t, err, storage.ErrKey, "update", key)
		_, err = f.Store.Delete(ctx, key, 2)
		want(t, err, storage.ErrKey, "delete", key)
	}
	_, err := f.Create(ctx, "/large", make([]byte, storage.MaxValue+1))
	want(t, err, storage.ErrValue, "create", "/large")
	long := strings.Repeat("k", storage.MaxKey)
	big := strings.Repeat("v", cmp.Or(s.MaxValue, 3<<20))
	r := f.create(long, big)
	if e := f.get(long); string(e.Value) != big || e.Revision != r {
		t.Errorf("a value of %d bytes came back as %d bytes", len(big), len(e.Value))
	}
	odd := "/\x00\xff/ü \n"
	f.create(odd, "odd")
	same(t, "value", string(f.get(odd).Value), "odd")
}

// BytesAreOwned: scribbling over what was passed in or handed out reaches
// neither the store nor anybody else.
func (s Suite) BytesAreOwned(t *testing.T) {
	f := s.open(t)
	ctx := t.Context()
	one, other := f.watch("/", f.base), f.watch("/", f.base)

	in := []byte("value one")
	r1, err := f.Create(ctx, "/a", in)
	if err != nil {
		t.Fatal(err)
	}
	scribble(in)
	in = []byte("value two")
	r2, err := f.Store.Update(ctx, "/a", in, r1)
	if err != nil {
		t.Fatal(err)
	}
	scribble(in)
	f.create("/b", "more")

	wanted := []storage.Event{
		{Type: storage.Put, Key: "/a", Value: []byte("value one"), Revision: r1},
		{Type: storage.Put, Key: "/a", Value: []byte("value two"), PrevValue: []byte("value one"), Revision: r2, PrevRevision: r1},
		{Type: storage.Put, Key: "/b", Value: []byte("more"), Revision: r2 + 1},
	}
	for _, events := range []<-chan []storage.Event{one, other, f.watch("/", f.base), f.watch("/", f.base)} {
		got := f.receive(events, 3)
		same(t, "events", got, wanted)
		for _, e := range got {
			scribble(e.Value)
			scribble(e.PrevValue)
		}
	}
	for range 2 {
		e := f.get("/a")
		same(t, "value got", string(e.Value), "value two")
		scribble(e.Value)
		for _, e := range f.list("/", storage.ListOptions{}).Entries {
			if v := string(e.Value); v != "value two" && v != "more" {
				t.Errorf("value listed: %q", v)
			}
			scribble(e.Value)
		}
		old := f.list("/", storage.ListOptions{Revision: r1}).Entries
		same(t, "value listed in the past", string(old[0].Value), "value one")
		scribble(old[0].Value)
	}
}

// scribble also writes behind the end, as an append by the caller would.
func scribble(b []byte) {
	b = b[:cap(b)]
	for i := range b {
		b[i] = '#'
	}
}
