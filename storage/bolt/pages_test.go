package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// FuzzCheck patches a sound file: the check must answer, with ErrDamaged or
// nothing, and never fail otherwise. The metas are given their checksum again,
// so that what they say is followed.
func FuzzCheck(f *testing.F) {
	path := filepath.Join(f.TempDir(), "kubemint.db")
	s, err := Open(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	for i := range 60 {
		if _, err := s.Create(f.Context(), fmt.Sprintf("/registry/pods/default/%03d", i), make([]byte, 700)); err != nil {
			f.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	p, err := openPages(bytes.NewReader(sound), int64(len(sound)))
	if err != nil {
		f.Fatal(err)
	}
	if err := check(p); err != nil {
		f.Fatal(err)
	}
	size := int(p.head.pageSize)
	sound = sound[:int(p.head.pages)*size]
	for _, at := range []int{40, 48, 56, 64, size + 40} { // what a meta says
		f.Add(at, []byte{9}, len(sound))
	}
	for at := 2 * size; at < len(sound); at += size { // heads and first elements of pages
		f.Add(at, []byte{1}, len(sound))
		f.Add(at+8, []byte{1, 0, 255, 255, 3}, len(sound))
		f.Add(at+16, []byte{255, 255, 255, 255}, len(sound))
		f.Add(at+20, []byte{255, 255, 255, 255, 1}, len(sound))
	}
	f.Add(0, []byte{}, 100)
	f.Fuzz(func(t *testing.T, at int, patch []byte, length int) {
		b := bytes.Clone(sound)
		if at < 0 || at >= len(b) || length < 0 || length > len(b) {
			return
		}
		copy(b[at:], patch)
		for _, meta := range []int{0, size} {
			m := b[meta+pageHead:]
			sum := fnv.New64a()
			sum.Write(m[:metaSum])
			order.PutUint64(m[metaSum:], sum.Sum64())
		}
		b = b[:length]
		p, err := openPages(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			err = check(p)
		}
		if err != nil && !errors.Is(err, storage.ErrDamaged) {
			t.Fatal(err)
		}
	})
}
