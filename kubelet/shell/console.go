package shell

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/kubemint/kubemint/kubelet/container"
)

// console is what of a running container can be attached to: what it prints, and what it reads if it
// reads anything.
type console struct {
	once  bool // input ends with the first who gave any
	in    *io.PipeReader
	typed *io.PipeWriter
	sizes chan container.Size

	mu      sync.Mutex
	viewers map[*viewer]struct{}
}

// viewer is somebody who is attached.
type viewer struct {
	printed chan part
	gone    chan struct{} // closed when they have left
}

// part is something that was printed.
type part struct {
	text   []byte
	stderr bool
}

// newConsole is that of a container that is about to run.
func newConsole(spec *container.Spec) *console {
	c := &console{once: spec.StdinOnce, viewers: map[*viewer]struct{}{}}
	if spec.Stdin || spec.TTY { // a terminal without input is one at which nobody types
		c.in, c.typed = io.Pipe()
	}
	if spec.TTY {
		c.sizes = make(chan container.Size, 1)
	}
	return c
}

// end lets nobody wait for a container that reads no more.
func (c *console) end() {
	if c.typed != nil {
		_, _ = c.typed.Close(), c.in.Close()
	}
}

// tee is an output of the container: to its log, and to all who are attached. Who does not read holds the container up, as a terminal
// does, but not its end.
type tee struct {
	c      *console
	log    io.Writer // nil: none
	stderr bool
	end    <-chan struct{}
}

func (t tee) Write(b []byte) (int, error) {
	if t.log != nil {
		if _, err := t.log.Write(b); err != nil {
			return 0, err
		}
	}
	t.c.mu.Lock()
	all := make([]*viewer, 0, len(t.c.viewers))
	for v := range t.c.viewers {
		all = append(all, v)
	}
	t.c.mu.Unlock()
	for _, v := range all {
		select {
		case v.printed <- part{bytes.Clone(b), t.stderr}:
		case <-v.gone:
		case <-t.end:
			return 0, container.ErrNotRunning
		}
	}
	return len(b), nil
}

// attach shows what is printed from now on, and hands on what is typed if the container reads it, until it
// is over or ctx is.
func (c *console) attach(ctx context.Context, a container.Attach, stdin bool, over <-chan struct{}) error {
	v := &viewer{printed: make(chan part), gone: make(chan struct{})}
	c.mu.Lock()
	c.viewers[v] = struct{}{}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.viewers, v)
		c.mu.Unlock()
		close(v.gone)
	}()
	if a.Stdin != nil && stdin {
		// Its last Read may outlive the visit: whoever gave the reader closes it.
		go func() {
			_, _ = io.Copy(c.typed, a.Stdin) // a container that has ended reads no more
			if c.once {
				_ = c.typed.Close()
			}
		}()
		if c.once {
			defer func() { _ = c.typed.Close() }()
		}
	}
	show := a.Streams
	for {
		select {
		case p := <-v.printed:
			w := &show.Stdout
			if p.stderr {
				w = &show.Stderr
			}
			if *w == nil {
				continue
			}
			if _, err := (*w).Write(p.text); err != nil {
				*w = nil // they see no more
			}
		case size := <-a.Resize:
			if c.sizes != nil {
				newest(c.sizes, size)
			}
		case <-over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// newest leaves only the last size waiting.
func newest(to chan container.Size, size container.Size) {
	for {
		select {
		case to <- size:
			return
		default:
		}
		select {
		case <-to:
		default:
		}
	}
}

// Attach connects to the container's own command.
func (h *handle) Attach(ctx context.Context, a container.Attach) error {
	if _, ended := h.Exit(); ended {
		return container.ErrNotRunning
	}
	return h.console.attach(ctx, a, h.spec.Stdin, h.over)
}

// Attach shows what a program prints, and waits for the end of a container that prints nothing.
func (h *resting) Attach(ctx context.Context, a container.Attach) error {
	if _, ended := h.Exit(); ended {
		return container.ErrNotRunning
	}
	if h.console != nil {
		return h.console.attach(ctx, a, false, h.over)
	}
	select {
	case <-h.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
