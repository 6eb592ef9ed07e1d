package shell

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// Bounds of what runs in one container.
const (
	perSlice  = 1000                   // commands in a slice of time
	slice     = 100 * time.Millisecond // wall time: it is this machine's share
	maxRoutes = 4000                   // goroutines of all jobs together before those that make many are ended
	maxDepth  = 4096                   // frames of the interpreter, some 500 calls of a function within another
)

var (
	errFork = errors.New("sh: can't fork: Resource temporarily unavailable")
	errDeep = errors.New("sh: maximum function nesting level exceeded")
)

// pace keeps a container from taking more than its share: a loop that never ends runs at most perSlice
// commands in a slice, and one that only makes more of itself is ended.
type pace struct {
	mu    sync.Mutex
	began time.Time
	count int
	busy  bool // the last slice was full
	total uint64
}

func (p *pace) step(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	if now.Sub(p.began) >= slice {
		p.busy = p.count >= perSlice/4
		p.began, p.count = now, 0
	}
	p.count++
	p.total++
	wait := time.Duration(0)
	if p.count > perSlice {
		p.busy = true
		wait = slice - now.Sub(p.began)
	}
	busy, total := p.busy || p.count > perSlice/4, p.total
	p.mu.Unlock()
	if busy && runtime.NumGoroutine() > maxRoutes {
		return errFork
	}
	if total%64 == 0 {
		var frames [maxDepth]uintptr
		if runtime.Callers(0, frames[:]) == maxDepth {
			return errDeep
		}
	}
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
