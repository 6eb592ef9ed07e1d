//go:build unix

package volume

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func stampLink(dir *os.File, entry string, t time.Time) error {
	at := unix.NsecToTimespec(t.UnixNano())
	return unix.UtimesNanoAt(int(dir.Fd()), entry, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}
