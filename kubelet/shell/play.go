package shell

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/program"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// rest has a container wait until it is told to stop, or play what Simulated plays.
func (r *Runtime) rest(ctx context.Context, spec container.Spec) (*resting, error) {
	h := &resting{runtime: r, spec: trimmed(spec), over: make(chan struct{})}
	exited := spec.Exited
	spec.Exited = func() {
		close(h.over)
		program.Ended(h.Handle)
		if exited != nil {
			exited()
		}
	}
	var err error
	h.Handle, err = r.idle.Start(ctx, spec)
	return h, err
}

// play starts a program of the node in a container.
func (r *Runtime) play(ctx context.Context, spec container.Spec, known image.Image) (container.Handle, error) {
	j, err := r.job(&spec, "")
	if err != nil {
		return nil, err
	}
	waits := spec
	waits.Command, waits.Args, waits.Init = nil, nil, false
	h, err := r.rest(ctx, waits)
	if err != nil {
		return nil, err
	}
	h.spec.Command = spec.Command
	h.console = newConsole(&container.Spec{})
	out, errs := tee{c: h.console}, tee{c: h.console, stderr: true}
	if spec.Output != nil {
		out.log, errs.log = spec.Output.Stdout(), spec.Output.Stderr()
	}
	h.Handle = program.Start(program.Config{
		Spec: spec, Argv: spec.Command, Image: known, Clock: r.cfg.Clock, Files: j.Tree, Out: out, Err: errs, Idle: h.Handle,
	})
	if _, over := h.Handle.Exit(); over { // it failed before anybody knew it
		program.Ended(h.Handle)
	}
	return h, nil
}

// mounted says whether a path is that of a file in a volume.
func mounted(spec *container.Spec, name string) bool {
	for _, m := range spec.Mounts {
		if strings.HasPrefix(path.Clean(name), strings.TrimSuffix(m.Path, "/")+"/") {
			return true
		}
	}
	return false
}

// lacks says whether an image that is a shell and its tools, and nothing else, lacks a program.
func lacks(spec *container.Spec, known image.Image) bool {
	if known.Does != image.Shell && known.Does != image.Runs || len(spec.Command) == 0 || container.Plays(spec.Command, nil) {
		return false
	}
	base := tools.Base(spec.Command[0])
	return !tools.IsShell(base) && tools.Lookup(base) == nil && !mounted(spec, spec.Command[0])
}

// refuse is a container whose program does not exist: it has ended before it began.
func (r *Runtime) refuse(spec container.Spec) container.Handle {
	why := "executable file not found in $PATH"
	if strings.Contains(spec.Command[0], "/") {
		why = "no such file or directory"
		if strings.HasPrefix(spec.Command[0], "/") {
			why = "stat " + spec.Command[0] + ": " + why
		}
	}
	now := r.cfg.Clock.Now()
	h := &handle{runtime: r, spec: spec, id: container.NewID(), started: now, over: make(chan struct{}), console: newConsole(&container.Spec{})}
	h.exit = &container.Exit{Code: codeNotStarted, Reason: container.StartError, At: now, Message: fmt.Sprintf(
		"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: %q: %s: unknown", spec.Command[0], why)}
	close(h.over)
	return h
}

// codeNotStarted is the exit code of a container whose program could not be started.
const codeNotStarted = 128
