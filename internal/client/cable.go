package client

import (
	"context"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
)

// Dialer opens connections to a server in this process.
type Dialer interface {
	Dial(ctx context.Context) (net.Conn, error)
}

// Cable is one component's own way to a Listener. Cut, it carries nothing: connections that are open break and new ones fail, at once and
// as those of a machine without a network do. Other components do not notice.
type Cable struct {
	to Dialer

	mu   sync.Mutex
	cut  bool
	open map[*carried]struct{}
}

// NewCable returns a cable that is whole.
func NewCable(to Dialer) *Cable { return &Cable{to: to, open: map[*carried]struct{}{}} }

// Dial connects, or fails with ENETUNREACH if the cable is cut.
func (c *Cable) Dial(ctx context.Context) (net.Conn, error) {
	if c.IsCut() {
		return nil, unreachable()
	}
	conn, err := c.to.Dial(ctx)
	if err != nil {
		return nil, err
	}
	k := &carried{Conn: conn, cable: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut { // while it was being connected
		_ = conn.Close()
		return nil, unreachable()
	}
	c.open[k] = struct{}{}
	return k, nil
}

func unreachable() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
}

// Cut breaks it, and reports false if it was broken already.
func (c *Cable) Cut() bool {
	c.mu.Lock()
	was := c.cut
	c.cut = true
	open := slices.Collect(maps.Keys(c.open))
	c.mu.Unlock()
	for _, k := range open {
		_ = k.Close()
	}
	return !was
}

// Heal mends it, and reports false if it was whole.
func (c *Cable) Heal() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.cut
	c.cut = false
	return was
}

// IsCut says whether it is broken.
func (c *Cable) IsCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// carried is a connection through a cable.
type carried struct {
	net.Conn
	cable *Cable
}

func (k *carried) Close() error {
	k.cable.mu.Lock()
	delete(k.cable.open, k)
	k.cable.mu.Unlock()
	return k.Conn.Close()
}
