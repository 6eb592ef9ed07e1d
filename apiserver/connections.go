package apiserver

import (
	"cmp"
	"net/http"
	"time"
)

// Connections says how long the server bears with slow clients, in wall time; a zero is what a real server has (API-1).
type Connections struct {
	// Header is how long the header of a request may take, the handshake of TLS likewise; 0 means 32 s.
	Header time.Duration
	// Idle is how long a connection may lie idle; 0 means 90 s.
	Idle time.Duration
	// Stuck is how long a connection of HTTP/2 may take nothing of what waits to be sent; 0 means 30 s.
	Stuck time.Duration
}

// headerLimit bounds the request line and the header together, in bytes (API-1); more is answered with 431.
const headerLimit = 1 << 20

// Server returns an HTTP server with these limits. The caller adds TLS, log and context. It has no time-outs for whole requests and
// answers, since watches have no end: those are set for each request (API-7).
func (c Connections) Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: cmp.Or(c.Header, 32*time.Second),
		IdleTimeout:       cmp.Or(c.Idle, 90*time.Second),
		MaxHeaderBytes:    headerLimit,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 1000, // clients keep all their watches on one connection (API-136)
			WriteByteTimeout:     cmp.Or(c.Stuck, 30*time.Second),
		},
	}
}
