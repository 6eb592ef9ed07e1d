package rootfs

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// filled writes so many bytes to a file and says whether there was room for them.
func filled(t *testing.T, f *FS, name string, bytes int) bool {
	t.Helper()
	file, err := f.Create(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(make([]byte, bytes))
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return err == nil
}

// The bound is the container's, not that of each who opens its files: one after the other, or at the same time.
func TestRoomIsTheContainers(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{false, true} {
		c := Config{Pod: t.TempDir(), Root: "root", Bytes: 100_000}
		if err := os.Mkdir(c.Pod+"/root", 0o755); err != nil {
			t.Fatal(err)
		}
		var all []*FS
		for range 3 {
			f, err := Open(c)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, f)
			defer func() { _ = f.Close() }()
		}
		first, second, third := all[0], all[1], all[2]
		if together {
			second.Room, third.Room = first.Room, first.Room
			if !filled(t, second, "/tiny", 1) { // it has counted before the first has written
				t.Fatal("there is no room at all")
			}
		}
		if !filled(t, first, "/a", 60_000) || filled(t, second, "/b", 60_000) || !filled(t, third, "/c", 30_000) {
			t.Errorf("together %v: 60, 60 and 30 of 100 did not go as they should", together)
		}
		if !together {
			continue // a count stands for a moment
		}
		if err := third.Remove("/a"); err != nil {
			t.Fatal(err)
		}
		if !filled(t, second, "/b", 60_000) {
			t.Error("what was removed makes no room")
		}
	}
}
