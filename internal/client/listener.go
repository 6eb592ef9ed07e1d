package client

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
)

// addr is the address of either end. It reads as a loopback address, because a server splits its callers' addresses
// into host and port and an audit log wants an IP.
type addr struct{}

func (addr) Network() string { return "memory" }
func (addr) String() string  { return "127.0.0.1:0" }

// Listener is a network of one process: what is dialed arrives at Accept. Nothing outside the process can reach it.
type Listener struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	dialed map[*conn]struct{} // near ends that are open
}

var _ net.Listener = (*Listener)(nil)

// NewListener returns a listener that is open at once; a Dial before the first Accept waits for it.
func NewListener() *Listener {
	return &Listener{accept: make(chan net.Conn), closed: make(chan struct{}), dialed: map[*conn]struct{}{}}
}

// Accept waits for the next connection. After Close it returns net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept, Dial and every connection: the network is gone. A server that shuts down gracefully would else
// wait for its clients' idle connections.
func (l *Listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.mu.Lock()
		open := slices.Collect(maps.Keys(l.dialed))
		l.mu.Unlock()
		for _, c := range open {
			c.Close()
		}
	})
	return nil
}

// Addr is the address that both ends of every connection show.
func (l *Listener) Addr() net.Addr { return addr{} }

// Dial opens a connection and waits until it is accepted. It returns net.ErrClosed after Close, and ctx's error.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	near, far := newPipe(addr{}, addr{})
	near.closed = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.dialed, near)
	}
	select {
	case l.accept <- far:
		l.mu.Lock()
		l.dialed[near] = struct{}{}
		l.mu.Unlock()
		select {
		case <-l.closed: // while it was being accepted
			near.Close()
		default:
		}
		return near, nil
	case <-l.closed:
		return nil, fmt.Errorf("dial in memory: %w", net.ErrClosed)
	case <-ctx.Done():
		return nil, fmt.Errorf("dial in memory: %w", context.Cause(ctx))
	}
}
