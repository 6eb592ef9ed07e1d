package bolt

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubemint/kubemint/storage"
)

// task is something for the writer to do inside its transaction.
type task struct {
	do     func(*batch) error
	bytes  int  // about what it writes
	direct bool // what it does is not for the journal
	state  atomic.Int32
	err    error         // set before done is closed
	done   chan struct{} // closed when the outcome is durable
}

// A task is queued, then either taken by the writer or withdrawn by its caller.
const (
	queued int32 = iota
	taken
	withdrawn
)

// queue holds the tasks that wait for the writer.
type queue struct {
	mu     sync.Mutex
	tasks  []*task
	closed bool
	filled chan struct{} // has a token when there may be something to take
}

func newQueue() *queue { return &queue{filled: make(chan struct{}, 1)} }

// do queues work, waits for its outcome and returns it. When ctx ends first, the
// work is withdrawn if the writer has not taken it: then it has not happened.
// Otherwise its real outcome is waited for, which takes one commit.
func (q *queue) do(ctx context.Context, bytes int, work func(*batch) error) error {
	return q.run(ctx, &task{do: work, bytes: bytes})
}

// doDirect is do for work whose round the database must have before the answer.
func (q *queue) doDirect(ctx context.Context, work func(*batch) error) error {
	return q.run(ctx, &task{do: work, direct: true})
}

func (q *queue) run(ctx context.Context, t *task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.done = make(chan struct{})
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return storage.ErrClosed
	}
	q.tasks = append(q.tasks, t)
	q.mu.Unlock()
	q.signal()
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
	}
	if t.state.CompareAndSwap(queued, withdrawn) {
		return ctx.Err()
	}
	<-t.done
	return t.err
}

func (q *queue) signal() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// take waits for tasks, or until it is due, and moves at most so many into the
// buffer it is given. The queue is no longer open when it is closed and empty.
func (q *queue) take(buffer []*task, most, bytes int, due <-chan time.Time) (_ []*task, open bool) {
	for {
		q.mu.Lock()
		n := 0
		for n < len(q.tasks) && len(buffer) < most && bytes > 0 {
			if t := q.tasks[n]; t.state.CompareAndSwap(queued, taken) {
				buffer = append(buffer, t)
				bytes -= t.bytes
			}
			n++
		}
		rest := copy(q.tasks, q.tasks[n:])
		clear(q.tasks[rest:])
		q.tasks = q.tasks[:rest]
		closed := q.closed
		q.mu.Unlock()
		if len(buffer) > 0 || closed && rest == 0 {
			return buffer, len(buffer) > 0
		}
		select {
		case <-q.filled:
		case <-due:
			return buffer, true
		}
	}
}

// waiting returns how many tasks are queued.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.tasks)
}

// close lets no task in any more.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}
