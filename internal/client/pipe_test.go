package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"
)

func pair() (*conn, *conn) { return newPipe(addr{}, addr{}) }

func TestPipeCarriesEveryByteInOrder(t *testing.T) {
	t.Parallel()
	a, b := pair()
	sent := make([]byte, 3*maxBuffer+17)
	src := rand.NewChaCha8([32]byte{1})
	src.Read(sent)
	go func() {
		rest := sent
		for len(rest) > 0 { // uneven pieces, so that the ring wraps at odd places
			n := min(len(rest), 1+len(rest)%7919)
			if _, err := a.Write(rest[:n]); err != nil {
				t.Errorf("write: %v", err)
			}
			rest = rest[n:]
		}
		a.Close()
	}()
	got, err := io.ReadAll(b)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("read %d bytes, err %v; want the %d bytes sent", len(got), err, len(sent))
	}
}

func TestPipeDeadlines(t *testing.T) {
	t.Parallel()
	a, b := pair()
	defer a.Close()
	defer b.Close()
	b.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read: %v, want a deadline error", err)
	}
	var timeout net.Error
	if _, err := b.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("read: %v, want a net.Error with Timeout", err)
	}
	b.SetReadDeadline(time.Time{})
	a.Write([]byte("x"))
	if n, err := b.Read(make([]byte, 4)); n != 1 || err != nil {
		t.Fatalf("read after the deadline was lifted: %d, %v", n, err)
	}
	a.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := a.Write(make([]byte, 2*maxBuffer)); n != maxBuffer || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("write into a full pipe: %d, %v", n, err)
	}
	a.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read with a past deadline: %v", err)
	}
}

func TestPipeClose(t *testing.T) {
	t.Parallel()
	a, b := pair()
	a.Write([]byte("last words"))
	a.Close()
	got, err := io.ReadAll(b)
	if err != nil || string(got) != "last words" {
		t.Fatalf("peer read %q, %v", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("peer's write: %v, want io.ErrClosedPipe", err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("own read: %v, want net.ErrClosed", err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("own write: %v, want net.ErrClosed", err)
	}
}

func TestPipeCloseWakesWaiters(t *testing.T) {
	t.Parallel()
	a, b := pair()
	read := make(chan error, 1)
	go func() { _, err := a.Read(make([]byte, 1)); read <- err }()
	b.Close()
	if err := <-read; err != io.EOF {
		t.Fatalf("read: %v, want EOF", err)
	}
}

func TestListenerCloseEndsItsConnections(t *testing.T) {
	t.Parallel()
	l := NewListener()
	accepted := make(chan net.Conn)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	near, err := l.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	far := <-accepted
	l.Close()
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("near end: %v", err)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("far end: %v", err)
	}
	if len(l.dialed) != 0 {
		t.Error("a closed connection is remembered")
	}
}

func TestListenerDialAfterClose(t *testing.T) {
	t.Parallel()
	l := NewListener()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("dial with nobody accepting: %v", err)
	}
	l.Close()
	l.Close()
	if _, err := l.Dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial: %v, want net.ErrClosed", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v, want net.ErrClosed", err)
	}
}
