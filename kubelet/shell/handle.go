package shell

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Exit codes of signals, as a shell counts them.
const codeKilled = 137

// handle is one run of a scripted container.
type handle struct {
	runtime *Runtime
	spec    container.Spec
	id      string
	started time.Time
	cancel  context.CancelFunc
	over    chan struct{} // closed when exit is set
	console *console

	mu     sync.Mutex
	exit   *container.Exit
	killed bool
}

var (
	_ container.Handle = (*handle)(nil)
	_ container.Execer = (*handle)(nil)
	_ container.Execer = (*resting)(nil)

	_ container.Attacher = (*handle)(nil)
	_ container.Attacher = (*resting)(nil)
)

func (h *handle) ID() string         { return h.id }
func (h *handle) Started() time.Time { return h.started }

func (h *handle) Exit() (container.Exit, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.exit == nil {
		return container.Exit{}, false
	}
	return *h.exit, true
}

// Stop sends TERM, which only a script with a trap for it heeds.
func (h *handle) Stop() { h.runtime.signal(h.id, "TERM") }

// Kill ends the run.
func (h *handle) Kill() {
	h.mu.Lock()
	h.killed = true
	h.mu.Unlock()
	if h.cancel != nil {
		h.cancel()
	}
}

// live runs the job until it ends. It counts as at work since Start, while its child is still being started, until those who asked for it
// have heard of its end: in between nobody else would hold up the clock.
func (h *handle) live(ctx context.Context, j *job) {
	defer h.runtime.awake.end(j.Run)
	defer h.cancel()
	defer h.console.end()
	var log container.Streams
	if h.spec.Output != nil {
		log.Stdout, log.Stderr = h.spec.Output.Stdout(), h.spec.Output.Stderr()
	}
	streams := container.Streams{Stdout: tee{c: h.console, log: log.Stdout, end: ctx.Done()}, Stderr: tee{c: h.console, log: log.Stderr, stderr: true, end: ctx.Done()}}
	if h.console.in != nil {
		streams.Stdin = h.console.in
	}
	release := h.runtime.hold(h.within())
	e, err := h.runtime.do(ctx, h.within(), j, streams, false)
	release()
	for _, w := range []io.Writer{log.Stdout, log.Stderr} {
		if f, ok := w.(interface{ Flush() error }); ok {
			_ = f.Flush() // a full disk must not keep a container from ending
		}
	}
	r := h.runtime
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return
	}
	exit := container.Exit{Code: e.Code, Reason: e.Reason, At: r.cfg.Clock.Now()}
	var gone death
	h.mu.Lock()
	switch {
	case h.killed:
		exit.Code, exit.Reason = codeKilled, ""
	case errors.As(err, &gone) && gone.memory:
		exit.Code, exit.Reason = codeKilled, outOfMemoryReason
	case err != nil:
		exit.Code, exit.Reason, exit.Message = codeKilled, "", err.Error()
	case e.Failed != "":
		exit.Reason, exit.Message = container.StartError, e.Failed
		r.cfg.Log.Warn("a container did not start", "pod", h.spec.Namespace+"/"+h.spec.Pod, "container", h.spec.Name, "err", e.Failed)
	}
	h.exit = &exit
	h.mu.Unlock()
	close(h.over)
	if h.spec.Exited != nil {
		h.spec.Exited()
	}
}

// outOfMemoryReason is that of a container that held more than it may.
const outOfMemoryReason = "OOMKilled"

// within is a container in which something is to run.
type within struct {
	id   string
	spec *container.Spec
	over <-chan struct{} // closed when it has ended
	idle *resting        // nil: its own command runs in its child
}

func (h *handle) within() within { return within{id: h.id, spec: &h.spec, over: h.over} }

func (h *resting) within() within {
	return within{id: h.ID(), spec: &h.spec, over: h.over, idle: h}
}

// who names a job where the clock waits for it.
func (j *job) who() string { return "container of " + j.Namespace + "/" + j.Hostname }

