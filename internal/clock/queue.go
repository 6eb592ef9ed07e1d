package clock

import (
	"container/heap"
	"time"
)

// waiter is one timer, ticker or deadline.
type waiter struct {
	at     time.Time
	seq    uint64 // order of equal moments
	index  int    // in its queue; -1 outside
	period time.Duration
	ch     chan time.Time // nil for functions
	f      func()
	kind   Kind
	what   string
	pause  bool  // a program sleeps until then
	wall   alarm // the other end of a grace period
}

// queue is a heap of waiters, the earliest first.
type queue []*waiter

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].seq < q[j].seq
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *queue) Push(x any) {
	w := x.(*waiter)
	w.index = len(*q)
	*q = append(*q, w)
}
func (q *queue) Pop() any {
	old := *q
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	w.index = -1
	return w
}

func (q *queue) add(w *waiter) { heap.Push(q, w) }

// remove takes w out and reports whether it was in.
func (q *queue) remove(w *waiter) bool {
	if w.index < 0 {
		return false
	}
	heap.Remove(q, w.index)
	return true
}

// due takes out the earliest waiter that is due, or returns nil.
func (q *queue) due(now time.Time) *waiter {
	if len(*q) == 0 || (*q)[0].at.After(now) {
		return nil
	}
	return heap.Pop(q).(*waiter)
}
