package shell

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// tunnel is the child's end of a connection that the parent has opened.
type tunnel struct {
	in     io.ReadCloser
	flush  func() error
	expire func() error // ends a write that waits
	closed chan struct{}
	once   sync.Once

	mu  sync.Mutex
	out io.Writer // nil when the stream is over
}

func newTunnel(r *http.Request, w http.ResponseWriter) *tunnel {
	c := http.NewResponseController(w)
	return &tunnel{in: r.Body, out: w, flush: c.Flush, closed: make(chan struct{}), expire: func() error { return c.SetWriteDeadline(time.Unix(1, 0)) }}
}

// Read hides what ended the stream: an HTTP/2 client on top of it would take an error of this HTTP/2
// stream for one of its own, and go on reading for ever.
func (t *tunnel) Read(b []byte) (int, error) {
	n, err := t.in.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = net.ErrClosed
	}
	return n, err
}

func (t *tunnel) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out == nil {
		return 0, net.ErrClosed
	}
	n, err := t.out.Write(b)
	return n, errors.Join(err, t.flush())
}

func (t *tunnel) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

// fail ends it from the parent's side.
func (t *tunnel) fail() { _ = t.Close() }

// quiet keeps readers and writers from the stream once its handler returns. One who writes may wait for a peer that does not read.
func (t *tunnel) quiet() {
	_ = t.in.Close() // now nobody waits for more
	if !t.mu.TryLock() {
		_ = t.expire() // a stream that is broken already has nobody waiting
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	t.out = nil
}

func (t *tunnel) LocalAddr() net.Addr              { return stdioAddr{} }
func (t *tunnel) RemoteAddr() net.Addr             { return stdioAddr{} }
func (t *tunnel) SetDeadline(time.Time) error      { return nil } // whoever waits closes it
func (t *tunnel) SetReadDeadline(time.Time) error  { return nil }
func (t *tunnel) SetWriteDeadline(time.Time) error { return nil }
