package shell

import (
	"context"
	"errors"
	"io"
)

// A tool that reads or writes without end (cat /dev/zero) ends with its command: what it reads and writes fails
// from then on.

type guardedReader struct {
	ctx      context.Context
	r        io.Reader
	terminal bool // somebody types, and sees what is printed
}

// Terminal says whether a tool talks to somebody.
func (g *guardedReader) Terminal() bool { return g.terminal }

func (g *guardedReader) Read(b []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	return g.r.Read(b)
}

type guardedWriter struct {
	ctx context.Context
	w   io.Writer
}

func (g *guardedWriter) Write(b []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	return g.w.Write(b)
}

// bareReader and bareWriter take the guard of an outer command off.
func bareReader(r io.Reader) io.Reader {
	if g, ok := r.(*guardedReader); ok {
		return g.r
	}
	return r
}

func bareWriter(w io.Writer) io.Writer {
	if g, ok := w.(*guardedWriter); ok {
		return g.w
	}
	return w
}

// maxProcesses is how many commands a container may have at work or asleep at the same time.
const maxProcesses = 512

var errProcesses = errors.New("sh: can't fork: Resource temporarily unavailable")

// begin counts a command of the container's, until done is called.
func (m *members) begin() (done func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running >= maxProcesses {
		return nil, errProcesses
	}
	m.running++
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.running--
	}, nil
}
