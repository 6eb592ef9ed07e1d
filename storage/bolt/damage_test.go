package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/bolt"
)

// written makes a store with some of everything in it and returns its file and
// what it holds.
func written(t *testing.T) ([]byte, storage.Page) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s := open(t, path, bolt.Options{})
	ctx := t.Context()
	at := map[string]int64{}
	for i := range 400 {
		key := fmt.Sprintf("/registry/configmaps/default/%04d", i*7919%1000)
		r, err := s.Create(ctx, key, bytes.Repeat([]byte{byte(i)}, i*5))
		if err != nil {
			t.Fatal(err)
		}
		at[key] = r
		if i%3 == 0 {
			if at[key], err = s.Update(ctx, key, bytes.Repeat([]byte("u"), 100), r); err != nil {
				t.Fatal(err)
			}
		}
		if i%5 == 0 {
			if _, err := s.Delete(ctx, key, at[key]); err != nil {
				t.Fatal(err)
			}
		}
		if i == 200 {
			if err := s.Compact(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	large, err := s.Create(ctx, "/large", bytes.Repeat([]byte("large "), 50_000))
	if err != nil || large == 0 {
		t.Fatal(err)
	}
	page, err := s.List(ctx, "", storage.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// bbolt makes its files larger than they need to be. Cutting off what was
	// never used is no damage, and makes these tests quick.
	used := len(bytes.TrimRight(b, "\x00"))
	return b[:(used+pageSize-1)/pageSize*pageSize], page
}

const pageSize = 8 << 10

// refuses opens a file with these bytes: it must be refused as damaged, with one
// line that names the file, and left as it is.
func refuses(t *testing.T, what string, b []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	if !tryOpen(t, path, b, nil) {
		t.Errorf("%s: opened", what)
	}
}

// tryOpen writes a file and opens it. It returns whether it was refused; if not,
// it must hold the page.
func tryOpen(t *testing.T, path string, b []byte, page *storage.Page) (refused bool) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(path, bolt.Options{})
	if err == nil {
		if page != nil {
			got, err := s.List(t.Context(), "", storage.ListOptions{})
			if err != nil {
				t.Errorf("opened, but %v", err)
			} else if !reflect.DeepEqual(*page, got) {
				t.Errorf("opened, but with something else in it (-want +got):\n%s", cmp.Diff(*page, got))
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		return false
	}
	if text := err.Error(); !errors.Is(err, storage.ErrDamaged) ||
		!strings.HasPrefix(text, "storage: open "+path+": ") || strings.ContainsAny(text, "\n") {
		t.Errorf("error %q (%v)", text, errors.Is(err, storage.ErrDamaged))
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(after, b) {
		t.Errorf("the refused file was changed (%v)", err)
	}
	return true
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	db, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("key"))
		if err == nil {
			err = b.Put([]byte("a"), []byte("b"))
		}
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	another, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"an empty file":                     {},
		"one byte":                          {0},
		"text":                              []byte("apiVersion: v1\n"),
		"a long text":                       bytes.Repeat([]byte("apiVersion: v1\n"), 10_000),
		"zeros":                             make([]byte, 100_000),
		"a bolt file of another program":    another,
		"an empty bolt file":                freshBolt(t),
		"a database with a format to come":  withFormat(t, "kubemint storage 2"),
		"a bolt file with buckets missing":  withoutBucket(t, "now"),
		"a bolt file with one more bucket":  withBucket(t, "more"),
		"a bolt file with a nested bucket":  withNested(t),
		"a database that forgot its number": withoutMeta(t, "revision"),
	} {
		refuses(t, name, b)
	}
}

// A change by another tool for the format is no damage: it leaves a list of free
// pages, which kubemint does not.
func TestOpenTakesAFileThatAnotherToolRewrote(t *testing.T) {
	t.Parallel()
	b := changed(t, func(tx *bbolt.Tx) error { return nil })
	if tryOpen(t, filepath.Join(t.TempDir(), "kubemint.db"), b, &storage.Page{Revision: storage.FirstRevision}) {
		t.Error("refused")
	}
}

func TestOpenRefusesATruncatedFile(t *testing.T) {
	t.Parallel()
	b, page := written(t)
	path := filepath.Join(t.TempDir(), "kubemint.db")
	if tryOpen(t, path, b, &page) {
		t.Fatal("the whole file was refused")
	}
	used := len(bytes.TrimRight(b, "\x00"))
	random := rand.New(rand.NewPCG(1, 2))
	sizes := []int{1, 1024, 4096, 8192, 16384, len(b) - pageSize, used / 2}
	for range 40 {
		sizes = append(sizes, random.IntN(len(b)-pageSize))
	}
	for _, n := range sizes {
		refuses(t, fmt.Sprintf("cut to %d of %d bytes", n, used), b[:n])
	}
}

// Whatever page is overwritten, with zeros, with noise or with another page: the
// file is refused, or it was a page that nothing refers to.
func TestOpenRefusesOverwrittenPages(t *testing.T) {
	t.Parallel()
	b, page := written(t)
	const size = pageSize
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, size)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	path := filepath.Join(t.TempDir(), "kubemint.db")
	var refused, unused int
	for at := 0; at+size <= len(b); at += size {
		for _, with := range [][]byte{make([]byte, size), noise, b[2*size : 3*size], make([]byte, 512)} {
			c := bytes.Clone(b)
			copy(c[at:], with)
			if bytes.Equal(c, b) {
				continue
			}
			if tryOpen(t, path, c, &page) {
				refused++
			} else {
				unused++
			}
		}
	}
	t.Logf("%d refused, %d of no consequence", refused, unused)
	if refused < 50 {
		t.Errorf("only %d overwritten pages were refused", refused)
	}
}

// A byte changed anywhere is noticed or makes no difference. The entries are
// small, so that most of the file is structure.
func TestOpenNoticesChangedBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s := open(t, path, bolt.Options{})
	var all sync.WaitGroup
	for worker := range 50 {
		all.Go(func() {
			for i := worker; i < 700; i += 50 {
				if _, err := s.Create(t.Context(), fmt.Sprintf("/%d", i), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	page, err := s.List(t.Context(), "", storage.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = b[:(len(bytes.TrimRight(b, "\x00"))+pageSize-1)/pageSize*pageSize]
	random := rand.New(rand.NewPCG(5, 6))
	var refused int
	for i := range 250 {
		at := random.IntN(len(b)/pageSize) * pageSize
		if i%2 == 0 {
			at += random.IntN(pageSize)
		} else {
			at += random.IntN(64) // the head and the first elements
		}
		c := bytes.Clone(b)
		c[at] ^= byte(1 + random.IntN(255))
		if tryOpen(t, path, c, &page) {
			refused++
		}
	}
	t.Logf("%d of 250 refused", refused)
	if refused < 50 {
		t.Errorf("only %d changed bytes were refused", refused)
	}
}

// A page that says it holds fewer entries than it does, and is sound otherwise.
func TestOpenNoticesMissingEntries(t *testing.T) {
	t.Parallel()
	refuses(t, "an entry gone from the index", changedStore(t, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("now")).Delete([]byte("/b"))
	}))
	refuses(t, "an entry gone from the log", changedStore(t, func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte("log")).Cursor()
		c.First()
		return c.Delete()
	}))
	refuses(t, "an index entry that points elsewhere", changedStore(t, func(tx *bbolt.Tx) error {
		now := tx.Bucket([]byte("now"))
		return now.Put([]byte("/a"), bytes.Clone(now.Get([]byte("/b"))))
	}))
}

func TestOpenRefusesAFileInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s := open(t, path, bolt.Options{})
	began := time.Now() // wall time: the lock's own
	_, err := bolt.Open(path, bolt.Options{})
	if !errors.Is(err, storage.ErrInUse) || errors.Is(err, storage.ErrDamaged) {
		t.Errorf("second open: %v, want %v", err, storage.ErrInUse)
	}
	if waited := time.Since(began); waited > time.Minute {
		t.Errorf("second open took %v", waited)
	}
	if _, err := s.Create(t.Context(), "/a", nil); err != nil {
		t.Errorf("after the second open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, bolt.Options{})
}

func TestOpenAnswersWithTheSystemsErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := bolt.Open(filepath.Join(dir, "missing", "kubemint.db"), bolt.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
	if _, err := bolt.Open(dir, bolt.Options{}); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("a directory: %v", err)
	}
}

func TestOpenCreatesOneFileForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kubemint.db")
	open(t, path, bolt.Options{})
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v, %v", files, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}
