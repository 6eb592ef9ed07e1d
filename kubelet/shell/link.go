package shell

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/container"
)

// link is a child and the connection to it.
type link struct {
	runtime *Runtime
	own     bool   // of one container
	of      string // its ID
	command *exec.Cmd
	client  *http.ClientConn
	conn    *stdio
	ctx     context.Context // ends with the process, or has it end
	end     context.CancelFunc
	up      chan struct{} // closed when the process answers
	dead    chan struct{} // closed when it has ended
	death   death         // how it ended if it was not told to; once dead is closed

	mu        sync.Mutex
	timers    map[uint64]utilclock.Timer
	listeners map[uint64]func() // what ends each
}

// launch starts this program again, for a container or for all that share a child.
func (r *Runtime) launch(b bounds, own bool, in within) (*link, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	told, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	of := in.spec.Namespace + "/" + in.spec.Pod + " " + in.spec.Name
	ctx, end := context.WithCancel(r.ctx)
	l := &link{runtime: r, own: own, of: in.id, ctx: ctx, end: end, up: make(chan struct{}), dead: make(chan struct{}), timers: map[uint64]utilclock.Timer{}, listeners: map[uint64]func(){}}
	command := exec.CommandContext(ctx, self)
	// Nothing of our own environment: the marker, and what bounds the child before it runs our code. It collects its garbage from then on.
	command.Env = []string{marker + "=" + string(told), "GOMAXPROCS=1", "GOGC=off", "GOTRACEBACK=none"}
	command.Dir = r.cfg.Dir
	alone(command)
	said := &lastWords{}
	command.Stderr = said
	l.command = command
	if err := l.start(); err != nil {
		end()
		return nil, err
	}
	r.group.Go(func() {
		defer end()
		defer close(l.dead)
		_ = command.Wait() // its state says more
		<-l.conn.read      // what it said last is heard
		_ = l.conn.Close()
		l.stopTimers()
		l.stopListening()
		l.death = deathOf(command, said.String())
		switch {
		case ctx.Err() != nil: // it was told to
		case own && l.death.memory:
			r.cfg.Log.Info("a container held more memory than it may", "container", of)
		default:
			r.cfg.Log.Warn("the process of a container has ended, and with it all that ran there", "container", of, "own", own, "err", l.death.text, "said", said.String())
		}
	})
	r.group.Go(func() { l.serve() })
	return l, nil
}

// start starts the process and connects to it.
func (l *link) start() error {
	command := l.command
	in, err := command.StdinPipe()
	if err != nil {
		return err
	}
	out, theirs, err := os.Pipe() // not a pipe of the command's: Wait would close it before all is read
	if err != nil {
		return errors.Join(err, in.Close())
	}
	command.Stdout = theirs
	err = command.Start()
	_ = theirs.Close()
	if err != nil {
		return errors.Join(err, out.Close())
	}
	polite(command.Process)
	l.conn = newStdio(out, in, func() error { return errors.Join(in.Close(), out.Close()) })
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{
		Protocols: protocols, DisableCompression: true,
		HTTP2:       &http.HTTP2Config{MaxReceiveBufferPerStream: 256 << 10},
		DialContext: func(context.Context, string, string) (net.Conn, error) { return l.conn, nil },
	}
	if l.client, err = transport.NewClientConn(l.ctx, "http", "shell:80"); err != nil {
		_ = command.Process.Kill()
		return errors.Join(err, command.Wait(), l.conn.Close())
	}
	return nil
}

// ended says whether the process has ended, or is about to: then it waits for that.
func (l *link) ended() bool {
	select {
	case <-l.conn.read:
		<-l.dead
		return true
	default:
		return false
	}
}

// lastWords keeps the end of what a dying child prints: the reason is in its first lines.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b[:min(len(b), max(0, 300-len(w.text)))]...)
	return len(b), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

// base stands for the child in addresses.
const base = "http://shell"

// errNotBegun is that of a job which the child did not take up.
var errNotBegun = errors.New("the container's process did not answer")

