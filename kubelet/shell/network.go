package shell

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/network"
)

// held is a container's end of the network while something runs in it.
type held struct {
	in    within
	users int
}

// hold lets what runs in a container use its network, until release is called.
func (r *Runtime) hold(in within) (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.held[in.id]
	if h == nil {
		h = &held{in: in}
		r.held[in.id] = h
	}
	h.users++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(r.held, in.id)
		}
	}
}

var errNoNetwork = errors.New("network is unreachable")

// end is the network of a container in which something runs.
func (r *Runtime) end(id string) (*network.End, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.held[id]; h != nil && h.in.spec.Network != nil {
		return h.in.spec.Network, nil
	}
	return nil, errNoNetwork
}

// spawn runs a command beside a container's own, until it or the container ends.
func (r *Runtime) spawn(id string, argv []string) error {
	r.mu.Lock()
	h := r.held[id]
	if h == nil || r.closed {
		r.mu.Unlock()
		return errClosed
	}
	r.group.Add(1)
	r.mu.Unlock()
	go func() {
		defer r.group.Done()
		_, _ = r.beside(r.ctx, h.in, container.Exec{Command: argv}, false) // nobody is told how a daemon ends
	}()
	return nil
}

// resolve looks a name up for a container.
func (l *link) resolve(ctx context.Context, c call) answer {
	end, err := l.runtime.end(c.Container)
	if err != nil {
		return answer{Error: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	look := end.Resolve
	if c.Do == "lookup" {
		look = end.Lookup
	}
	found, ok, err := look(ctx, c.Address)
	switch {
	case err != nil:
		return answer{Error: err.Error()}
	case !ok:
		return answer{}
	}
	a := answer{Name: found.Name}
	for _, ip := range found.Addresses {
		a.Addresses = append(a.Addresses, ip.String())
	}
	return a
}

// dial opens a connection for a container and carries it until either end closes.
func (l *link) dial(c call) {
	ctx, cancel := context.WithCancel(l.runtime.ctx)
	defer cancel()
	limited, done := context.WithTimeout(ctx, dialLimit)
	end, err := l.runtime.end(c.Container)
	var conn net.Conn
	if err == nil {
		conn, err = end.Dial(limited, c.Address)
	}
	done()
	id := strconv.FormatUint(c.ID, 10)
	if err != nil {
		l.post("/answers/"+id, answer{Error: err.Error(), Errno: errnoOf(err)})
		return
	}
	l.carry(ctx, "/conns/"+id, conn)
}

func errnoOf(err error) int {
	var no syscall.Errno
	if errors.As(err, &no) {
		return int(no)
	}
	return 0
}

// listen has connections to a port of a container's pod carried to the child.
func (l *link) listen(c call) answer {
	end, err := l.runtime.end(c.Container)
	if err != nil {
		return answer{Error: err.Error()}
	}
	id := strconv.FormatUint(c.ID, 10)
	stop, err := end.Listen(uint16(c.Port), func(conn net.Conn) {
		ctx, cancel := context.WithCancel(l.runtime.ctx)
		defer cancel()
		l.carry(ctx, "/accepted/"+id+"?from="+conn.RemoteAddr().String(), conn)
	})
	if err != nil {
		return answer{Error: err.Error(), Errno: errnoOf(err)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listeners == nil { // the child has ended meanwhile
		stop()
		return answer{Error: errClosed.Error()}
	}
	l.listeners[c.ID] = stop
	return answer{}
}

// unlisten takes listen back.
func (l *link) unlisten(id uint64) {
	l.mu.Lock()
	stop := l.listeners[id]
	delete(l.listeners, id)
	l.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// stopListening is the end of all that listens in the child.
func (l *link) stopListening() {
	l.mu.Lock()
	all := l.listeners
	l.listeners = nil
	l.mu.Unlock()
	for _, stop := range all {
		stop()
	}
}

// carry joins a connection to one of the child's, until the child closes it.
func (l *link) carry(ctx context.Context, path string, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, outgoing{conn})
	if err != nil {
		return
	}
	resp, err := l.client.RoundTrip(req)
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	defer func() { _ = conn.Close() }()   // first: closing the answer waits until nothing is read for the request
	if resp.StatusCode != http.StatusOK { // nobody waits for it any more
		return
	}
	in := bufio.NewReader(resp.Body)
	for {
		kind, b, err := readFrame(in)
		switch {
		case err != nil:
			return
		case kind == frameEnd:
			if half, ok := conn.(client.Conn); ok {
				_ = half.CloseWrite() // it has told its peer, or the peer has gone
			}
		default:
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
	}
}

// outgoing is what goes to the child of a connection. The transport closes it at its end, which does not end the other direction, and when
// the child has died: then nothing is waited for any more.
type outgoing struct{ net.Conn }

func (o outgoing) Close() error { return o.SetReadDeadline(time.Unix(1, 0)) }
