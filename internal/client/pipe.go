package client

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Bytes one direction of a connection holds before its writer waits. It starts small and grows on demand: fifty idle
// nodes should not cost fifty full buffers, and a whole TLS record (16 KiB) should pass without a switch of goroutines.
const (
	minBuffer = 4 << 10
	maxBuffer = 64 << 10
)

// conn is one end of an in-memory connection: what net.Pipe gives, but buffered, so that a writer need not meet its
// reader for every write.
type conn struct {
	in, out *stream
	addr    net.Addr
	peer    net.Addr
	closed  func() // told of Close; may be nil
}

// Conn is one end of an in-memory connection. CloseWrite tells the peer that no more comes; what the peer
// sends can still be read.
type Conn interface {
	net.Conn
	CloseWrite() error
}

// Pipe returns the two ends of a connection between two addresses, with buffers of at most 64 KiB each way.
func Pipe(clientAddr, serverAddr net.Addr) (client, server Conn) {
	return newPipe(clientAddr, serverAddr)
}

// newPipe returns the two ends of a connection.
func newPipe(clientAddr, serverAddr net.Addr) (client, server *conn) {
	a, b := newStream(), newStream()
	return &conn{in: a, out: b, addr: clientAddr, peer: serverAddr}, &conn{in: b, out: a, addr: serverAddr, peer: clientAddr}
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *conn) LocalAddr() net.Addr         { return c.addr }
func (c *conn) RemoteAddr() net.Addr        { return c.peer }

// Close ends both directions: the peer reads what is still buffered and then io.EOF, and cannot write any more.
func (c *conn) Close() error {
	c.out.closeWriter()
	c.in.closeReader()
	if c.closed != nil {
		c.closed()
	}
	return nil
}

// CloseWrite ends the direction away from here.
func (c *conn) CloseWrite() error {
	c.out.closeWriter()
	return nil
}

func (c *conn) SetDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readers, t)
	c.out.setDeadline(&c.out.writers, t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readers, t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writers, t)
	return nil
}

// stream is one direction: a ring of bytes between a writing and a reading end.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	ring    []byte
	start   int // index of the first unread byte
	size    int // unread bytes

	noWriter, noReader bool
	readers, writers   deadline
}

func newStream() *stream {
	s := &stream{}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.noReader:
			return 0, net.ErrClosed
		case s.readers.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.size > 0:
			n := 0
			for n < len(p) && s.size > 0 {
				chunk := s.ring[s.start:min(s.start+s.size, len(s.ring))]
				k := copy(p[n:], chunk)
				n += k
				s.size -= k
				s.start = (s.start + k) % len(s.ring)
			}
			s.changed.Broadcast()
			return n, nil
		case s.noWriter:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for {
		switch {
		case s.noWriter:
			return n, net.ErrClosed
		case s.writers.passed:
			return n, os.ErrDeadlineExceeded
		case s.noReader:
			return n, io.ErrClosedPipe
		case n == len(p):
			return n, nil
		}
		s.grow(len(p) - n)
		if s.size == len(s.ring) {
			s.changed.Wait()
			continue
		}
		for n < len(p) && s.size < len(s.ring) {
			end := (s.start + s.size) % len(s.ring)
			limit := len(s.ring)
			if end < s.start {
				limit = s.start
			}
			k := copy(s.ring[end:limit], p[n:])
			n += k
			s.size += k
		}
		s.changed.Broadcast()
	}
}

// grow makes room for need more bytes, up to maxBuffer.
func (s *stream) grow(need int) {
	if len(s.ring)-s.size >= need || len(s.ring) == maxBuffer {
		return
	}
	size := max(len(s.ring), minBuffer)
	for size < maxBuffer && size-s.size < need {
		size *= 2
	}
	if size == len(s.ring) {
		return
	}
	ring := make([]byte, size)
	k := copy(ring, s.ring[s.start:min(s.start+s.size, len(s.ring))])
	copy(ring[k:], s.ring[:s.size-k])
	s.ring, s.start = ring, 0
}

func (s *stream) closeWriter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noWriter = true
	s.writers.stop()
	s.changed.Broadcast()
}

func (s *stream) closeReader() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noReader = true
	s.ring, s.start, s.size = nil, 0, 0
	s.readers.stop()
	s.changed.Broadcast()
}

// deadline is the moment after which one end's calls fail. Wall time: connections are none of the cluster's business.
type deadline struct {
	passed bool
	timer  *time.Timer
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (s *stream) setDeadline(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.passed = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.passed = true
		s.changed.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == timer { // else it was moved while this waited for the lock
			d.passed = true
			s.changed.Broadcast()
		}
	})
	d.timer = timer
}
