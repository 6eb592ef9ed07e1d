package network

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/kubemint/kubemint/internal/client"
)

// Serve serves one connection and closes it, at the latest when it returns.
type Serve func(net.Conn)

// stack is what one IP address has open. The pods of a node's own network share that of the node.
type stack struct {
	mu        sync.Mutex
	users     int // ends; Network.mu guards it
	listeners map[uint16]*listening
	open      map[net.Conn]struct{}
	last      uint16 // port given to a caller last
}

type listening struct {
	serve Serve
}

func (s *stack) listener(port uint16) Serve {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.listeners[port]; l != nil {
		return l.serve
	}
	return nil
}

func (s *stack) listen(port uint16, serve Serve) (stop func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listeners[port] != nil {
		return nil, fmt.Errorf("listen tcp :%d: bind: %w", port, syscall.EADDRINUSE)
	}
	l := &listening{serve: serve}
	if s.listeners == nil {
		s.listeners = map[uint16]*listening{}
	}
	s.listeners[port] = l
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.listeners[port] == l {
			delete(s.listeners, port)
		}
	}, nil
}

func (s *stack) keep(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[net.Conn]struct{}{}
	}
	s.open[c] = struct{}{}
}

func (s *stack) drop(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// closeAll ends what is open; who listens goes as well.
func (s *stack) closeAll() {
	s.mu.Lock()
	open := s.open
	s.open, s.listeners = nil, nil
	s.mu.Unlock()
	for c := range open {
		_ = c.Close()
	}
}

// ephemeral is a port for a caller.
func (s *stack) ephemeral() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last < 32768 || s.last >= 60999 {
		s.last = 32768
	}
	s.last++
	return s.last
}

// conn is a caller's end; its stack forgets it when it is closed.
type conn struct {
	client.Conn
	stack *stack
}

func (c *conn) Close() error {
	c.stack.drop(c.Conn)
	return c.Conn.Close()
}

// local is the address that a caller is seen by.
func (e *End) local() netip.AddrPort { return netip.AddrPortFrom(e.who.IP, e.stack.ephemeral()) }
