package kubectl

import "golang.org/x/sys/unix"

// Bounds of a kubectl that runs for a container, in bytes.
const (
	maxData = 1 << 30
	maxFile = 64 << 20
)

// confine bounds what the process may take, and keeps it from ever gaining rights.
func confine() error {
	for what, limit := range map[int]uint64{unix.RLIMIT_DATA: maxData, unix.RLIMIT_FSIZE: maxFile, unix.RLIMIT_CORE: 0} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}
