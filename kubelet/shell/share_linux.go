package shell

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processorTime is what the process has used of it.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// standStill has nothing run in the process for a while. The scheduler is not told of the call, and so keeps the one goroutine that may run
// for running: this one.
func standStill(d time.Duration) {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return
	}
	until := unix.NsecToTimespec(now.Nano() + int64(min(d, time.Second)))
	const absolute = 1
	for {
		_, _, no := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, absolute, uintptr(unsafe.Pointer(&until)), 0, 0, 0)
		if no != unix.EINTR { // the scheduler nudges who runs for long
			return
		}
	}
}
