package bolt

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestRoom(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("bbolt sizes the file there")
	}
	const page = 4096
	data := bytes.Repeat([]byte{0xAB}, 3*page)
	for _, tt := range []struct {
		name string
		most int   // the bound
		used int64 // where the data ends
		want int64 // the file's size afterwards
	}{
		{"as much as is to be spare", 0, 3 * page, 3*page + spare},
		{"up to the bound", 3*page + zeros, 3 * page, 3*page + zeros},
		{"not beyond it", 3*page + zeros - 1, 3 * page, 3 * page},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close() //nolint:errcheck // a test's
			r := newRoom(f, tt.most)
			for range 9 { // there is enough after the third
				r.keep(tt.used)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(got)) != tt.want {
				t.Errorf("the file has %d bytes, want %d", len(got), tt.want)
			}
			if !bytes.Equal(got[:len(data)], data) {
				t.Error("the data was written over")
			}
		})
	}
}

// A file that bbolt made longer by itself, for a write larger than the room, is gone on with behind that write.
func TestRoomBehindALargeWrite(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("bbolt sizes the file there")
	}
	path := filepath.Join(t.TempDir(), "kubemint.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("x"), zeros)
	for _, key := range []string{"/a", "/b", "/c", "/d"} {
		if _, err := s.Create(t.Context(), key, large); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create(t.Context(), key+"/small", []byte("y")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{}); err != nil { // which reads and checks every page
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test's
	for _, key := range []string{"/a", "/b", "/c", "/d"} {
		e, err := s.Get(t.Context(), key)
		if err != nil || !bytes.Equal(e.Value, large) {
			t.Errorf("%s: %d bytes, error %v", key, len(e.Value), err)
		}
	}
}
