package shell

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// stdio is a connection made of two pipes.
type stdio struct {
	io.Reader
	io.Writer
	close func() error
	once  sync.Once
	ended chan struct{} // closed by Close
	spent sync.Once
	read  chan struct{} // closed when nothing more can be read
}

func newStdio(r io.Reader, w io.Writer, close func() error) *stdio {
	return &stdio{Reader: r, Writer: w, close: close, ended: make(chan struct{}), read: make(chan struct{})}
}

func (s *stdio) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil && (errors.Is(err, os.ErrClosed) || errors.Is(err, io.ErrClosedPipe)) {
		err = io.EOF
	}
	if err != nil {
		s.spent.Do(func() { close(s.read) })
	}
	return n, err
}

func (s *stdio) Close() (err error) {
	s.once.Do(func() {
		close(s.ended)
		err = s.close()
		s.spent.Do(func() { close(s.read) })
	})
	return err
}

type stdioAddr struct{}

func (stdioAddr) Network() string { return "stdio" }
func (stdioAddr) String() string  { return "127.0.0.1:0" }

func (s *stdio) LocalAddr() net.Addr              { return stdioAddr{} }
func (s *stdio) RemoteAddr() net.Addr             { return stdioAddr{} }
func (s *stdio) SetDeadline(time.Time) error      { return nil } // pipes between two halves of one program
func (s *stdio) SetReadDeadline(time.Time) error  { return nil }
func (s *stdio) SetWriteDeadline(time.Time) error { return nil }

// one is a listener with one connection; it ends with that.
type one struct {
	conn  *stdio
	given sync.Once
}

func (o *one) Accept() (net.Conn, error) {
	var c net.Conn
	o.given.Do(func() { c = o.conn })
	if c != nil {
		return c, nil
	}
	<-o.conn.ended
	return nil, net.ErrClosed
}

func (o *one) Close() error   { return nil }
func (o *one) Addr() net.Addr { return stdioAddr{} }
