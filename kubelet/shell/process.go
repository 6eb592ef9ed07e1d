package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// process is one job at work.
type process struct {
	server  *server
	job     *job
	fs      *rootfs.FS
	members *members
	pid     int
	started time.Time
	cancel  context.CancelFunc
	tty     *tty // nil: it has none

	mu      sync.Mutex
	scripts []*script   // at work, each within or beside those before
	signal  string      // that ended it
	sockets []io.Closer // connections and listeners
}

// run is the life of one job: the request's body is the job and then what is typed, its answer what is
// printed and how it ended.
func (s *server) run(w http.ResponseWriter, r *http.Request) {
	_, b, err := readFrame(r.Body)
	p := &process{server: s, job: &job{}}
	if err == nil {
		err = json.Unmarshal(b, p.job)
	}
	out := &answering{w: w, flush: http.NewResponseController(w).Flush}
	defer out.close()
	w.WriteHeader(http.StatusOK)
	err = errors.Join(err, out.flush()) // the parent sends what is typed when it has an answer
	if err != nil {
		out.end(end{Code: 128, Failed: err.Error()})
		return
	}
	if p.fs, err = rootfs.Open(p.job.Tree); err != nil {
		out.end(end{Code: 128, Failed: err.Error()})
		return
	}
	defer func() { _ = p.fs.Close() }()
	p.fs.Now = p.fileTime(r.Context())
	p.fs.Virtual, p.fs.VirtualAt = p.proc, "/proc"
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	p.cancel = cancel
	s.join(p)
	defer s.leave(p)
	p.fs.Room = &p.members.room
	defer p.closeSockets()
	p.started = p.Now(ctx)
	if err := p.furnish(); err != nil && !errors.Is(err, fs.ErrPermission) {
		out.end(end{Code: 128, Failed: err.Error()})
		return
	}
	in, feed, err := os.Pipe()
	if err != nil {
		out.end(end{Code: 128, Failed: err.Error()})
		return
	}
	defer func() { _ = in.Close() }()
	// Whatever ends the job ends the wait for input as well.
	defer context.AfterFunc(ctx, func() { _ = feed.Close() })()
	c := &tools.Call{Args: p.job.Argv, In: in, Out: out.stream(frameStdout), Err: out.stream(frameStderr), Dir: p.dir(), Environ: p.job.Env, FS: p.fs, Host: p}
	if why := p.unfound(c); why != "" && !p.job.Main {
		out.end(end{Code: codeNotFound, Failed: why})
		return
	}
	if p.job.TTY {
		out.end(end{Code: int32(p.onTerminal(ctx, c, r.Body, in, feed))})
		return
	}
	if !p.job.Stdin {
		_ = feed.Close()
	} else {
		go p.feed(r.Body, feed)
	}
	code := p.start(ctx, c)
	_ = feed.Close()
	if r.Context().Err() == nil && ctx.Err() != nil {
		code = p.signalled() // from inside
	}
	out.end(end{Code: int32(code)})
}

// feed copies what is typed; it ends with the request's body.
func (p *process) feed(body io.Reader, feed *os.File) {
	defer func() { _ = feed.Close() }()
	for {
		kind, b, err := readFrame(body)
		if err != nil {
			return
		}
		if kind == frameInput {
			if _, err := feed.Write(b); err != nil {
				_, _ = io.Copy(io.Discard, body) // nobody reads any more
				return
			}
		}
	}
}

func (p *process) dir() string {
	dir := path.Clean("/" + p.job.Dir)
	if i, err := p.fs.Stat(dir); err != nil || !i.IsDir() {
		if p.fs.MkdirAll(dir, 0o755) != nil { // as container runtimes do
			return "/"
		}
	}
	return dir
}

// start runs the job's command as container runtimes do: without a shell.
func (p *process) start(ctx context.Context, c *tools.Call) int {
	if _, ok := tools.Find(c, c.Args[0]); !ok {
		fmt.Fprintf(c.Err, "exec: %q: executable file not found in $PATH\n", c.Args[0])
		return 127
	}
	return p.exec(ctx, c)
}

// codeNotFound is a shell's code for a command that it does not find.
const codeNotFound = 127

// unfound says why a command cannot be started, in the words of a container runtime; empty: it can.
func (p *process) unfound(c *tools.Call) string {
	name := c.Args[0]
	if _, ok := tools.Find(c, name); ok {
		return ""
	}
	if !strings.Contains(name, "/") {
		return absent(name)
	}
	switch i, err := p.fs.Stat(c.Path(name)); {
	case err != nil:
		return execFailed(name, "stat "+name+": "+strings.ToLower(tools.Reason(err)))
	case i.IsDir():
		return execFailed(name, "is a directory")
	}
	return execFailed(name, "permission denied")
}

