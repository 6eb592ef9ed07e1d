package shell

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// socket is the child's end of a connection of the network. What is written goes in frames, so that an
// end of writing is not the end of the connection.
type socket struct {
	*tunnel
	from net.Addr
}

var _ tools.HalfCloser = (*socket)(nil)

func (s *socket) Write(b []byte) (int, error) {
	for at := 0; at < len(b); at += 32 << 10 {
		if err := writeFrame(s.tunnel, frameInput, b[at:min(at+32<<10, len(b))]); err != nil {
			return at, err
		}
	}
	return len(b), nil
}

// CloseWrite tells the peer that no more comes.
func (s *socket) CloseWrite() error { return writeFrame(s.tunnel, frameEnd, nil) }

func (s *socket) RemoteAddr() net.Addr { return s.from }

// text is an address that is one already.
type text string

func (text) Network() string  { return "tcp" }
func (t text) String() string { return string(t) }

// Dial reaches what the network lets a pod reach.
func (p *process) Dial(ctx context.Context, address string) (net.Conn, error) {
	t, err := p.server.channel(ctx, call{Do: "dial", Address: address, Container: p.job.Container})
	if err != nil {
		return nil, err
	}
	s := &socket{tunnel: t, from: text(address)}
	p.closeAtEnd(s)
	return s, nil
}

// failure is the error that an answer tells of, with the number that the system has for it.
func (a answer) failure() error {
	switch {
	case a.Error == "":
		return nil
	case a.Errno != 0:
		return &net.OpError{Op: "connect", Net: "tcp", Err: syscall.Errno(a.Errno)}
	}
	return errors.New(a.Error)
}

// Resolve looks a name up, Lookup in the DNS alone.
func (p *process) Resolve(ctx context.Context, name string) (full string, addresses []string, err error) {
	return p.resolve(ctx, "resolve", name)
}

// Lookup is Resolve without /etc/hosts.
func (p *process) Lookup(ctx context.Context, name string) (full string, addresses []string, err error) {
	return p.resolve(ctx, "lookup", name)
}

func (p *process) resolve(ctx context.Context, do, name string) (string, []string, error) {
	a, err := p.server.simple(ctx, call{Do: do, Address: name, Container: p.job.Container})
	if err != nil {
		return "", nil, err
	}
	if len(a.Addresses) == 0 {
		return "", nil, tools.ErrNoName
	}
	return a.Name, a.Addresses, nil
}

// Spawn runs a command that outlives this one and ends with the container.
func (p *process) Spawn(ctx context.Context, argv []string) error {
	_, err := p.server.simple(ctx, call{Do: "spawn", Container: p.job.Container, Argv: argv})
	return err
}

// Listen waits for connections to a port of the pod.
func (p *process) Listen(ctx context.Context, port uint16) (net.Listener, error) {
	l := &listener{server: p.server, arrived: make(chan *socket), closed: make(chan struct{}), port: port}
	q, done, err := p.server.askAs(ctx, call{Do: "listen", Run: p.job.Run, Container: p.job.Container, Port: int(port)}, func(id uint64) {
		l.id = id
		p.server.listeners[id] = l
	})
	if err != nil {
		return nil, err
	}
	defer done()
	select {
	case a := <-q.answer:
		if err := a.failure(); err != nil {
			l.forget()
			return nil, err
		}
		p.closeAtEnd(l)
		return l, nil
	case <-ctx.Done():
		_ = l.Close()
		return nil, ctx.Err()
	}
}

// closeAtEnd closes a connection or listener when the job ends, if nobody has before.
func (p *process) closeAtEnd(c io.Closer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sockets = append(p.sockets, c)
}

func (p *process) closeSockets() {
	p.mu.Lock()
	all := p.sockets
	p.sockets = nil
	p.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}

// listener is the child's end of a port that somebody listens on.
type listener struct {
	server  *server
	id      uint64
	port    uint16
	arrived chan *socket
	closed  chan struct{}
	once    sync.Once
	waiting atomic.Int32 // connections not yet accepted
}

// backlog is how many connections may wait until they are accepted. More are closed.
const backlog = 16

func (l *listener) Accept() (net.Conn, error) {
	select {
	case s := <-l.arrived:
		return s, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. Connections that are open stay.
func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.forget()
		go func() { l.server.calls <- call{ID: l.id, Do: "unlisten"} }()
	})
	return nil
}

func (l *listener) forget() {
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	delete(l.server.listeners, l.id)
}

func (l *listener) Addr() net.Addr { return text(":" + strconv.Itoa(int(l.port))) }

// accepted is a connection to a port that somebody listens on: the request's body comes from the caller,
// the answer goes there.
func (s *server) accepted(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	s.mu.Lock()
	l := s.listeners[id]
	s.mu.Unlock()
	if err != nil || l == nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	waited := sync.OnceFunc(func() { l.waiting.Add(-1) })
	defer waited()
	if l.waiting.Add(1) > backlog {
		w.WriteHeader(http.StatusGone)
		return
	}
	w.WriteHeader(http.StatusOK)
	t := newTunnel(r, w)
	if t.flush() != nil {
		return
	}
	defer t.quiet()
	select {
	case l.arrived <- &socket{tunnel: t, from: text(r.URL.Query().Get("from"))}:
		waited()
	case <-l.closed:
		return
	case <-r.Context().Done():
		return
	}
	select {
	case <-t.closed:
	case <-r.Context().Done():
		t.fail()
	}
}
