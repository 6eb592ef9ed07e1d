package program

import (
	"context"
	"fmt"
	"io"
	"net"
	"path"
	"strings"
	"sync"
	"time"

	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// Config is what a program is given.
type Config struct {
	Spec  container.Spec
	Argv  []string
	Image image.Image // zero: not known
	Clock utilclock.WithDelayedExecution
	Files rootfs.Config // of the container
	Out   io.Writer     // what it prints
	Err   io.Writer
	// Idle is what a container does that waits until it is told to stop: its Handle keeps the identity, the start
	// and the end of the run.
	Idle container.Handle
}

// begin is how a program starts. It does not block.
type begin func(p *process)

// programs are the known ones, by the last element of their command.
func programs() map[string]begin {
	return map[string]begin{
		"nginx": webServer("nginx"), "httpd-foreground": webServer("httpd"), "caddy": webServer("caddy"),
		"http-echo": textServer, "hello-app": helloServer, "whoami": mirror, "echo-server": mirror,
		"redis-server": store, "memcached": store, "mongod": store, "rabbitmq-server": store,
		"mysqld": store, "mariadbd": store, "postgres": store, "registry": registry,
		"prometheus": scrape, "jenkins.sh": deploy, "agnhost": agnhost, "pause": func(*process) {},
	}
}

// Knows says whether a command is one of the programs.
func Knows(argv []string) bool {
	return len(argv) > 0 && programs()[path.Base(argv[0])] != nil
}

// Start begins a program that Knows knows. It ends when its Idle does.
func Start(c Config) container.Handle {
	p := &process{Handle: c.Idle, cfg: c}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	programs()[path.Base(c.Argv[0])](p)
	return p
}

// process is a program that runs.
type process struct {
	container.Handle
	cfg    Config
	ctx    context.Context // ends with it
	cancel context.CancelFunc

	mu    sync.Mutex
	over  bool
	stops []func()
	timer utilclock.Timer
	code  *int32 // it ended by itself
}

var _ container.Networked = (*process)(nil)

// Networked is true: what listens is known.
func (p *process) Networked() bool { return true }

// Exit tells how it ended, by itself or with its Idle.
func (p *process) Exit() (container.Exit, bool) {
	e, over := p.Handle.Exit()
	p.mu.Lock()
	defer p.mu.Unlock()
	if over && p.code != nil {
		e.Code, e.Reason = *p.code, ""
	}
	return e, over
}

// Ended lets go of what the program holds. Whoever gave Idle calls it when that has ended.
func Ended(h container.Handle) {
	p, ok := h.(*process)
	if !ok {
		return
	}
	p.mu.Lock()
	stops, timer := p.stops, p.timer
	p.over, p.stops, p.timer = true, nil, nil
	p.mu.Unlock()
	p.cancel()
	if timer != nil {
		timer.Stop()
	}
	for _, stop := range stops {
		stop()
	}
}

// fail ends the program with an exit code.
func (p *process) fail(code int32, format string, args ...any) {
	p.complain(format, args...)
	p.mu.Lock()
	p.code = &code
	p.mu.Unlock()
	p.Stop()
}

// resumed says whether it went on running while the node was away: then it has nothing to say for itself.
func (p *process) resumed() bool { return p.cfg.Spec.Resumed.ID != "" }

func (p *process) print(format string, args ...any) {
	fmt.Fprintf(p.cfg.Out, format+"\n", args...) // a full disk must not keep a simulated program from living
}

func (p *process) complain(format string, args ...any) { fmt.Fprintf(p.cfg.Err, format+"\n", args...) }

func (p *process) now() time.Time { return p.cfg.Clock.Now().UTC() }

func (p *process) getenv(name string) string {
	for _, v := range p.cfg.Spec.Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// option is the value of -name=VALUE, --name=VALUE or --name VALUE among the arguments.
func (p *process) option(name string) (string, bool) {
	for i, a := range p.cfg.Argv[1:] {
		word := strings.TrimLeft(a, "-")
		if word == a {
			continue
		}
		if key, value, given := strings.Cut(word, "="); key == name {
			if !given && i+2 < len(p.cfg.Argv) {
				value = p.cfg.Argv[i+2]
			}
			return value, true
		}
	}
	return "", false
}

// listen has connections to a port served, and ends the program if somebody else listens there.
func (p *process) listen(port uint16, serve func(net.Conn)) bool {
	end := p.cfg.Spec.Network
	if end == nil {
		return true // a container without a network has nobody to talk to
	}
	stop, err := end.Listen(port, serve)
	if err != nil {
		p.fail(1, "bind() to 0.0.0.0:%d failed (98: Address already in use)", port)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		stop()
	} else {
		p.stops = append(p.stops, stop)
	}
	return true
}

// every calls f each time that so much of the cluster's time has passed, after first.
func (p *process) every(first, period time.Duration, f func(context.Context)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.timer = p.cfg.Clock.AfterFunc(first, func() {
		ctx, cancel := context.WithTimeout(p.ctx, workLimit)
		f(ctx)
		cancel()
		p.every(period, period, f)
	})
}

// workLimit bounds what a program does at an interval; wall time.
const workLimit = 10 * time.Second

// read is a file of the container.
func (p *process) read(name string) ([]byte, error) {
	f, err := rootfs.Open(p.cfg.Files)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return f.ReadFile(name, maxFile)
}

const maxFile = 4 << 20 // bytes
