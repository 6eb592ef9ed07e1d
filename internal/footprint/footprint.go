package footprint

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Keeper keeps the process small. The zero value is ready.
type Keeper struct {
	// Tick is how long the process must be quiet before it gives memory back, in wall time; 0 means 1 s at the start, then 2 s.
	Tick time.Duration
}

// The process is quiet in a tick in which it allocated less than quiet bytes; giving back is worth its while once it has allocated
// enough since the last time, and what is mapped of files alone once it is enough more than after the last time.
const (
	quiet  = 1 << 20
	enough = 16 << 20
)

const (
	firstTick = time.Second
	nextTick  = 2 * time.Second
	looks     = 4 // a tick, at what is mapped
)

// Run works until ctx ends, then sets the collector back to what it was.
func (k Keeper) Run(ctx context.Context) {
	defer steer()()
	tick := k.Tick
	if tick == 0 {
		tick = firstTick
	}
	before, given, low := allocated(), uint64(0), uint64(0)
	for first := true; ; {
		for range looks {
			if !wait(ctx, tick/looks) {
				return
			}
			// What of it is needed is back within a moment, what the kernel mapped around it is not.
			if now := mappedFiles(); !first && now >= low+enough {
				forgetProgram()
				low = mappedFiles()
			}
		}
		now := allocated()
		if first || now-before < quiet && now-given >= enough {
			GiveBack()
			given, low = now, mappedFiles()
			if first = false; k.Tick == 0 {
				tick = nextTick
			}
		}
		before = now
	}
}

// wait waits, in wall time, since it is about this process. It returns false if ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// GiveBack returns to the system what the process does not need at the moment.
func GiveBack() {
	debug.FreeOSMemory()
	forgetProgram()
}

const (
	allocatedBytes = "/gc/heap/allocs:bytes"
	liveBytes      = "/gc/heap/live:bytes"
)

// allocated is how many bytes the process has allocated since it began.
func allocated() uint64 { return read(allocatedBytes) }

func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// Headroom is by how many bytes a large heap grows before it is collected. A small one doubles, as everywhere; a very large one grows by
// two fifths, so that the collector's work does not grow without bound.
const Headroom = 64 << 20

const (
	usual = 100 // per cent
	least = 40
	step  = 8 // the setting stops the world for a moment: not for less
)

// percent is the growth that a heap of so many live bytes is let to have, in per cent.
func percent(live uint64) int {
	if live <= Headroom {
		return usual
	}
	return max(least, int(Headroom*100/live))
}

// steer sets the collector after each of its cycles. The function it returns ends that.
func steer() (stop func()) {
	was := debug.SetGCPercent(usual)
	if was != usual {
		debug.SetGCPercent(was) // somebody knows better
		return func() {}
	}
	s := &steering{now: usual, done: make(chan struct{})}
	s.next()
	return func() {
		close(s.done)
		debug.SetGCPercent(was)
	}
}

type steering struct {
	now  int
	done chan struct{}
}

// cycle is garbage from the moment it is made: the collector tells when it has found it.
type cycle struct{ _ *steering }

func (s *steering) next() { runtime.SetFinalizer(&cycle{s}, func(*cycle) { s.cycled() }) }

func (s *steering) cycled() {
	select {
	case <-s.done:
		return
	default:
	}
	if want := percent(read(liveBytes)); want-s.now >= step || s.now-want >= step || want == usual && s.now != usual {
		s.now = want
		debug.SetGCPercent(want)
	}
	s.next()
}
