package shell

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Bytes that what runs in a child may hold, beyond what the child holds itself; one more and it dies.
const (
	defaultMemory = 256 << 20 // of a container that has no limit
	minMemory     = 16 << 20  // of one with a lower limit: the shell and its tools take more than real ones
	maxMemory     = 512 << 20 // of one with a higher limit: the machine is a learner's
	commonMemory  = 512 << 20 // of all that share a child
	maxStack      = 64 << 20
)

// bounds are what a child is told of how much it may take.
type bounds struct {
	Memory int64
}

// boundsOf are those of a container's own child.
func boundsOf(spec *container.Spec) bounds {
	b := bounds{Memory: defaultMemory}
	if spec.Memory > 0 {
		b.Memory = min(max(spec.Memory, minMemory), maxMemory)
	}
	return b
}

// codeMemory is the child's exit code when it holds too much.
const codeMemory = 137

// How often the child looks at what it holds: wall time, it is about this machine.
const (
	watchSoon  = 10 * time.Millisecond
	watchLater = 160 * time.Millisecond // while nothing changes
	watchMoved = 256 << 10              // bytes that count as a change
)

// watchMemory ends the process when what runs in it holds more than bound. What grows too fast for it meets the system's own bound, where
// there is one.
func watchMemory(bound int64) {
	debug.FreeOSMemory() // package initialisers leave as much behind as they keep
	own := holdings()
	debug.SetMemoryLimit(own.total + bound) // what is no longer used is collected before it counts
	last, pause := own.used, watchSoon
	for {
		time.Sleep(pause)
		now := holdings()
		if now.used-own.used > bound {
			runtime.GC()
			if holdings().used-own.used > bound {
				os.Exit(codeMemory)
			}
		}
		if moved := now.used - last; moved > watchMoved || moved < -watchMoved {
			pause = watchSoon
		} else {
			pause = min(2*pause, watchLater)
		}
		last = now.used
	}
}

// holding is what a process holds, in bytes: objects and stacks, and all that it has from the system.
type holding struct{ used, total int64 }

func holdings() holding {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(s)
	n := func(i int) int64 { return int64(s[i].Value.Uint64()) }
	return holding{used: n(0) + n(1), total: n(2) - n(3)}
}

// outOfMemory says whether a child that was not told to ended for want of memory: by its own watch, by the system's bound, or by the system's
// choice of a process to end.
func outOfMemory(state *os.ProcessState, said string) bool {
	if state.ExitCode() == codeMemory || state.String() == "signal: killed" {
		return true
	}
	for _, words := range []string{"out of memory", "cannot allocate memory", "cannot map pages", "failed to allocate", "stack exceeds"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// death is how a child ended that was not told to.
type death struct {
	memory bool
	text   string
}

func (d death) Error() string { return d.text }

func deathOf(c *exec.Cmd, said string) death {
	d := death{memory: outOfMemory(c.ProcessState, said), text: "its process ended with " + c.ProcessState.String()}
	if d.memory {
		d.text = "its process had too much memory"
	}
	return d
}
