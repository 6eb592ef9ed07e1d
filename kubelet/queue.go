package kubelet

import (
	"context"
	"sync"
)

// queue hands pods to workers: a pod that is added twice is worked on once, one added while in work
// is worked on again, and no pod is ever in work twice at a time. A worker is a goroutine only while
// there is work.
type queue struct {
	mu      sync.Mutex
	limit   int
	running int
	order   []*pod
	working map[*pod]struct{}
	do      func(context.Context, *pod)
	ctx     context.Context
	group   sync.WaitGroup
	ended   bool
}

// turn is where a pod is in the queue.
type turn int8

const (
	resting turn = iota
	queued
	inWork
	inWorkAgain // to be worked on once more
)

func newQueue(workers int) *queue {
	return &queue{limit: workers, working: map[*pod]struct{}{}}
}

// run works until ctx ends and returns when the last worker has.
func (q *queue) run(ctx context.Context, do func(context.Context, *pod)) {
	q.mu.Lock()
	q.ctx, q.do = ctx, do
	for range min(q.limit, len(q.order)) {
		q.hire()
	}
	q.mu.Unlock()
	<-ctx.Done()
	q.mu.Lock()
	q.ended = true // who is hired was hired before this; nobody is any more
	q.mu.Unlock()
	q.group.Wait()
}

func (q *queue) add(p *pod) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch p.turn {
	case inWork:
		p.turn = inWorkAgain
	case resting:
		p.turn = queued
		q.order = append(q.order, p)
		if q.do != nil && q.running < q.limit {
			q.hire()
		}
	}
}

// hire starts a worker; q.mu is held.
func (q *queue) hire() {
	if q.ended || q.ctx.Err() != nil {
		return
	}
	q.running++
	q.group.Go(func() {
		for p := q.next(); p != nil; p = q.next() {
			q.do(q.ctx, p)
			q.done(p)
		}
	})
}

// next takes the first pod, or dismisses the worker.
func (q *queue) next() *pod {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 || q.ctx.Err() != nil {
		q.running--
		return nil
	}
	p := q.order[0]
	q.order[0] = nil
	q.order = q.order[1:]
	p.turn = inWork
	q.working[p] = struct{}{}
	return p
}

func (q *queue) done(p *pod) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.working, p)
	if p.turn == inWorkAgain {
		p.turn = queued
		q.order = append(q.order, p)
		return // the worker that calls this goes on with it
	}
	p.turn = resting
}

func (q *queue) pending() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var keys []string
	for p := range q.working {
		keys = append(keys, p.key())
	}
	for _, p := range q.order {
		keys = append(keys, p.key())
	}
	return keys
}
