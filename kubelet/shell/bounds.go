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

// How much of a processor a child may take for long: a thread is all it ever has.
const (
	minCPU       = 0.1              // of a container with a lower limit, for the same reason
	shareCPU     = 0.5              // of one that has no limit, after a burst
	burstCPU     = 10 * time.Second // of processor time
	limitedBurst = 100 * time.Millisecond
)

// bounds are what a child is told of how much it may take.
type bounds struct {
	Memory int64         // bytes
	CPU    float64       // processors, in the long run; 0: as many as it has threads
	Burst  time.Duration // of processor time that it may save up
}

// boundsOf are those of a container's own child.
func boundsOf(spec *container.Spec) bounds {
	b := bounds{Memory: defaultMemory, CPU: shareCPU, Burst: burstCPU}
	if spec.Memory > 0 {
		b.Memory = min(max(spec.Memory, minMemory), maxMemory)
	}
	if spec.CPU > 0 {
		b.CPU, b.Burst = max(float64(spec.CPU)/1000, minCPU), limitedBurst
	}
	return b
}

// codeMemory is the child's exit code when it holds too much.
const codeMemory = 137

// How often the child looks at itself: wall time, it is about this machine.
const (
	watchSoon  = 10 * time.Millisecond
	watchLater = 160 * time.Millisecond // while nothing changes
	watchMoved = 256 << 10              // bytes that count as a change
	watchUsed  = time.Millisecond       // processor time that does
)

// watch keeps the process within its bounds: it ends when what runs in it holds too much, and rests when that has used too much of the
// processor. What grows too fast for it meets the system's own bound, where there is one.
func watch(b bounds) {
	debug.FreeOSMemory() // package initialisers leave as much behind as they keep
	own := holdings()
	debug.SetMemoryLimit(own.total + b.Memory) // what is no longer used is collected before it counts
	last, pause := own.used, watchSoon
	share := share{rate: b.CPU, burst: b.Burst, saved: b.Burst, at: time.Now(), used: processorTime()}
	for {
		time.Sleep(pause)
		now := holdings()
		if now.used-own.used > b.Memory {
			runtime.GC()
			if holdings().used-own.used > b.Memory {
				os.Exit(codeMemory)
			}
		}
		used, over := share.count(time.Now(), processorTime())
		if over > 0 {
			standStill(over)
		}
		if moved := now.used - last; moved > watchMoved || moved < -watchMoved || used > watchUsed {
			pause = watchSoon
		} else {
			pause = min(2*pause, watchLater)
		}
		last = now.used
	}
}

// share is a part of the processor: rate of it, and what was saved up of that, up to a burst.
type share struct {
	rate         float64 // 0: all of it
	burst, saved time.Duration
	at           time.Time
	used         time.Duration // processor time in all
}

// count takes note of what was used, and returns how much that was since the last time and for how long to rest now.
func (s *share) count(now time.Time, used time.Duration) (lately, over time.Duration) {
	lately = used - s.used
	if s.rate > 0 {
		s.saved = min(s.saved+time.Duration(s.rate*float64(now.Sub(s.at)))-lately, s.burst)
		if s.saved < 0 {
			over = time.Duration(float64(-s.saved) / s.rate)
		}
	}
	s.at, s.used = now, used
	return lately, over
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
