package work

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/internal/clock"
)

// Pauses before another try of a key that failed, in wall time: the first, and the longest.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = 30 * time.Second
)

// Queue holds keys that are to be worked on. A key added twice is worked on once; a key added while it is in work is
// worked on again afterwards; one key is never in work twice at a time. All methods are safe for concurrent use.
type Queue struct {
	name  string
	clock *clock.Clock

	mu      sync.Mutex
	order   []string
	waiting map[string]struct{} // what order holds
	working map[string]struct{}
	again   map[string]struct{} // added while in work
	failed  map[string]*failure
	due     map[string]*deadline
	later   map[string]*time.Timer
	ticks   map[string]utilclock.Timer

	ctx     context.Context // set while Run runs
	do      func(ctx context.Context, key string) error
	onError func(key string, err error, tries int)
	workers int
	running int
	group   sync.WaitGroup
}

type failure struct {
	tries int
	err   error
	timer *time.Timer // nil while it is queued or in work again
}

type deadline struct {
	set *clock.Deadline
	at  time.Time
}

// NewQueue returns an empty queue; name says in Pending whose it is. c may be nil if At is not used.
func NewQueue(name string, c *clock.Clock) *Queue {
	return &Queue{
		name: name, clock: c,
		waiting: map[string]struct{}{}, working: map[string]struct{}{}, again: map[string]struct{}{},
		failed: map[string]*failure{}, due: map[string]*deadline{}, later: map[string]*time.Timer{}, ticks: map[string]utilclock.Timer{},
	}
}

// Add queues key, ahead of a retry it may be waiting for.
func (q *Queue) Add(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(key)
}

func (q *Queue) add(key string) {
	if f := q.failed[key]; f != nil && f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	if _, ok := q.working[key]; ok {
		q.again[key] = struct{}{}
		return
	}
	if _, ok := q.waiting[key]; ok {
		return
	}
	q.waiting[key] = struct{}{}
	q.order = append(q.order, key)
	q.spawn()
}

// spawn starts a worker if there is work for one more. Workers end when the queue is empty, so an idle loop costs no
// goroutine.
func (q *Queue) spawn() {
	if q.ctx == nil || q.ctx.Err() != nil || len(q.order) == 0 || q.running >= q.workers {
		return
	}
	q.running++
	q.group.Go(q.work)
}

// At queues key when the cluster's clock reaches at. A key has one such moment: the latest call counts. what names it
// in the clock's list, such as "cronjob ci/rotate".
func (q *Queue) At(kind clock.Kind, what, key string, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old := q.due[key]; old != nil {
		if old.at.Equal(at) {
			return
		}
		old.set.Stop()
	}
	d := &deadline{at: at}
	q.due[key] = d
	d.set = q.clock.Deadline(kind, what, at, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.due[key] == d {
			delete(q.due, key)
			q.add(key)
		}
	})
}

// NotAt takes back the moment set by At.
func (q *Queue) NotAt(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if d := q.due[key]; d != nil {
		d.set.Stop()
		delete(q.due, key)
	}
}

// Later queues key after d of wall time. Meanwhile it is not pending: it is for a look at something that others have to
// move, such as a foreign finalizer. A key has one such time: the latest call counts.
func (q *Queue) Later(key string, d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old := q.later[key]; old != nil {
		old.Stop()
	}
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.later[key] == timer {
			delete(q.later, key)
			q.add(key)
		}
	})
	q.later[key] = timer
}

// After queues key after d of cluster time, as a heartbeat: the clock does not stop there, and a paused clock does not
// get there. A key has one such time: the latest call counts.
func (q *Queue) After(key string, d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old := q.ticks[key]; old != nil {
		old.Stop()
	}
	var timer utilclock.Timer
	timer = q.clock.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.ticks[key] == timer {
			delete(q.ticks, key)
			q.add(key)
		}
	})
	q.ticks[key] = timer
}

// Run works on the queue with at most workers goroutines until ctx ends, and returns when the last of them has. A key
// whose do fails is tried again after a pause that doubles; onError (may be nil) hears of each failure.
func (q *Queue) Run(ctx context.Context, workers int, do func(ctx context.Context, key string) error, onError func(key string, err error, tries int)) error {
	q.mu.Lock()
	q.ctx, q.do, q.onError, q.workers = ctx, do, onError, max(workers, 1)
	for range len(q.order) {
		q.spawn()
	}
	q.mu.Unlock()

	<-ctx.Done()
	q.mu.Lock()
	for _, f := range q.failed {
		if f.timer != nil {
			f.timer.Stop()
		}
	}
	for _, d := range q.due {
		d.set.Stop()
	}
	clear(q.due)
	for _, t := range q.later {
		t.Stop()
	}
	clear(q.later)
	for _, t := range q.ticks {
		t.Stop()
	}
	clear(q.ticks)
	q.mu.Unlock()
	q.group.Wait()
	return nil
}

func (q *Queue) work() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.order) > 0 && q.ctx.Err() == nil {
		key := q.order[0]
		q.order = q.order[1:]
		delete(q.waiting, key)
		q.working[key] = struct{}{}

		q.mu.Unlock()
		err := q.do(q.ctx, key)
		q.mu.Lock()

		delete(q.working, key)
		if err == nil {
			delete(q.failed, key)
		} else if q.ctx.Err() == nil {
			q.fail(key, err)
		}
		if _, ok := q.again[key]; ok {
			delete(q.again, key)
			q.add(key)
		}
	}
	q.running--
}

// fail sets the next try of a key.
func (q *Queue) fail(key string, err error) {
	f := q.failed[key]
	if f == nil {
		f = &failure{}
		q.failed[key] = f
	}
	f.tries++
	f.err = err
	if q.onError != nil {
		q.onError(key, err, f.tries)
	}
	pause := maxPause
	if f.tries < 14 {
		pause = min(firstPause<<(f.tries-1), maxPause)
	}
	var timer *time.Timer
	timer = time.AfterFunc(pause, func() { // wall time, see the package comment
		q.mu.Lock()
		defer q.mu.Unlock()
		if f.timer == timer {
			f.timer = nil
			q.add(key)
		}
	})
	f.timer = timer
}

// Pending lists what is queued, in work or waiting for another try, each as "loop: key". It is empty when the queue
// is idle; moments set by At do not count.
func (q *Queue) Pending() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var p []string
	for _, key := range q.order {
		p = append(p, fmt.Sprintf("%s: %s", q.name, key))
	}
	for key := range q.working {
		p = append(p, fmt.Sprintf("%s: %s (in work)", q.name, key))
	}
	for key, f := range q.failed {
		if f.timer != nil {
			p = append(p, fmt.Sprintf("%s: %s (to be tried again: %v)", q.name, key, f.err))
		}
	}
	slices.Sort(p)
	return p
}
