package apiserver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/servertest"
)

// TestMalformedOnTheWire: bytes that no client library would send, by HTTP/1.1 and HTTP/2, on connections that are left half-way. None of
// it makes a handler panic, holds a request for ever or keeps the next good one from being answered.
func TestMalformedOnTheWire(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var mu sync.Mutex
	s := servertest.Start(t, func(c *apiserver.Config) {
		c.Log = slog.New(slog.NewTextHandler(locked{&mu, &log}, nil))
	})
	address, trust := s.Listen(t, apiserver.Connections{Header: time.Second, Idle: time.Second})
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			g := &garbage{rand.New(rand.NewPCG(uint64(worker), 7))}
			for i := range 60 {
				if i%2 == 0 {
					throw(t.Context(), address, trust, "http/1.1", g.http1(), g.IntN(3) > 0)
				} else {
					throw(t.Context(), address, trust, "h2", g.http2(), g.IntN(3) > 0)
				}
			}
		})
	}
	wg.Wait()
	for _, proto := range []string{"http/1.1", "h2"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+configMaps, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+servertest.AdminToken)
		w, err := clientOf(t, trust, proto).Do(r)
		if err != nil {
			t.Fatalf("the next good request by %s: %v", proto, err)
		}
		_ = w.Body.Close()
		if w.StatusCode != http.StatusOK {
			t.Errorf("the next good request by %s: %d", proto, w.StatusCode)
		}
	}
	idle(t, s)
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), "panicked") {
		t.Errorf("the log says %s", log.String())
	}
}

// locked is a writer for many.
type locked struct {
	mu *sync.Mutex
	to io.Writer
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// throw sends bytes on a connection of their own, perhaps listens for a moment to what comes back, and hangs up.
func throw(ctx context.Context, address string, trust *tls.Config, proto string, sent []byte, listen bool) {
	c := trust.Clone()
	c.NextProtos = []string{proto}
	conn, err := (&tls.Dialer{Config: c}).DialContext(ctx, "tcp", address)
	if err != nil {
		return // a busy machine may give a handshake up
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(50 * time.Millisecond))
	_, _ = conn.Write(sent)
	if listen {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// garbage makes what should not be.
type garbage struct{ *rand.Rand }

func (g *garbage) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *garbage) noise(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	return string(b)
}

// http1 is one request of HTTP/1.1, or what is left of one.
func (g *garbage) http1() []byte {
	method := g.pick("GET", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "PRI", "get", "G\x00T", "", g.noise(3))
	path := g.pick(configMaps, configMaps+"/x", "/api/v1/%zz", "/api/v1/%", "/%00", "/api/v1/namespaces/%2e%2e%2f/pods", "*", "http://other/api", "//", "", "/api/v1/pods?labelSelector=%", "/api/v1/pods?watch=%zz&%", "/\x7f",
		"/api/v1/namespaces/default/pods/p/exec?command=%zz&stdin=1", "/api/v1/namespaces/default/pods/p/portforward", "/api/v1/namespaces/default/pods/p/log?follow=1", "/api/v1/pods?watch=1", "/kubemint/v1/clock")
	head := method + " " + path + " " + g.pick("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP", "") + "\r\n"
	for range g.IntN(6) {
		head += g.pick("Host: x", "Host: ", "Host: a\r\nHost: b", "Authorization: Bearer "+servertest.AdminToken, "Authorization: Bearer", "Authorization: \xff", "Content-Type: ;;", "Content-Type: application/json",
			"Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 1\r\nContent-Length: 2", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: \x00",
			"Expect: 100-continue", "Expect: nothing", "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "Connection: Upgrade\r\nUpgrade: websocket", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x",
			"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.!!", "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: nope",
			"Accept: ;;;q=x", "Impersonate-User: ", "Impersonate-Extra-%zz: x", "X: y\r\n folded", "\x00: y", ": y", "no colon", "Audit-ID: "+strings.Repeat("x", 5000), g.noise(20)) + "\r\n"
	}
	body := g.pick("", "", "{", "zz\r\n{}\r\n0\r\n\r\n", "-1\r\n", "fffffffffffffffff\r\nx", "5\r\n{}", "0\r\nTrailer: x\r\n", g.noise(40), "\x81\xff\x00\x00", "\x80\x03\x00\x01\x01\x00\x00\x0a")
	out := head + g.pick("\r\n", "\r\n", "\r\n", "\n", "") + body
	return []byte(out[:len(out)-g.IntN(1+min(len(out), 5))])
}

// http2 is a preface and some frames, few of which have business there.
func (g *garbage) http2() []byte {
	out := []byte(g.pick("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\n\r\n"))
	if g.IntN(4) > 0 {
		out = append(out, frame(4, 0, 0, "")...) // SETTINGS, as it should be
	}
	for range 1 + g.IntN(8) {
		stream := uint32(g.pick("\x00", "\x01", "\x03", "\x02")[0])
		flags := byte(g.IntN(256))
		switch g.IntN(8) {
		case 0:
			out = append(out, frame(1, 5, 1, block(":method", g.pick("GET", "POST", "get"), ":scheme", "https", ":path", g.pick(configMaps, "/%zz", "", "*"), ":authority", "x", "authorization", "Bearer "+servertest.AdminToken))...)
		case 1:
			out = append(out, frame(1, 4, 3, block(g.pick(":method", ":path", "Upper", "\x00", "connection", "te"), g.pick("x", "\r\n", "")))...)
		case 2:
			out = append(out, frame(1, flags, stream, g.noise(g.IntN(30)))...) // HEADERS that nobody can unpack
		case 3:
			out = append(out, frame(g.pick("\x00", "\x09", "\x05", "\x02", "\x03")[0], flags, stream, g.noise(g.IntN(12)))...)
		case 4:
			out = append(out, frame(8, 0, stream, g.pick("\x00\x00\x00\x00", "\x7f\xff\xff\xff", "\x00"))...) // WINDOW_UPDATE
		case 5:
			out = append(out, frame(4, flags, stream, g.noise(6*g.IntN(3)+g.IntN(2)))...)
		case 6:
			out = append(out, frame(6, flags, stream, g.noise(g.IntN(10)))...) // PING
		default:
			out = append(out, g.noise(9+g.IntN(20))...)
		}
	}
	return out[:len(out)-g.IntN(min(len(out), 4))]
}

// frame puts a frame of HTTP/2 together, whatever is in it.
func frame(kind, flags byte, stream uint32, payload string) []byte {
	out := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(out, stream), payload...)
}

// block packs header fields one by one, as literals without an index.
func block(fields ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		b.WriteByte(0)
		for _, s := range fields[i : i+2] {
			_, _ = fmt.Fprintf(&b, "%c%s", rune(min(len(s), 126)), s[:min(len(s), 126)])
		}
	}
	return b.String()
}
