package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/program"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// Config says whose containers to run.
type Config struct {
	Clock utilclock.WithDelayedExecution // the cluster's
	Dir   string                         // the node's directory; the child may open nothing outside of it
	// Service is where containers find the API server, as KUBERNETES_SERVICE_HOST and _PORT say.
	Service netip.AddrPort
	// Kubectl prepares a run of kubectl in dir, which is made for it, and for a container with this
	// access to the API server. Nil: containers have none.
	Kubectl func(ctx context.Context, dir string, access kubeconfig.Access, args []string) (*exec.Cmd, error)
	// Vault answers containers that ask the vault outside of the cluster. Nil: there is none.
	Vault func(context.Context, vault.Request) vault.Answer
	// Children bounds how many containers have a process of their own; the nodes of a cluster share one. Nil: DefaultChildren for this node alone.
	Children *Children
	Log      *slog.Logger // nil: slog.Default()
}

// Runtime runs scripts in child processes and lets everything else idle, like container.Simulated.
type Runtime struct {
	cfg  Config
	idle *container.Simulated

	kubectls chan struct{} // as many as may run at the same time
	vaults   chan struct{} // requests to the vault, likewise
	awake    awake

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	group  sync.WaitGroup // children, and runs in them

	mu     sync.Mutex
	closed bool
	sweep  sync.Once
	stays  map[string]*stay // containers in which something runs, by ID
	common *home            // of those that have none of their own; nil: nobody has needed it
	held   map[string]*held // the networks of those in which something runs, by ID
}

// NewRuntime returns a runtime that has started nothing yet. Whoever makes it closes it.
func NewRuntime(c Config) *Runtime {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if dir, err := filepath.Abs(c.Dir); err == nil {
		c.Dir = dir // the child begins there
	}
	if c.Children == nil {
		c.Children = NewChildren(0)
	}
	r := &Runtime{cfg: c, idle: container.NewSimulated(c.Clock), stays: map[string]*stay{}, held: map[string]*held{}, kubectls: make(chan struct{}, maxKubectls), vaults: make(chan struct{}, maxVaults)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// Close ends all children, and with them whatever runs, and waits for both. Containers do not report that
// they ended: they are left as a node leaves them that is switched off.
func (r *Runtime) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.group.Wait()
	return nil
}

var errClosed = errors.New("the node is shutting down")

// codeUnknown ends a run that was going on when the node was switched off.
const codeUnknown = 255

// Start runs what a container's command and image say: a program of the node, a script in a child, or
// nothing if nobody knows what it would do: then the container idles.
func (r *Runtime) Start(ctx context.Context, spec container.Spec) (container.Handle, error) {
	known, _ := image.Find(spec.Image)
	spec.Command, spec.Args = image.Argv(known, spec.Command, spec.Args), nil
	switch {
	case len(spec.Command) > 0 && !mounted(&spec, spec.Command[0]) && lacks(&spec, known):
		return r.refuse(spec), nil
	case program.Knows(spec.Command) && !mounted(&spec, spec.Command[0]):
		return r.play(ctx, spec, known)
	case !scripted(&spec):
		return r.rest(ctx, spec)
	}
	h := &handle{runtime: r, spec: spec, id: spec.Resumed.ID, started: spec.Resumed.Started, over: make(chan struct{})}
	if h.id != "" {
		// What ran in a process that is no more has ended, as after a reboot.
		h.exit = &container.Exit{Code: codeUnknown, At: r.cfg.Clock.Now(), Reason: "Unknown"}
		close(h.over)
		return h, nil
	}
	h.id, h.started = container.NewID(), r.cfg.Clock.Now()
	j, err := r.job(&spec, h.id)
	if err != nil {
		return nil, err
	}
	j.Main, j.Argv = true, argv(&spec)
	h.console = newConsole(&spec)
	j.Stdin, j.TTY, j.resize = h.console.in != nil, spec.TTY, h.console.sizes
	if spec.TTY {
		j.Env = append(j.Env, "TERM=xterm")
	}
	run, cancel := context.WithCancel(r.ctx)
	h.cancel = cancel
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		cancel()
		return nil, errClosed
	}
	j.Run = r.awake.begin(j.who(), false)
	r.group.Go(func() { h.live(run, j) })
	return h, nil
}

