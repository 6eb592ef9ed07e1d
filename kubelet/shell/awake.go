package shell

import (
	"sync"
	"time"
)

// workPatience is how long a script that has begun or woken counts as being at work unless it sleeps again
// or ends; wall time. One that waits for a connection or for its input does neither. It is long because a
// busy machine gives a container little, and whoever moves the clock has a patience of their own.
const workPatience = 10 * time.Second

// awake knows which runs are at work, so that the clock moves on when they are not.
type awake struct {
	mu   sync.Mutex
	last uint64
	runs map[uint64]*awakeRun
}

type awakeRun struct {
	what  string
	busy  int // sequences of commands at work
	since time.Time
}

// begin notes a run that starts, and numbers it. A person's may wait for what they type: it counts once it
// has slept.
func (a *awake) begin(what string, person bool) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	if a.runs == nil {
		a.runs = map[uint64]*awakeRun{}
	}
	r := &awakeRun{what: what, busy: 1, since: time.Now()}
	if person {
		r.busy = 0
	}
	a.runs[a.last] = r
	return a.last
}

func (a *awake) end(run uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.runs, run)
}

// wake notes that a pause of the run is over, rest that it makes one, or serves others from now on.
func (a *awake) wake(run uint64) { a.change(run, 1) }
func (a *awake) rest(run uint64) { a.change(run, -1) }

func (a *awake) change(run uint64, by int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.runs[run]; r != nil {
		r.busy, r.since = max(r.busy+by, 0), time.Now()
	}
}

func (a *awake) pending() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, r := range a.runs {
		if r.busy > 0 && time.Since(r.since) < workPatience {
			out = append(out, r.what)
		}
	}
	return out
}

// Pending lists the pods whose scripts have begun or woken and not gone back to sleep yet.
func (r *Runtime) Pending() []string { return r.awake.pending() }
