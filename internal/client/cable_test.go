package client

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
)

func TestCable(t *testing.T) {
	t.Parallel()
	l := NewListener()
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	a, b := NewCable(l), NewCable(l)
	dial := func(c *Cable) net.Conn {
		t.Helper()
		conn, err := c.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	echo := func(conn net.Conn) error {
		if _, err := conn.Write([]byte("x")); err != nil {
			return err
		}
		_, err := io.ReadFull(conn, make([]byte, 1))
		return err
	}
	first, second, other := dial(a), dial(a), dial(b)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(echo(first), echo(other)); err != nil {
		t.Fatal(err)
	}
	if !a.Cut() || a.Cut() || !a.IsCut() {
		t.Error("a cable is cut once")
	}
	if echo(first) == nil {
		t.Error("a connection lived through the cut")
	}
	if _, err := a.Dial(t.Context()); !errors.Is(err, syscall.ENETUNREACH) || err.Error() != "dial tcp: connect: network is unreachable" {
		t.Errorf("dial through a cut cable: %v", err)
	}
	if err := echo(other); err != nil {
		t.Errorf("the other cable: %v", err)
	}
	if !a.Heal() || a.Heal() || a.IsCut() {
		t.Error("a cable is healed once")
	}
	if err := echo(dial(a)); err != nil {
		t.Error(err)
	}
	if n := len(a.open); n != 1 {
		t.Errorf("%d connections are open, want 1", n)
	}
}

// slow is a network on which a connection takes until its cable has been cut.
type slow struct{ cable *Cable }

func (s slow) Dial(context.Context) (net.Conn, error) {
	near, _ := net.Pipe()
	s.cable.Cut()
	return near, nil
}

func TestCableCutWhileDialing(t *testing.T) {
	t.Parallel()
	s := slow{}
	c := NewCable(nil)
	s.cable = c
	c.to = s
	if conn, err := c.Dial(t.Context()); err == nil {
		_ = conn.Close()
		t.Error("connected through a cable that was cut meanwhile")
	}
}
