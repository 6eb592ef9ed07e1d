package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/storage"
)

func TestAJournalIsReadAfterAKill(t *testing.T) {
	t.Parallel()
	k := kill(t, filepath.Join(t.TempDir(), "kubemint.db"), 12)
	path := k.put(t, k.journal)
	for round := range 3 { // killed again right after the start, then at a shorter journal's end
		s := openIn(t, path, never)
		if diff := cmp.Diff(k.holds[len(k.holds)-1], content(t, s)); diff != "" {
			t.Errorf("round %d (-acknowledged +got):\n%s", round, diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(journalPath(path)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("round %d: a closed store has left its journal: %v", round, err)
		}
		k = kill(t, path, 7-2*round)
		path = k.put(t, k.journal)
	}
}

// A journal that is used again holds, behind its end, what was merged already.
func TestAJournalIsUsedAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s := openIn(t, path, never)
	if err := s.Journaled(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	create := func(key string) {
		t.Helper()
		r, err := s.Create(t.Context(), key, nil)
		if err != nil {
			t.Fatal(err)
		}
		want[key] = described(nil, r, r)
	}
	for i := range 9 {
		create(fmt.Sprintf("/first/%d", i))
	}
	content(t, s) // which merges
	create("/second/0")
	create("/second/1")
	k := killed{database: readFile(t, path), journal: readFile(t, journalPath(path))}
	if diff := cmp.Diff(want, content(t, openIn(t, k.put(t, k.journal), never))); diff != "" {
		t.Errorf("(-acknowledged +got):\n%s", diff)
	}
}

// The last frame may be unfinished: nobody was told of its writes. It may end
// anywhere, whatever lies behind.
func TestAnUnfinishedFrameIsNoDamage(t *testing.T) {
	t.Parallel()
	k := kill(t, filepath.Join(t.TempDir(), "kubemint.db"), 6)
	for i, from := range k.frames[:len(k.frames)-1] {
		length := frameHead + int(binary.BigEndian.Uint32(k.journal[from+4:]))
		for _, keep := range []int{0, 3, 8, frameHead - 1, frameHead, frameHead + 5, length - 1} {
			for name, rest := range map[string][]byte{
				"nothing": nil, "zeros": make([]byte, 20_000), "something": bytes.Repeat([]byte("kmjournl"), 2_000),
			} {
				torn := append(bytes.Clone(k.journal[:from+keep]), rest...)
				s, err := Open(k.put(t, torn), never)
				if err != nil {
					t.Fatalf("%d bytes of frame %d, then %s: %v", keep, i, name, err)
				}
				if diff := cmp.Diff(k.holds[i], content(t, s)); diff != "" {
					t.Errorf("%d bytes of frame %d, then %s (-want +got):\n%s", keep, i, name, diff)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestADamagedJournalIsRefused(t *testing.T) {
	t.Parallel()
	k := kill(t, filepath.Join(t.TempDir(), "kubemint.db"), 6)
	other := kill(t, filepath.Join(t.TempDir(), "kubemint.db"), 2)
	flipped := func(at int) []byte {
		b := bytes.Clone(k.journal)
		b[at] ^= 0x10
		return b
	}
	first := int64(binary.BigEndian.Uint64(k.journal[k.frames[0]+16:]))
	lacks := func(frame int) string {
		return fmt.Sprintf("lacks the writes from revision %d to %d", first+int64(frame), first+int64(frame))
	}
	for _, tt := range []struct {
		name    string
		journal []byte
		want    string
	}{
		{"missing", nil, "is missing"},
		{"empty", []byte{}, "is not the one of this database"},
		{"of another database", other.journal, "is not the one of this database"},
		{"with another name", flipped(2), "is not the one of this database"},
		{"too large", make([]byte, journalMost+1), "is no journal of kubemint"},
		{"changed in its first frame", flipped(k.frames[0] + frameHead + 9), lacks(0)},
		{"changed in a length", flipped(k.frames[1] + 5), lacks(1)},
		{"changed in a revision", flipped(k.frames[2] + 23), lacks(2)},
		{"changed in a value", flipped(k.frames[4] + 2000), lacks(4)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := k.put(t, tt.journal)
			_, err := Open(path, never)
			if !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), "kubemint.db.journal "+tt.want) {
				t.Errorf("got %v, want one that says %q", err, tt.want)
			}
			if !bytes.Equal(readFile(t, path), k.database) {
				t.Error("the database was changed")
			}
			if tt.journal != nil && !bytes.Equal(readFile(t, path+".journal"), tt.journal) {
				t.Error("the journal was changed")
			}
		})
	}
}

// A journal that belongs to no database is of no use to anybody.
func TestAJournalWithoutADatabaseIsRemoved(t *testing.T) {
	t.Parallel()
	k := kill(t, filepath.Join(t.TempDir(), "kubemint.db"), 2)
	path := filepath.Join(t.TempDir(), "kubemint.db")
	if err := os.WriteFile(journalPath(path), k.journal, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openIn(t, path, never)
	if got := content(t, s); len(got) != 0 {
		t.Errorf("a new store holds %v", got)
	}
	if _, err := os.Stat(journalPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

// When the journal can no longer be written, the database takes the writes, those
// first that the journal has alone.
func TestWritesGoOnWithoutTheJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s, err := Open(path, never)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Journaled(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i := range 6 {
		if i == 3 {
			err := s.queue.do(t.Context(), 0, func(*batch) error { return s.ahead.journal.file.Close() })
			if err != nil {
				t.Fatal(err)
			}
		}
		key := fmt.Sprintf("/%d", i)
		r, err := s.Create(t.Context(), key, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		want[key] = described([]byte("x"), r, r)
	}
	k := killed{database: readFile(t, path), journal: readFile(t, journalPath(path))}
	if diff := cmp.Diff(want, content(t, openIn(t, k.put(t, k.journal), never))); diff != "" {
		t.Errorf("(-acknowledged +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, content(t, s)); diff != "" {
		t.Errorf("(-acknowledged +got):\n%s", diff)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "already closed") {
		t.Errorf("the journal's file is closed, and Close says %v", err)
	}
}

// When the database can no longer be written, nothing is taken any more, and what
// was acknowledged is there at the next start.
func TestWhatCannotBeMergedIsThereAtTheNextStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s, err := Open(path, never)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Journaled(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, key := range []string{"/a", "/b", "/c"} {
		r, err := s.Create(t.Context(), key, nil)
		if err != nil {
			t.Fatal(err)
		}
		want[key] = described(nil, r, r)
	}
	err = s.queue.do(t.Context(), 0, func(*batch) error { return s.room.file.Close() })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "/a"); err == nil {
		t.Error("a read that cannot see what was acknowledged was answered")
	}
	if _, err := s.Create(t.Context(), "/d", nil); err == nil || !strings.Contains(err.Error(), "no write is taken") {
		t.Errorf("a write after it: %v", err)
	}
	_ = s.Close() // its file is closed
	if diff := cmp.Diff(want, content(t, openIn(t, path, never))); diff != "" {
		t.Errorf("(-acknowledged +got):\n%s", diff)
	}
}

// FuzzJournal opens what is no journal, or not quite.
func FuzzJournal(f *testing.F) {
	j := &journal{number: 7}
	name := j.name()
	whole := append(bytes.Clone(name), make([]byte, journalBlock-len(name))...)
	f.Add([]byte{}, int64(1))
	f.Add(whole, int64(1))
	row := newRecord("/a", []byte("value"))
	seal(row, 2, 2, 0)
	frames := filepath.Join(f.TempDir(), "frames")
	j.file, _ = os.Create(frames)
	j.end = journalBlock
	if err := j.append(2, [][]byte{row}); err != nil {
		f.Fatal(err)
	}
	if err := j.file.Close(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(frames)
	if err != nil {
		f.Fatal(err)
	}
	copy(b, name)
	f.Add(b, int64(1))
	f.Add(b, int64(2))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte, revision int64) {
		path := filepath.Join(dir, "journal")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, writes, err := openJournal(path, 7, revision)
		if err != nil {
			return
		}
		defer j.file.Close() //nolint:errcheck // it was only read
		for i, w := range writes {
			if w.revision != revision+1+int64(i) {
				t.Errorf("after revision %d, write %d is of revision %d", revision, i, w.revision)
			}
		}
	})
}
