//go:build unix

package shell

import (
	"os"
	"syscall"
)

// nice gives whatever else runs on the machine three times as much of a busy core.
const nice = 5

// polite has a child leave the processor to others from its start: a burst of containers does not hold up who starts them.
func polite(p *os.Process) {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, p.Pid, nice) // a courtesy that some systems refuse
}