// do runs a job in the container's child; check: it is a probe. The error is a death if the child ended under it, and ctx's if that did.
func (r *Runtime) do(ctx context.Context, in within, j *job, s container.Streams, check bool) (end, error) {
	if !j.Main {
		j.Run = r.awake.begin(j.who(), j.Stdin || j.TTY)
		defer r.awake.end(j.Run)
	}
	for again := false; ; again = true {
		l, leave, err := r.enter(in, check)
		if err != nil {
			return end{Code: codeNotStarted, Failed: err.Error()}, nil
		}
		e, err := l.run(ctx, j, s)
		died := err != nil && ctx.Err() == nil && l.ended()
		if j.Main && l.own { // with process 1 goes all that runs beside it, and nobody writes to the pod's directory any more
			l.end()
			<-l.dead
		}
		leave()
		switch {
		case !died:
			return e, err
		case errors.Is(err, errNotBegun) && !again: // it died of an earlier job, and nobody had noticed yet
			continue
		case l.own && l.death.memory && in.idle != nil:
			in.idle.outOfMemory()
		}
		return e, l.death
	}
}

// maxProbeOutput is how much a probe's command may say, in bytes, as a real kubelet has it. The rest is read and dropped.
const maxProbeOutput = 10 << 10

func (r *Runtime) probe(in within, p container.Probe) (bool, string) {
	if p.Exec == nil {
		return true, ""
	}
	limited, cancel := context.WithTimeout(r.ctx, cmp.Or(p.Timeout, time.Second))
	defer cancel()
	ctx, done := ending(limited, p.Until)
	defer done()
	said := &container.Bounded{Max: maxProbeOutput}
	code, err := r.beside(ctx, in, container.Exec{Command: p.Exec, Streams: container.Streams{Stdout: said, Stderr: said}}, true)
	switch {
	case limited.Err() == nil && (over(in.over) || over(p.Until)):
		return false, ""
	case errors.Is(err, context.DeadlineExceeded):
		return false, fmt.Sprintf("command timed out: %q timed out after %s", strings.Join(p.Exec, " "), cmp.Or(p.Timeout, time.Second))
	case err != nil:
		return false, err.Error()
	}
	return code == 0, strings.TrimRight(said.String(), "\n")
}

// over says whether something has ended; nil never does.
func over(end <-chan struct{}) bool {
	select {
	case <-end:
		return true
	default:
		return false
	}
}

// ending is ctx until end is closed. done lets go of both.
func ending(ctx context.Context, end <-chan struct{}) (bounded context.Context, done func()) {
	bounded, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		select {
		case <-end:
			cancel()
		case <-bounded.Done():
		}
	})
	return bounded, func() { cancel(); group.Wait() }
}

// exec runs a command beside the container's own; check: it is a probe.
func (r *Runtime) exec(ctx context.Context, in within, x container.Exec, check bool) (int32, error) {
	if len(x.Command) > 0 && bare(in.spec, x.Command[0]) {
		return 0, notExecuted(absent(x.Command[0]))
	}
	j, err := r.job(in.spec, in.id)
	if err != nil {
		return 0, err
	}
	j.Argv, j.TTY, j.Stdin, j.resize = x.Command, x.TTY, x.Stdin != nil, x.Resize
	if x.TTY {
		j.Env = append(j.Env, "TERM=xterm")
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return 0, errClosed
	}
	r.group.Add(1)
	r.mu.Unlock()
	defer r.group.Done()
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	defer r.hold(in)()
	e, err := r.do(bounded, in, j, x.Streams, check)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return codeKilled, nil // the child died under it
	case e.Failed != "":
		return 0, notExecuted(e.Failed)
	}
	return e.Code, nil
}

// notExecuted is that of a command that could not be started, in the words of a container runtime.
func notExecuted(why string) error {
	return fmt.Errorf("failed to exec in container: failed to start exec %q: %s", container.NewID(), why)
}