func argv(spec *container.Spec) []string {
	return append(append([]string(nil), spec.Command...), spec.Args...)
}

// scripted says whether the child is to run a container's command: one that it knows, or a file of a
// volume, and none that can be played without it.
func scripted(spec *container.Spec) bool {
	words := argv(spec)
	if len(words) == 0 || !spec.Stdin && !spec.TTY && container.Plays(spec.Command, spec.Args) {
		return false
	}
	name := tools.Base(words[0])
	if tools.IsShell(name) || tools.Lookup(name) != nil {
		return true
	}
	return mounted(spec, words[0])
}

// trimmed is what an exec into an idle container needs of its Spec.
func trimmed(spec container.Spec) container.Spec {
	spec.Output, spec.Exited = nil, nil
	return spec
}

// job describes the container to the child.
func (r *Runtime) job(spec *container.Spec, id string) (*job, error) {
	pod, err := filepath.Abs(filepath.Dir(filepath.Dir(filepath.Dir(spec.Rootfs))))
	if err != nil {
		return nil, err
	}
	below := func(base, dir string) (string, error) {
		full, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		rel, err := filepath.Rel(base, full)
		if err != nil || !filepath.IsLocal(rel) {
			return "", fmt.Errorf("%s is not a directory of the pod", dir)
		}
		return filepath.ToSlash(rel), nil
	}
	root, err := below(pod, spec.Rootfs)
	if err != nil {
		return nil, err
	}
	known, _ := image.Find(spec.Image)
	j := &job{
		Container: id, Dir: cmp.Or(spec.WorkingDir, known.Dir), Namespace: spec.Namespace, Hostname: spec.Hostname, Idle: name(spec),
		Service: r.cfg.Service.Addr().String(), User: userOf(spec), Family: image.FamilyOf(spec.Image), Account: image.RunsAs(spec.Image), Has: append(slices.Clone(known.Has), known.Dir), Capabilities: capabilities(spec.User),
		Tree: treeOf(spec, pod, root),
	}
	if spec.Network != nil {
		j.Address = spec.Network.Pod().IP.String()
	}
	for _, m := range spec.Mounts {
		base, disk := pod, ""
		if m.Disk != "" {
			if disk, err = filepath.Abs(m.Disk); err != nil {
				return nil, err
			}
			base = filepath.Join(disk, filepath.FromSlash(m.Below))
		}
		dir, err := below(base, m.Dir)
		if err != nil {
			return nil, err
		}
		mount := rootfs.Mount{Path: m.Path, Dir: dir, ReadOnly: m.ReadOnly, Disk: disk, Below: m.Below, Memory: m.Memory, Projected: m.Projected, User: m.User, Owned: m.Owned}
		if m.Group != nil {
			mount.Group = *m.Group
		}
		if m.Within != "" {
			if mount.Within, err = below(base, m.Within); err != nil {
				return nil, err
			}
			mount.Dir = strings.TrimPrefix(dir, mount.Within+"/")
		}
		j.Tree.Mounts = append(j.Tree.Mounts, mount)
	}
	j.Env = environment(spec, j.User)
	return j, nil
}

// name is what process 1 of an idle container is called: its command, or the image's last word.
func name(spec *container.Spec) string {
	if words := argv(spec); len(words) > 0 {
		return strings.Join(words, " ")
	}
	base, _, _ := strings.Cut(path.Base(spec.Image), ":")
	base, _, _ = strings.Cut(base, "@")
	return base
}

// deliver brings a signal from inside of an idle container to it.
func (r *Runtime) deliver(id, signal string) {
	r.mu.Lock()
	h := r.held[id]
	r.mu.Unlock()
	if h != nil && h.in.idle != nil && signal != "HUP" {
		h.in.idle.Stop()
	}
}
