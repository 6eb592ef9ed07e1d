package shell

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	command *exec.Cmd
	client  *http.ClientConn
	conn    *stdio
	dead    chan struct{} // closed when the process has ended

	mu        sync.Mutex
	timers    map[uint64]utilclock.Timer
	listeners map[uint64]func() // what ends each
}

// running returns the child, started if there is none or the last one died.
func (r *Runtime) running() (*link, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	if r.child != nil {
		select {
		case <-r.child.dead:
		default:
			return r.child, nil
		}
	}
	if r.child == nil { // what a program left behind that was killed
		if err := os.RemoveAll(r.kubectlDir()); err != nil {
			return nil, err
		}
	}
	l, err := r.launch()
	if err != nil {
		return nil, fmt.Errorf("start the node's shell: %w", err)
	}
	r.child = l
	return l, nil
}

// launch starts this program again. r.mu is held.
func (r *Runtime) launch() (*link, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(self)
	// Nothing of our own environment: the marker, and what bounds the child before it runs our code.
	command.Env = []string{marker + "=" + r.cfg.Dir, "GOMAXPROCS=1"}
	command.Dir = r.cfg.Dir
	alone(command)
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said := &lastWords{}
	command.Stderr = said
	if err := command.Start(); err != nil {
		return nil, err
	}
	l := &link{runtime: r, command: command, dead: make(chan struct{}), timers: map[uint64]utilclock.Timer{}, listeners: map[uint64]func(){}}
	l.conn = newStdio(out, in, func() error { return errors.Join(in.Close(), out.Close()) })
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{
		Protocols: protocols, DisableCompression: true,
		HTTP2:       &http.HTTP2Config{MaxReceiveBufferPerStream: 256 << 10},
		DialContext: func(context.Context, string, string) (net.Conn, error) { return l.conn, nil },
	}
	if l.client, err = transport.NewClientConn(r.ctx, "http", "shell:80"); err != nil {
		_ = command.Process.Kill()
		return nil, errors.Join(err, command.Wait())
	}
	r.group.Go(func() {
		defer close(l.dead)
		err := command.Wait() // it reads the pipes' ends as well: only when the child has closed them
		_ = l.conn.Close()
		l.stopTimers()
		l.stopListening()
		if r.ctx.Err() == nil {
			r.cfg.Log.Warn("the node's shell has ended, and with it all that ran in it", "err", err, "said", said.String())
		}
	})
	r.group.Go(func() { l.serve() })
	return l, nil
}

// kill ends the child at once.
func (l *link) kill() {
	_ = l.command.Process.Kill() // or it has ended already
	<-l.dead
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
var errNotBegun = errors.New("the node's shell did not answer")

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
	l := r.child
	r.mu.Unlock()
	if l == nil {
		return
	}
	r.group.Go(func() {
		l.post(r.ctx, "/signal?"+url.Values{"container": {id}, "signal": {signal}}.Encode(), nil)
	})
}

// post tells the child something that needs no answer.
func (l *link) post(ctx context.Context, path string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(string(b)))
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
	defer func() { _ = resp.Body.Close() }()
	var group sync.WaitGroup
	defer group.Wait()
	dec := json.NewDecoder(resp.Body)
	for {
		var c call
		if dec.Decode(&c) != nil {
			return
		}
		l.answer(c, &group)
	}
}

func (l *link) answer(c call, group *sync.WaitGroup) {
	r := l.runtime
	reply := func(a answer) {
		group.Go(func() { l.post(r.ctx, "/answers/"+strconv.FormatUint(c.ID, 10), a) })
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
			l.post(r.ctx, "/answers/"+strconv.FormatUint(c.ID, 10), answer{})
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
		group.Go(func() { l.post(r.ctx, "/answers/"+strconv.FormatUint(c.ID, 10), l.resolve(r.ctx, c)) })
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
