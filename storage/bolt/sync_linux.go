package bolt

import (
	"os"
	"syscall"
)

// syncData forces what was written to a file to the disk, without the file's times.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