// Networked is true: what listens in the container does so in the child.
func (h *handle) Networked() bool { return true }

func (h *handle) Probe(p container.Probe) (bool, string) {
	if _, ended := h.Exit(); ended {
		return false, ""
	}
	return h.runtime.probe(h.within(), p)
}

// Exec runs a command in the container; it ends with it.
func (h *handle) Exec(ctx context.Context, x container.Exec) (int32, error) {
	if _, ended := h.Exit(); ended {
		return 0, container.ErrNotRunning
	}
	return h.runtime.beside(ctx, h.within(), x, false)
}

// beside runs a command that ends with the container; check: it is a probe.
func (r *Runtime) beside(ctx context.Context, in within, x container.Exec, check bool) (int32, error) {
	bounded, done := ending(ctx, in.over)
	x.Stdout, x.Stderr = partingFrom(x.Stdout, in.over), partingFrom(x.Stderr, in.over)
	code, err := r.exec(bounded, in, x, check)
	done()
	if err != nil && ctx.Err() == nil && over(in.over) {
		return codeKilled, nil
	}
	return code, err
}

// parting is an output of a command whose writes return when the container has ended, even if nobody reads.
type parting struct {
	io.Writer
	over <-chan struct{}
}

func partingFrom(w io.Writer, over <-chan struct{}) io.Writer {
	if w == nil {
		return nil
	}
	return parting{w, over}
}

// Write may still be under way in w when it returns because of the end. Nobody changes b then.
func (p parting) Write(b []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := p.Writer.Write(b)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-p.over:
		return 0, container.ErrNotRunning
	}
}

// resting is a container that idles; what is run in it comes by exec alone.
type resting struct {
	container.Handle
	runtime *Runtime
	spec    container.Spec
	over    chan struct{} // closed when it has ended
	console *console      // of a program; nil: it prints nothing

	mu     sync.Mutex
	memory bool // it was ended because what ran in it held too much
}

// outOfMemory ends the container as the system does: with all that runs in it.
func (h *resting) outOfMemory() {
	h.mu.Lock()
	if _, ended := h.Handle.Exit(); !ended {
		h.memory = true
	}
	h.mu.Unlock()
	h.Kill()
}

// Exit tells how the run ended.
func (h *resting) Exit() (container.Exit, bool) {
	e, ended := h.Handle.Exit()
	h.mu.Lock()
	defer h.mu.Unlock()
	if ended && h.memory && e.Code == codeKilled {
		e.Reason = outOfMemoryReason
	}
	return e, ended
}

// Idles says whether the container does nothing, because nobody knows what its image or command would do.
func (h *resting) Idles() bool { return !h.Networked() }

// Networked says whether it is known what listens in the container.
func (h *resting) Networked() bool {
	n, ok := h.Handle.(container.Networked)
	return ok && n.Networked()
}

func (h *resting) Probe(p container.Probe) (bool, string) {
	if _, ended := h.Exit(); ended {
		return false, ""
	}
	return h.runtime.probe(h.within(), p)
}

// Exec runs a command in the container.
func (h *resting) Exec(ctx context.Context, x container.Exec) (int32, error) {
	if _, ended := h.Exit(); ended {
		return 0, container.ErrNotRunning
	}
	return h.runtime.beside(ctx, h.within(), x, false)
}

// frames hands on what a run prints, until it ends.
func frames(body io.Reader, s container.Streams) (end, error) {
	for {
		kind, b, err := readFrame(body)
		if err != nil {
			return end{}, err
		}
		var to io.Writer
		switch kind {
		case frameStdout:
			to = s.Stdout
		case frameStderr:
			to = s.Stderr
		case frameEnd:
			var e end
			return e, json.Unmarshal(b, &e)
		}
		if to != nil {
			if _, err := to.Write(b); err != nil {
				return end{}, err
			}
		}
	}
}
