package kubemint_test

import (
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
		w.mu.Lock()
		mended := w.mended
		w.mu.Unlock()
		select {
		case <-mended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.conns = append(w.conns, conn)
		return conn, nil
	}
	return c
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
