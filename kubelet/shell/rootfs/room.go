package rootfs

import (
	"io/fs"
	"syscall"
	"time"
)

// countAgain is how long a count stands if nobody here has removed anything.
const countAgain = 200 * time.Millisecond

// gone notes that something has been removed, so that there may be room again.
func (f *FS) gone() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removed = true
}

// charge counts what is about to be written. When the sum reaches a bound it looks at what is really
// there, since files are removed as well.
func (f *FS) charge(bytes int64, files int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.written+bytes > f.bytes || f.made+files > f.files {
		if time.Since(f.counted) < countAgain && !f.removed { // wall time: counting is this machine's work
			return syscall.ENOSPC
		}
		f.written, f.made = f.count()
		f.counted, f.removed = time.Now(), false
	}
	if f.written+bytes > f.bytes || f.made+files > f.files {
		return syscall.ENOSPC
	}
	f.written += bytes
	f.made += files
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
