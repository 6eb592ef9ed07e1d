package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

func (s Suite) restore(t *testing.T, snapshot []byte, highest int64) fixture {
	t.Helper()
	if s.Restore == nil {
		t.Skip("this backend has no restore")
	}
	store, err := s.Restore(t, bytes.NewReader(snapshot), highest)
	if err != nil {
		t.Fatal(err)
	}
	return adopt(t, store)
}

func (f fixture) snapshot() ([]byte, int64) {
	f.t.Helper()
	var out bytes.Buffer
	revision, err := f.Store.Snapshot(f.ctx(), &out)
	if err != nil {
		f.t.Fatal(err)
	}
	return out.Bytes(), revision
}

// Snapshot: the entries with their revisions, and the revision to go on from.
func (s Suite) Snapshot(t *testing.T) {
	f := s.open(t)
	f.createMany("/many/", 1500, "x")
	a := f.create("/a", "1")
	f.update("/a", "2", a)
	f.delete("/b", f.create("/b", "1"))
	snapshot, revision := f.snapshot()
	same(t, "revision", revision, f.revision())
	wanted := f.list("", storage.ListOptions{})

	g := s.restore(t, snapshot, 0)
	same(t, "restored", g.list("", storage.ListOptions{}), wanted)
	same(t, "next revision", g.create("/c", "1"), revision+1)
	_, err := g.Store.Watch(t.Context(), "/", revision-1)
	want(t, err, storage.ErrCompacted, "watch", "/")
	same(t, "events", short(g.receive(g.watch("/", revision), 1)), []string{"put /c"})
	// It is a store like any other: its past can be asked for, and forgotten.
	same(t, "one more", g.update("/a", "3", g.get("/a").Revision), revision+2)
	same(t, "the past", g.list("", storage.ListOptions{Revision: revision}), wanted)
	g.compact(revision + 2)
	again, _ := g.snapshot()
	h := s.restore(t, again, 0)
	same(t, "restored again", h.list("", storage.ListOptions{}), g.list("", storage.ListOptions{}))

	empty, _ := s.open(t).snapshot()
	if page := s.restore(t, empty, 0).list("", storage.ListOptions{}); len(page.Entries) != 0 {
		t.Errorf("the snapshot of an empty store restores to %v", keys(page))
	}
}

// SnapshotUnderLoad: one revision, whatever is written and compacted meanwhile.
func (s Suite) SnapshotUnderLoad(t *testing.T) {
	f := s.open(t)
	const n = 2000
	revisions := f.createMany("/p/", n, "old")
	// The writer below changes everything, and the whole past is
	// compacted, when the snapshot has just begun.
	w := &firstWrite{do: func() {
		each(t, 8, func(worker int) error {
			for i := worker; i < n; i += 8 {
				if _, err := f.Store.Update(t.Context(), fmt.Sprintf("/p/%04d", i), []byte("new"), revisions[i]); err != nil {
					return err
				}
			}
			return nil
		})
		f.compact(f.revision())
	}}
	at, err := f.Store.Snapshot(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "revision of the snapshot", at, slices.Max(revisions))
	page := s.restore(t, w.Bytes(), 0).list("", storage.ListOptions{})
	if len(page.Entries) != n || page.Revision != at {
		t.Fatalf("restored: %d entries at %d, want %d at %d", len(page.Entries), page.Revision, n, at)
	}
	for _, e := range page.Entries {
		if string(e.Value) != "old" {
			t.Fatalf("%s is %q", e.Key, e.Value)
		}
	}
	f.compact(f.revision()) // takes what the snapshot kept it from
}

// firstWrite does something at the first write to it.
type firstWrite struct {
	bytes.Buffer
	do func()
}

func (w *firstWrite) Write(p []byte) (int, error) {
	if w.do != nil {
		w.do()
		w.do = nil
	}
	return w.Buffer.Write(p)
}

// RestoreHigher: a store that takes another's place goes on above all that the
// other gave out, and nobody can ask it about the other's time.
func (s Suite) RestoreHigher(t *testing.T) {
	f := s.open(t)
	a := f.create("/a", "1")
	snapshot, revision := f.snapshot()
	a2 := f.update("/a", "dropped", a)
	last := f.create("/b", "dropped")

	g := s.restore(t, snapshot, last)
	same(t, "entry", g.get("/a"), storage.Entry{Key: "/a", Value: []byte("1"), Revision: a, CreateRevision: a})
	if got := g.revision(); got <= last {
		t.Errorf("revision %d, want more than %d", got, last)
	}
	for _, seen := range []int64{a, revision, a2, last} {
		_, err := g.Store.Watch(t.Context(), "/", seen)
		want(t, err, storage.ErrCompacted, "watch", "/")
		_, err = g.Store.List(t.Context(), "/", storage.ListOptions{Revision: seen})
		want(t, err, storage.ErrCompacted, "list", "/")
	}
	_, err := g.Store.Update(t.Context(), "/a", nil, a2)
	want(t, err, storage.ErrConflict, "update", "/a")
	events := g.watch("/", g.revision())
	r := g.update("/a", "2", a)
	if r <= last {
		t.Errorf("the first write has revision %d, want more than %d", r, last)
	}
	same(t, "event", f.receive(events, 1), []storage.Event{
		{Type: storage.Put, Key: "/a", Value: []byte("2"), PrevValue: []byte("1"), Revision: r, PrevRevision: a}})
}

// RestoreDamaged: cut short, changed or something else: refused.
func (s Suite) RestoreDamaged(t *testing.T) {
	f := s.open(t)
	for i := range 20 {
		f.create(fmt.Sprintf("/%02d", i), "some value")
	}
	snapshot, _ := f.snapshot()
	s.restore(t, snapshot, 0)
	damaged := map[string][]byte{
		"empty":     {},
		"text":      []byte("apiVersion: v1\nkind: ConfigMap\n"),
		"half":      snapshot[:len(snapshot)/2],
		"one short": snapshot[:len(snapshot)-1],
	}
	for i := 0; i < len(snapshot); i += 7 {
		b := bytes.Clone(snapshot)
		b[i] ^= 0x20
		damaged[fmt.Sprintf("byte %d", i)] = b
	}
	for name, b := range damaged {
		store, err := s.Restore(t, bytes.NewReader(b), 0)
		if !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("%s: error %v, want %v", name, err, storage.ErrDamaged)
		}
		if err == nil {
			store.Close()
		}
	}
}
