package rootfs

import (
	"io/fs"
	"sync"
	"syscall"
	"time"
)

// Room is what is known of how full a container is. Its zero value knows nothing yet.
type Room struct {
	mu      sync.Mutex
	bytes   int64 // that it holds: at the last count, and what was written since
	files   int
	counted time.Time // zero: never
	removed bool      // something has been since
}

// countAgain is how long a count stands if nobody here has removed anything.
const countAgain = 200 * time.Millisecond

// gone notes that something has been removed, so that there may be room again.
func (f *FS) gone() {
	f.Room.mu.Lock()
	defer f.Room.mu.Unlock()
	f.Room.removed = true
}

// charge counts what is about to be written, on top of what is there already. When the sum reaches a bound it looks at
// what is really there, since files are removed as well.
func (f *FS) charge(bytes int64, files int) error {
	r := f.Room
	r.mu.Lock()
	defer r.mu.Unlock()
	over := func() bool { return r.bytes+bytes > f.bytes || r.files+files > f.files }
	if r.counted.IsZero() || over() {
		if time.Since(r.counted) < countAgain && !r.removed { // wall time: counting is this machine's work
			return syscall.ENOSPC
		}
		r.bytes, r.files = f.count()
		r.counted, r.removed = time.Now(), false
	}
	if over() {
		return syscall.ENOSPC
	}
	r.bytes += bytes
	r.files += files
	return nil
}

// count walks all that the container may write to.
func (f *FS) count() (bytes int64, files int) {
	for _, m := range f.mounts {
		if m.readOnly || m.file != "" {
			continue
		}
		_ = fs.WalkDir(m.root.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it was removed meanwhile
			}
			files++
			if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
				bytes += i.Size()
			}
			return nil
		})
	}
	return bytes, files
}
