package shell

import "golang.org/x/sys/unix"

// beyondHeap is what the process holds besides its heap: its program's data, stacks and the like.
const beyondHeap = 512 << 20

// nice gives whatever else runs on the machine three times as much of a busy core.
const nice = 5

// confine bounds what the process may take. The bound on data is the hard one: beyond it the kernel
// refuses memory and the process dies, however fast it grows.
func confine(string) error {
	limit := uint64(maxHeap + beyondHeap)
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, nice) // a courtesy that some systems refuse
	return nil
}
