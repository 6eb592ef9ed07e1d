package shell

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// broken is a stream that ends as HTTP/2 says it.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
func (broken) Close() error               { return nil }

func TestTunnelKeepsTheErrorsOfItsStreamToItself(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ of, want error }{
		{io.EOF, io.EOF},
		{errors.New("stream error: stream ID 5; CANCEL"), net.ErrClosed},
	} {
		if _, err := (&tunnel{in: broken{tc.of}}).Read(make([]byte, 1)); err != tc.want {
			t.Errorf("%v became %v, want %v", tc.of, err, tc.want)
		}
	}
}

// A tunnel that is closed lets go of those who write to a peer that does not read, and of those who read from one that does not write.
func TestClosingATunnelEndsWhoUsesIt(t *testing.T) {
	t.Parallel()
	ended := make(chan string, 3)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	child := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tun := newTunnel(r, w)
		written := make(chan struct{}, 1)
		go func() {
			for {
				if _, err := tun.Write(make([]byte, 64<<10)); err != nil {
					ended <- "write"
					return
				}
				select {
				case written <- struct{}{}:
				default:
				}
			}
		}()
		go func() {
			_, _ = tun.Read(make([]byte, 1))
			ended <- "read"
		}()
		<-written
		for tun.mu.TryLock() { // until somebody writes for longer than a moment
			tun.mu.Unlock()
			time.Sleep(time.Millisecond)
		}
		_ = tun.Close()
		<-tun.closed
		tun.quiet()
		ended <- "handler"
	}))
	child.Config.Protocols = protocols
	child.Start()
	t.Cleanup(child.Close)
	transport := &http.Transport{Protocols: protocols}
	client, err := transport.NewClientConn(t.Context(), "http", child.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body, keep := io.Pipe()
	defer func() { _ = keep.Close() }()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, child.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for range 3 {
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("somebody waits for ever")
		}
	}
}
