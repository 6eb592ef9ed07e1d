package program

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// serveHTTP makes of a handler what a port's connections are served by. It costs nothing while nobody is
// connected.
func serveHTTP(h http.Handler) func(net.Conn) {
	return func(c net.Conn) {
		l := &single{conn: c, closed: make(chan struct{})}
		srv := &http.Server{
			Handler: h, ReadHeaderTimeout: time.Minute, IdleTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
			ConnState: func(_ net.Conn, s http.ConnState) {
				if s == http.StateClosed || s == http.StateHijacked {
					l.end()
				}
			},
		}
		_ = srv.Serve(l) // it ends with the one connection
	}
}

// single is a listener with one connection; it ends with that.
type single struct {
	conn   net.Conn
	given  sync.Once
	once   sync.Once
	closed chan struct{}
}

func (s *single) Accept() (net.Conn, error) {
	var c net.Conn
	s.given.Do(func() { c = s.conn })
	if c != nil {
		return c, nil
	}
	<-s.closed
	return nil, net.ErrClosed
}

func (s *single) end()           { s.once.Do(func() { close(s.closed) }) }
func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	code, bytes int
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}