// run has the child run a job and hands its streams on.
func (l *link) run(ctx context.Context, j *job, s container.Streams) (end, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pr, pw := io.Pipe()
	var group sync.WaitGroup
	defer group.Wait()
	defer func() { _ = pr.Close() }()
	// The transport does not look at ctx while it waits for more to send.
	defer context.AfterFunc(ctx, func() { _ = pr.CloseWithError(context.Canceled) })()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/run", pr)
	if err != nil {
		return end{}, err
	}
	group.Go(func() {
		if writeJSON(pw, 0, j) != nil || !j.Stdin && !j.TTY {
			_ = pw.Close()
		}
	})
	resp, err := l.client.RoundTrip(req)
	if err != nil {
		return end{}, errors.Join(errNotBegun, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if j.Stdin || j.TTY {
		// Its last Read may outlive the run: whoever gave the reader closes it.
		go func() {
			if s.Stdin != nil {
				_, _ = io.Copy(input{pw}, s.Stdin) // a run that ended reads no more
			}
			_ = pw.Close()
		}()
	}
	if j.resize != nil {
		group.Go(func() {
			for {
				select {
				case size, ok := <-j.resize:
					if !ok || writeJSON(pw, frameResize, size) != nil {
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	e, err := frames(bufio.NewReader(resp.Body), s)
	cancel()
	return e, err
}

// input frames what is typed.
type input struct{ w io.Writer }

func (i input) Write(b []byte) (int, error) {
	if err := writeFrame(i.w, frameInput, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// signal tells process 1 of a container, or an idle container itself.
func (r *Runtime) signal(id, signal string) {
	r.mu.Lock()
	s := r.stays[id]
	if s == nil || r.closed {
		r.mu.Unlock()
		return
	}
	r.group.Add(1)
	r.mu.Unlock()
	go func() {
		defer r.group.Done()
		<-s.home.begun
		if s.home.err != nil {
			return
		}
		s.home.link.post("/signal?"+url.Values{"container": {id}, "signal": {signal}}.Encode(), nil)
	}()
}

// post tells the child something that needs no answer. A child that stands still hears of it later; one that has ended, never.
func (l *link) post(path string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(l.ctx, http.MethodPost, base+path, strings.NewReader(string(b)))
	if err != nil {
		return
	}
	if resp, err := l.client.RoundTrip(req); err == nil {
		_ = resp.Body.Close()
	}
}

// serve answers the child's calls until it ends.
func (l *link) serve() {
	req, err := http.NewRequestWithContext(l.runtime.ctx, http.MethodGet, base+"/calls", nil)
	if err != nil {
		return
	}
	resp, err := l.client.RoundTrip(req)
	if err != nil {
		return
	}
	close(l.up)
	defer func() { _ = resp.Body.Close() }()
	var group sync.WaitGroup
	defer group.Wait()
	in := bufio.NewReader(resp.Body)
	for {
		var c call
		if _, b, err := readFrame(in); err != nil || json.Unmarshal(b, &c) != nil {
			return
		}
		l.answer(c, &group)
	}
}

// speaksFor says whether a call may be about a container: a child of one container's own names no other.
func (l *link) speaksFor(container string) bool {
	return !l.own || container == "" || container == l.of
}

func (l *link) answer(c call, group *sync.WaitGroup) {
	r := l.runtime
	reply := func(a answer) {
		group.Go(func() { l.post("/answers/"+strconv.FormatUint(c.ID, 10), a) })
	}
	if !l.speaksFor(c.Container) {
		reply(answer{Error: errNoNetwork.Error()})
		return
	}
	switch c.Do {
	case "now":
		reply(answer{Nanos: r.cfg.Clock.Now().UnixNano()})
	case "sleep":
		l.mu.Lock()
		if l.timers == nil { // the child has ended
			l.mu.Unlock()
			return
		}
		r.awake.rest(c.Run)
		l.timers[c.ID] = clock.AfterPause(r.cfg.Clock, time.Duration(c.Nanos), func() {
			r.awake.wake(c.Run)
			l.mu.Lock()
			delete(l.timers, c.ID)
			l.mu.Unlock()
			l.post("/answers/"+strconv.FormatUint(c.ID, 10), answer{})
		})
		l.mu.Unlock()
	case "cancel":
		l.mu.Lock()
		if t := l.timers[c.ID]; t != nil {
			t.Stop()
			delete(l.timers, c.ID)
		}
		l.mu.Unlock()
	case "signal":
		r.deliver(c.Container, c.Signal)
		reply(answer{})
	case "dial":
		group.Go(func() { l.dial(c) })
	case "listen":
		r.awake.rest(c.Run)
		reply(l.listen(c))
	case "unlisten":
		l.unlisten(c.ID)
	case "resolve", "lookup":
		group.Go(func() { l.post("/answers/"+strconv.FormatUint(c.ID, 10), l.resolve(r.ctx, c)) })
	case "spawn":
		var a answer
		if err := r.spawn(c.Container, c.Argv); err != nil {
			a.Error = err.Error()
		}
		reply(a)
	case "kubectl":
		group.Go(func() { l.kubectl(c) })
	case "vault":
		group.Go(func() { l.vault(c) })
	}
}

func (l *link) stopTimers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.timers {
		t.Stop()
	}
	l.timers = nil
}

// dialLimit bounds the wait for a connection; wall time.
const dialLimit = 10 * time.Second
