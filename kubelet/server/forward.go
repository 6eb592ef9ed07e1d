package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// forwardProtocol is the only one for forwarding ports over SPDY (API-239).
const forwardProtocol = "portforward.k8s.io"

// maxForwards bounds the connections that one caller forwards at the same time.
const maxForwards = 256

// portForward connects a caller to ports of a pod.
func (s *Server) portForward(w http.ResponseWriter, r *http.Request) {
	namespace, name := r.PathValue("namespace"), r.PathValue("pod")
	found, ok := s.cfg.Node.Find(namespace, name, "")
	if !ok {
		plain(w, http.StatusNotFound, "pod does not exist")
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	f := &forwarder{
		dial:  func(port uint16) (net.Conn, error) { return s.dialPod(ctx, namespace, name, port) },
		label: strings.ReplaceAll(string(found.Pod.UID), "-", ""), pairs: map[string]*pair{},
	}
	switch {
	case tunnels(r):
		f.tunnel(w, r)
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		f.channels(ctx, w, r)
	default:
		f.spdy(w, r)
	}
	cancel()
	f.group.Wait()
}

func (s *Server) dialPod(ctx context.Context, namespace, pod string, port uint16) (net.Conn, error) {
	if s.cfg.DialPod == nil {
		return nil, fmt.Errorf("dial tcp4 127.0.0.1:%d: %w", port, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	return s.cfg.DialPod(ctx, namespace, pod, port)
}

// forwarder carries the connections of one caller.
type forwarder struct {
	dial  func(port uint16) (net.Conn, error)
	label string // what errors call the pod: its sandbox, as container runtimes do
	group sync.WaitGroup

	mu     sync.Mutex
	closed bool
	pairs  map[string]*pair // by request
}

// pair is one forwarded connection: its data, and what went wrong with it.
type pair struct {
	port         uint16
	data, errors httpstream.Stream
	late         *time.Timer
}

// fail is the message for a connection that could not be made or broke.
func (f *forwarder) fail(port uint16, err error) string {
	return fmt.Sprintf("error forwarding port %d to pod %s, uid : failed to connect to localhost:%d inside namespace of the pod, IPv4: %v", port, f.label, port, err)
}

// spdy answers an upgrade to SPDY and forwards until the caller leaves.
func (f *forwarder) spdy(w http.ResponseWriter, r *http.Request) {
	if !httpstream.IsUpgradeRequest(r) {
		plain(w, http.StatusBadRequest, "Upgrade request required")
		return
	}
	if _, err := httpstream.Handshake(r, w, []string{forwardProtocol}); err != nil {
		return // Handshake has answered
	}
	arrived := make(chan httpstream.Connection, 1)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(stream httpstream.Stream, sent <-chan struct{}) error {
		return f.accept(arrived, stream, sent)
	})
	if conn != nil {
		f.serve(conn, arrived)
	}
}

// serve waits for the end of a connection whose streams go to accept.
func (f *forwarder) serve(conn httpstream.Connection, arrived chan httpstream.Connection) {
	arrived <- conn
	<-conn.CloseChan()
	f.mu.Lock()
	f.closed = true
	for _, p := range f.pairs {
		p.late.Stop()
	}
	f.mu.Unlock()
	_ = conn.Close() // its streams, so that nobody waits for them any more
}

// accept takes a stream that the caller opens, and begins to forward when its other half is there too. conn
// has the connection when the upgrade is complete.
func (f *forwarder) accept(conn chan httpstream.Connection, stream httpstream.Stream, sent <-chan struct{}) error {
	port, kind, err := streamOf(stream.Headers())
	if err != nil {
		return err
	}
	id := stream.Headers().Get(corev1.PortForwardRequestIDHeader)
	if id == "" { // callers before 1.2: the two streams follow one another
		n := stream.Identifier()
		if kind == corev1.StreamTypeData {
			n -= 2
		}
		id = strconv.FormatUint(uint64(n), 10)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.pairs[id]
	if p == nil {
		if len(f.pairs) >= maxForwards || f.closed {
			return errors.New("too many connections are being forwarded")
		}
		p = &pair{port: port}
		p.late = time.AfterFunc(openLimit, func() { f.expire(id, p) })
		f.pairs[id] = p
	}
	half := &p.data
	if kind == corev1.StreamTypeError {
		half = &p.errors
	}
	if *half != nil {
		return fmt.Errorf("%s stream for request %q exists already", kind, id)
	}
	*half = stream
	if p.data == nil || p.errors == nil {
		return nil
	}
	p.late.Stop()
	f.group.Go(func() {
		<-sent
		over := <-conn
		conn <- over
		defer over.RemoveStreams(p.data, p.errors)
		defer f.drop(id)
		f.forward(p)
	})
	return nil
}

// streamOf reads the port and the kind of a stream from its headers.
func streamOf(h http.Header) (port uint16, kind string, err error) {
	text := h.Get(corev1.PortHeader)
	if text == "" {
		return 0, "", fmt.Errorf("%q header is required", corev1.PortHeader)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	switch {
	case err != nil:
		return 0, "", fmt.Errorf("unable to parse %q as a port: %w", text, err)
	case n == 0:
		return 0, "", fmt.Errorf("port %q must be > 0", text)
	}
	switch kind = h.Get(corev1.StreamType); kind {
	case corev1.StreamTypeError, corev1.StreamTypeData:
		return uint16(n), kind, nil
	case "":
		return 0, "", fmt.Errorf("%q header is required", corev1.StreamType)
	}
	return 0, "", fmt.Errorf("invalid stream type %q", kind)
}

// expire drops a pair whose second half has not come.
func (f *forwarder) expire(id string, p *pair) {
	f.mu.Lock()
	whole := p.data != nil && p.errors != nil
	f.mu.Unlock()
	if whole {
		return
	}
	if p.errors != nil {
		_, _ = io.WriteString(p.errors, fmt.Sprintf("error forwarding port %d: timed out waiting for streams", p.port))
		_ = p.errors.Reset()
	}
	if p.data != nil {
		_ = p.data.Reset()
	}
	f.drop(id)
}

func (f *forwarder) drop(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pairs, id)
}

// forward carries one connection to its end.
func (f *forwarder) forward(p *pair) {
	// A caller that has gone needs no answer, and no stream that is closed twice.
	defer func() { _ = p.data.Close() }()
	defer func() { _ = p.errors.Close() }()
	conn, err := f.dial(p.port)
	if err != nil {
		_, _ = io.WriteString(p.errors, f.fail(p.port, err))
		return
	}
	splice(conn, p.data, p.data, p.data.Reset)
}

// splice carries bytes both ways until the pod closes the connection or the caller is gone. hangUp ends the
// reading of what the caller sends.
func splice(conn net.Conn, from io.Reader, to io.Writer, hangUp func() error) {
	var group sync.WaitGroup
	defer group.Wait()
	defer func() { _, _ = hangUp(), conn.Close() }()
	group.Go(func() {
		_, err := io.Copy(conn, from)
		half, ok := conn.(interface{ CloseWrite() error })
		if err != nil || !ok || half.CloseWrite() != nil {
			_ = conn.Close()
		}
	})
	_, _ = io.Copy(to, conn)
}
