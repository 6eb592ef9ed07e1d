package bolt_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/bolt"
)

// A restart changes nothing: neither the present nor the past, nor the revision
// even if its last writes were deletes that are compacted.
func TestAStoreGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	ctx := t.Context()
	s := open(t, path, bolt.Options{})
	if r, err := s.Revision(ctx); err != nil || r != storage.FirstRevision {
		t.Fatalf("a new store stands at %d, %v; want %d", r, err, storage.FirstRevision)
	}
	a, _ := s.Create(ctx, "/a", []byte("1"))
	b, _ := s.Create(ctx, "/b", []byte("1"))
	a2, _ := s.Update(ctx, "/a", []byte("2"), a)
	if _, err := s.Delete(ctx, "/b", b); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(ctx, b); err != nil {
		t.Fatal(err)
	}
	type sight struct {
		Now, Past storage.Page
		Events    []storage.Event
	}
	look := func(s *bolt.Store) (got sight) {
		t.Helper()
		var err1, err2 error
		got.Now, err1 = s.List(ctx, "/", storage.ListOptions{})
		got.Past, err2 = s.List(ctx, "/", storage.ListOptions{Revision: a2})
		events, err3 := s.Watch(ctx, "/", b)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		for len(got.Events) < 2 {
			got.Events = append(got.Events, <-events...)
		}
		if _, err := s.Watch(ctx, "/", a); !errors.Is(err, storage.ErrCompacted) {
			t.Errorf("watch of the compacted past: %v", err)
		}
		return got
	}
	before := look(s)
	for range 3 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, path, bolt.Options{})
		if diff := cmp.Diff(before, look(s)); diff != "" {
			t.Errorf("after a restart (-before +after):\n%s", diff)
		}
	}
	if _, err := s.Delete(ctx, "/a", a2); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(ctx, a2+2); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	if r, err := s.Create(ctx, "/c", nil); err != nil || r != a2+3 {
		t.Errorf("the next write has revision %d, %v; want %d", r, err, a2+3)
	}
}

// Many first starts at once make one database, and one of them gets it.
func TestManyFirstStartsMakeOneDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kubemint.db")
	stores := make([]*bolt.Store, 6)
	var all sync.WaitGroup
	for i := range stores {
		all.Go(func() {
			s, err := bolt.Open(path, bolt.Options{})
			if err != nil && !errors.Is(err, storage.ErrInUse) {
				t.Error(err)
			}
			stores[i] = s
		})
	}
	all.Wait()
	var opened int
	for _, s := range stores {
		if s != nil {
			opened++
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if opened != 1 {
		t.Errorf("%d of them opened it", opened)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("files: %v, %v", files, err)
	}
}

// What is compacted makes room: the file does not grow with the number of writes.
func TestCompactionMakesRoom(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	ctx := t.Context()
	s := open(t, path, bolt.Options{})
	value := make([]byte, 64<<10)
	at, err := s.Create(ctx, "/a", value)
	if err != nil {
		t.Fatal(err)
	}
	var first int64
	for round := range 10 {
		for range 100 {
			if at, err = s.Update(ctx, "/a", value, at); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Compact(ctx, at); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			first = info.Size()
		} else if info.Size() > 3*first {
			t.Fatalf("round %d: the file has grown from %d to %d bytes", round, first, info.Size())
		}
	}
}

// A file that may not grow refuses writes, whole, and takes them again when there
// is room; what was acknowledged stays.
func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	ctx := t.Context()
	s := open(t, path, bolt.Options{MaxSize: 40 << 20})
	events, err := s.Watch(ctx, "/", storage.FirstRevision)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	acknowledged := map[string]int64{}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("/%d/%d", worker, i)
				r, err := s.Create(ctx, key, make([]byte, 256<<10))
				if err != nil {
					if !strings.Contains(err.Error(), "max") {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				acknowledged[key] = r
				mu.Unlock()
			}
		})
	}
	all.Wait()
	check := func() {
		t.Helper()
		page, err := s.List(ctx, "/", storage.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, e := range page.Entries {
			got[e.Key] = e.Revision
		}
		if diff := cmp.Diff(acknowledged, got); diff != "" {
			t.Errorf("(-acknowledged +got):\n%s", diff)
		}
	}
	check()
	for seen := 0; seen < len(acknowledged); { // a write that failed told nobody
		for _, e := range <-events {
			if acknowledged[e.Key] != e.Revision {
				t.Errorf("event of %s at %d, which was not acknowledged", e.Key, e.Revision)
			}
			seen++
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	check()
	for worker := range 8 {
		key := fmt.Sprintf("/again/%d", worker)
		r, err := s.Create(ctx, key, make([]byte, 256<<10))
		if err != nil {
			t.Fatalf("with room again: %v", err)
		}
		acknowledged[key] = r
	}
	check()
}

func TestRestoreLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kubemint.db")
	s := open(t, path, bolt.Options{})
	if _, err := s.Create(t.Context(), "/a", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	snapshot, err := os.Create(filepath.Join(t.TempDir(), "snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	if _, err := s.Snapshot(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Restore(t.Context(), path, snapshot, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("restore over a store: %v, want %v", err, fs.ErrExist)
	}
	if _, err := bolt.Restore(t.Context(), filepath.Join(dir, "other.db"), strings.NewReader("no snapshot"), 0); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("restore of something else: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("files: %v, %v", files, err)
	}
	if e, err := s.Get(t.Context(), "/a"); err != nil || string(e.Value) != "kept" {
		t.Errorf("%+v, %v", e, err)
	}
}
