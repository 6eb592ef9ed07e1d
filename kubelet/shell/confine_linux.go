package shell

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// beyondHeap is what the process may have from the system beyond what runs in it and what it has at the start: stacks, and a heap that comes
// in pieces of 64 MiB.
const beyondHeap = 192 << 20

// confine bounds what the process may take. The bound on data is the hard one: beyond it the kernel
// refuses memory and the process dies, however fast it grows.
func confine(b bounds) error {
	limit := uint64(dataNow() + shadowed*(b.Memory+beyondHeap))
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// dataNow is how much of what that bound counts the process has, in bytes.
func dataNow() int64 {
	const usual = 128 << 20
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 6 {
		return usual
	}
	pages, err := strconv.ParseInt(string(fields[5]), 10, 64)
	if err != nil {
		return usual
	}
	return pages * int64(os.Getpagesize())
}
