//go:build unix

package rootfs

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// keyOf is the number of a file on its disk.
func keyOf(i fs.FileInfo) (key, bool) {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return key{}, false
	}
	return key{uint64(s.Dev), s.Ino}, true //nolint:unconvert // its size differs between systems
}

// sysOf is what the shell's -O and -G ask for.
func sysOf(o Owner) any {
	return &syscall.Stat_t{Nlink: 1, Uid: uint32(o.UID), Gid: uint32(o.GID)}
}

// stampLink sets the time of an entry of an open directory, which may be a link: it is not followed.
func stampLink(dir *os.File, entry string, t time.Time) error {
	at := unix.NsecToTimespec(t.UnixNano())
	return unix.UtimesNanoAt(int(dir.Fd()), entry, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}
