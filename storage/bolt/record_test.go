package bolt

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                        string
		key                         string
		value                       []byte
		revision, created, previous int64
	}{
		{"created", "/a", []byte("value"), 2, 2, 0},
		{"updated", "/a", []byte("value"), 9, 2, 7},
		{"empty", "/a", nil, 9, 2, 2},
		{"tombstone", "/a", nil, 9, 0, 7},
		{"long", strings.Repeat("k", storage.MaxKey), bytes.Repeat([]byte("v"), 1<<20), 1 << 60, 2, 1 << 59},
	} {
		b := newRecord(c.key, c.value)
		seal(b, c.revision, c.created, c.previous)
		r, err := openRecord(b, c.revision)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if string(r.key) != c.key || !bytes.Equal(r.value, c.value) || r.created != c.created || r.previous != c.previous {
			t.Errorf("%s: came back as %+v", c.name, r)
		}
		if _, err := openRecord(b, c.revision+1); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("%s: taken for another revision's: %v", c.name, err)
		}
	}
}

func TestImpossibleRecordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                        string
		key, value                  string
		revision, created, previous int64
	}{
		{"no key", "", "v", 5, 5, 0},
		{"created later", "/a", "v", 5, 6, 0},
		{"created later than replaced", "/a", "v", 5, 4, 3},
		{"replaces itself", "/a", "v", 5, 2, 5},
		{"an update of nothing", "/a", "v", 5, 2, 0},
		{"a tombstone of nothing", "/a", "", 5, 0, 0},
		{"a tombstone with a value", "/a", "v", 5, 0, 4},
		{"before the beginning", "/a", "v", 5, -1, 2},
	} {
		b := newRecord(c.key, []byte(c.value))
		seal(b, c.revision, c.created, c.previous)
		if _, err := openRecord(b, c.revision); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Whatever the bytes: an error that is ErrDamaged, or a record that encodes to
// the same bytes.
func FuzzRecord(f *testing.F) {
	for _, key := range []string{"/a", "/registry/pods/default/x"} {
		b := newRecord(key, []byte("value"))
		seal(b, 7, 3, 5)
		f.Add(b, int64(7), true)
		seal(b, 7, 7, 0)
		f.Add(b, int64(7), false)
	}
	f.Add([]byte{}, int64(0), false)
	f.Fuzz(func(t *testing.T, b []byte, revision int64, reseal bool) {
		b = bytes.Clone(b)
		if reseal && len(b) >= recordHead { // get past the checksum
			seal(b, revision, int64(b[4]), int64(b[5]))
		}
		r, err := openRecord(b, revision)
		if err != nil {
			if !errors.Is(err, storage.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		again := newRecord(string(r.key), r.value)
		seal(again, revision, r.created, r.previous)
		if !bytes.Equal(again, b) {
			t.Fatalf("%x decodes and encodes to %x", b, again)
		}
	})
}

func FuzzPlace(f *testing.F) {
	f.Add(place{7, 3}.encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := openPlace([]byte("/a"), b)
		if err == nil && b != nil && !bytes.Equal(p.encode(), b) {
			t.Fatalf("%x decodes and encodes to %x", b, p.encode())
		}
		if err != nil && !errors.Is(err, storage.ErrDamaged) {
			t.Fatal(err)
		}
	})
}
