package admission

import (
	"context"
	"errors"
	"sync"
	"time"
)

// line has the charges of a namespace served one batch after the other. Who comes to an empty line serves it, with all who came
// meanwhile; then the first of those who are left does.
type line struct {
	serve func(ctx context.Context, namespace string, batch []*charge)

	mu    sync.Mutex
	lines map[string][]*place
}

// place is somebody's in a line.
type place struct {
	charge *charge
	done   chan struct{} // closed when the charge has been served
	lead   chan struct{} // closed when it is this one's turn to serve
}

var errNotServed = errors.New("resource quota evaluation failed")

// patience is how long one batch may take, in wall time: it waits for the disk.
const patience = 10 * time.Second

// stand returns when c has been served. It does not end with ctx: what may have been charged must be known.
func (l *line) stand(ctx context.Context, namespace string, c *charge) {
	me := &place{charge: c, done: make(chan struct{}), lead: make(chan struct{})}
	l.mu.Lock()
	if l.lines == nil {
		l.lines = map[string][]*place{}
	}
	waiting, busy := l.lines[namespace]
	l.lines[namespace] = append(waiting, me)
	l.mu.Unlock()
	if busy {
		select {
		case <-me.done:
			return
		case <-me.lead:
		}
	}
	l.lead(ctx, namespace)
}

// lead serves all who stand in a line, and hands it on to the first of those who came meanwhile.
func (l *line) lead(ctx context.Context, namespace string) {
	l.mu.Lock()
	batch := l.lines[namespace]
	l.lines[namespace] = nil // there, though empty: somebody serves
	l.mu.Unlock()

	charges := make([]*charge, len(batch))
	for i, p := range batch {
		charges[i] = p.charge
	}
	served := false
	defer func() { // whatever happened, the others must not wait for ever, and nobody passes uncharged
		for _, c := range charges {
			if !served && c.err == nil {
				c.err = errNotServed
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, p := range batch {
			close(p.done)
		}
		if next := l.lines[namespace]; len(next) > 0 {
			close(next[0].lead)
		} else {
			delete(l.lines, namespace)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	l.serve(ctx, namespace, charges)
	served = true
}
