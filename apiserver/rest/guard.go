package rest

import (
	"sync"
	"sync/atomic"
	"time"
)

// guard watches over the writes of one stream: when one of them has taken as long as patience, it cuts the stream off. It looks from
// time to time instead of setting a timer for each write. All of it is wall time: it is about a connection.
type guard struct {
	patience time.Duration
	cut      func()
	start    time.Time
	since    atomic.Int64 // when the write that is under way began, in nanoseconds after start; 0: none is
	look     *time.Timer

	mu    sync.Mutex
	ended bool
}

func newGuard(patience time.Duration, cut func()) *guard {
	g := &guard{patience: patience, cut: cut, start: time.Now()}
	g.look = time.AfterFunc(time.Hour, g.check)
	g.look.Reset(patience) // not before look is set
	return g
}

func (g *guard) begin() { g.since.Store(max(int64(time.Since(g.start)), 1)) }
func (g *guard) end()   { g.since.Store(0) }

// stop ends the guard. When it returns, cut is not called any more.
func (g *guard) stop() {
	g.look.Stop()
	g.mu.Lock()
	g.ended = true
	g.mu.Unlock()
}

func (g *guard) check() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return
	}
	left := g.patience
	if began := g.since.Load(); began > 0 {
		if left -= time.Since(g.start) - time.Duration(began); left <= 0 {
			g.cut()
			return
		}
	}
	g.look.Reset(left)
}
