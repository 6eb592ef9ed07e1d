package archive_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/archive"
)

var entries = []storage.Entry{
	{Key: "/a", Value: []byte("one"), Revision: 2, CreateRevision: 2},
	{Key: "/b", Value: []byte{}, Revision: 9, CreateRevision: 3},
	{Key: "/c", Value: bytes.Repeat([]byte("x"), 100_000), Revision: 4, CreateRevision: 4},
}

func write(t testing.TB, revision int64, entries []storage.Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, revision)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read returns what an archive holds, if all of it is sound.
func read(r io.Reader) (revision int64, entries []storage.Entry, err error) {
	a, err := archive.NewReader(r)
	if err != nil {
		return 0, nil, err
	}
	for {
		e, err := a.Next()
		if errors.Is(err, io.EOF) {
			return a.Revision(), entries, nil
		}
		if err != nil {
			return 0, nil, err
		}
		entries = append(entries, e)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	for _, want := range [][]storage.Entry{nil, entries[:1], entries} {
		revision, got, err := read(bytes.NewReader(write(t, 12, want)))
		if err != nil || revision != 12 {
			t.Errorf("revision %d, %v", revision, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestImpossibleArchivesAreRefused(t *testing.T) {
	t.Parallel()
	for name, entries := range map[string][]storage.Entry{
		"out of order":         {entries[1], entries[0]},
		"twice":                {entries[0], entries[0]},
		"from the future":      {{Key: "/a", Revision: 13, CreateRevision: 2}},
		"created after":        {{Key: "/a", Revision: 5, CreateRevision: 6}},
		"before the beginning": {{Key: "/a", Revision: 1, CreateRevision: 1}},
	} {
		if _, _, err := read(bytes.NewReader(write(t, 12, entries))); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAReadersErrorIsItsOwn(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable pulled")
	_, _, err := read(io.MultiReader(bytes.NewReader(write(t, 12, entries)[:200]), failing{broken}))
	if !errors.Is(err, broken) || errors.Is(err, storage.ErrDamaged) {
		t.Errorf("%v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Whatever the bytes: ErrDamaged, or an archive that says the same when it is
// written again. The checksum is made to fit, or nothing would get past it.
func FuzzRead(f *testing.F) {
	for _, e := range [][]storage.Entry{nil, entries[:2]} {
		b := write(f, 12, e)
		f.Add(b[:len(b)-sha256.Size])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		sum := sha256.Sum256(b)
		revision, entries, err := read(bytes.NewReader(append(bytes.Clone(b), sum[:]...)))
		if err != nil {
			if !errors.Is(err, storage.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		again, got, err := read(bytes.NewReader(write(t, revision, entries)))
		if err != nil || again != revision || !cmp.Equal(entries, got) {
			t.Fatalf("read back: %v", err)
		}
	})
}
