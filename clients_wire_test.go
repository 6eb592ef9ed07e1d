package kubemint_test

import (
	"cmp"
	"context"
	"net"
	"sync"

	"k8s.io/client-go/rest"
)

// wire is a network between a client and the server that can be cut. While it is, connections are neither refused nor made.
type wire struct {
	mu     sync.Mutex
	conns  []net.Conn
	mended chan struct{} // closed while the wire is whole
	server string        // where it leads to, if not to where the client thinks
}

func newWire() *wire {
	w := &wire{mended: make(chan struct{})}
	close(w.mended)
	return w
}

// through is a client's configuration by way of the wire.
func (w *wire) through(c *rest.Config) *rest.Config {
	c = rest.CopyConfig(c)
	c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		for {
			w.mu.Lock()
			mended, server := w.mended, cmp.Or(w.server, address)
			w.mu.Unlock()
			select {
			case <-mended:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, server)
			if err != nil {
				return nil, err
			}
			if w.keep(conn, mended) {
				return conn, nil
			}
			_ = conn.Close()
		}
	}
	return c
}

// keep takes in a connection, unless the wire has been cut since it was begun.
func (w *wire) keep(c net.Conn, mended chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mended != mended {
		return false
	}
	w.conns = append(w.conns, c)
	return true
}

// cut ends all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mended = make(chan struct{})
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.mended)
}

// mendTo leads to another server from now on. A port that has been let go is anybody's, so a server that is to be found at the same address
// again is found by the same wire.
func (w *wire) mendTo(server string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.server = server
	close(w.mended)
}