// exec runs one command: the shell, a tool, or a script in a file.
func (p *process) exec(ctx context.Context, c *tools.Call) (code int) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(c.Err, "%s: %v\n", c.Args[0], v)
			code = 139
		}
	}()
	if ctx.Err() != nil {
		return 137
	}
	done, err := p.members.begin()
	if err == nil {
		defer done()
		err = p.members.pace.step(ctx)
	}
	if err != nil {
		fmt.Fprintf(c.Err, "%v\n", err)
		return 2
	}
	c.In, c.Out, c.Err = bareReader(c.In), bareWriter(c.Out), bareWriter(c.Err)
	p.prepare(ctx, c)
	base := tools.Base(c.Args[0])
	if tools.IsShell(base) {
		return p.shell(ctx, c)
	}
	if t := tools.Lookup(base); t != nil {
		seen := p.atTerminal(c) && c.Out == io.Writer(p.tty)
		c.In, c.Out, c.Err = &guardedReader{ctx: ctx, r: c.In, terminal: seen}, &guardedWriter{ctx, c.Out}, &guardedWriter{ctx, c.Err}
		return t(ctx, c)
	}
	file, ok := tools.Find(c, c.Args[0])
	if !ok {
		if strings.Contains(c.Args[0], "/") {
			if i, err := p.fs.Stat(c.Path(c.Args[0])); err == nil {
				text := "Permission denied"
				if i.IsDir() {
					text = "Is a directory"
				}
				fmt.Fprintf(c.Err, "%s%s: %s\n", p.says(ctx), c.Args[0], text)
				return 126
			}
			if shellOf(ctx) == "bash" {
				fmt.Fprintf(c.Err, "%s%s: No such file or directory\n", p.says(ctx), c.Args[0])
				return codeNotFound
			}
		}
		text := "not found"
		if shellOf(ctx) == "bash" {
			text = "command not found"
		}
		fmt.Fprintf(c.Err, "%s%s: %s\n", p.says(ctx), c.Args[0], text)
		return codeNotFound
	}
	sub := *c
	sub.Args = append([]string{"sh", file}, c.Args[1:]...)
	return p.shell(ctx, &sub)
}

// prepare fills in what every call has of its process.
func (p *process) prepare(ctx context.Context, c *tools.Call) {
	c.FS, c.Host, c.Run = p.fs, p, p.exec
	in, out, errs := c.In, c.Out, c.Err
	c.Open = func(name string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error) {
		f, err := p.open(name, flag, perm, in, out, errs)
		if d, ok := f.(device); ok && err == nil {
			return device{&guardedReader{ctx: ctx, r: d.Reader}, &guardedWriter{ctx, d.Writer}}, nil
		}
		return f, err
	}
}

// notify has a trap handle the signal, the outermost script's that has one; false: there is none.
func (p *process) notify(signal string) bool {
	p.mu.Lock()
	scripts := slices.Clone(p.scripts)
	p.mu.Unlock()
	return slices.ContainsFunc(scripts, func(s *script) bool { return s.hear(signal) })
}

// kill ends the process as a signal does for which it has no handler.
func (p *process) kill(signal string) {
	p.mu.Lock()
	if p.signal == "" {
		p.signal = signal
	}
	p.mu.Unlock()
	p.cancel()
}

// signalled is the exit code of a process that a signal has ended.
func (p *process) signalled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 128 + signalNumber(p.signal)
}

// signal is TERM for a container's process 1.
func (s *server) signal(w http.ResponseWriter, r *http.Request) {
	if p := s.main(r.URL.Query().Get("container")); p != nil {
		p.notify(r.URL.Query().Get("signal"))
	}
	w.WriteHeader(http.StatusNoContent)
}

// answering writes frames to the answer of a job, until it is closed.
type answering struct {
	flush func() error

	mu sync.Mutex
	w  io.Writer
}

func (a *answering) write(kind byte, b []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.w == nil {
		return io.ErrClosedPipe
	}
	return errors.Join(writeFrame(a.w, kind, b), a.flush())
}

func (a *answering) end(e end) {
	b, err := json.Marshal(e)
	if err == nil {
		_ = a.write(frameEnd, b) // a parent that has gone needs no answer
	}
}

func (a *answering) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.w = nil
}

func (a *answering) stream(kind byte) io.Writer { return &stream{a, kind} }

type stream struct {
	to   *answering
	kind byte
}

func (s *stream) Write(b []byte) (int, error) {
	for at := 0; at < len(b); at += 32 << 10 {
		if err := s.to.write(s.kind, b[at:min(at+32<<10, len(b))]); err != nil {
			return at, err
		}
	}
	return len(b), nil
}
