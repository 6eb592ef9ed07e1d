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
	out, errs := tee{c: h.console, end: h.over}, tee{c: h.console, stderr: true, end: h.over}
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

// bare says whether a container's image has neither a shell nor tools, and so not this program, unless a volume does.
func bare(spec *container.Spec, program string) bool {
	if !image.Bare(spec.Image) || mounted(spec, program) {
		return false
	}
	known, _ := image.Find(spec.Image)
	return len(known.Entrypoint) == 0 || program != known.Entrypoint[0]
}

// lacks says whether an image that is a shell and its tools, and nothing else, lacks a program, or one without them has none of it.
func lacks(spec *container.Spec, known image.Image) bool {
	if len(spec.Command) == 0 {
		return false
	}
	base := tools.Base(spec.Command[0])
	tool := tools.IsShell(base) || tools.Lookup(base) != nil
	if image.Bare(spec.Image) {
		return tool && bare(spec, spec.Command[0]) // the image's own program may have any other name
	}
	if known.Does != image.Shell && known.Does != image.Runs || container.Plays(spec.Command, nil) {
		return false
	}
	return !tool && !mounted(spec, spec.Command[0])
}

// execFailed says why a program is not run in a container that runs, in the words of a container runtime.
func execFailed(program, why string) string {
	return fmt.Sprintf("OCI runtime exec failed: exec failed: unable to start container process: exec: %q: %s: unknown", program, why)
}

// absent is execFailed for a program that the image does not have.
func absent(program string) string { return execFailed(program, notThere(program)) }

func notThere(program string) string {
	switch {
	case strings.HasPrefix(program, "/"):
		return "stat " + program + ": no such file or directory"
	case strings.Contains(program, "/"):
		return "no such file or directory"
	}
	return "executable file not found in $PATH"
}

// refuse is a container whose program does not exist: it has ended before it began.
func (r *Runtime) refuse(spec container.Spec) container.Handle {
	why := notThere(spec.Command[0])
	now := r.cfg.Clock.Now()
	h := &handle{runtime: r, spec: spec, id: container.NewID(), started: now, over: make(chan struct{}), console: newConsole(&container.Spec{})}
	h.exit = &container.Exit{Code: codeNotStarted, Reason: container.StartError, At: now, Message: fmt.Sprintf(
		"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: %q: %s: unknown", spec.Command[0], why)}
	close(h.over)
	return h
}

// codeNotStarted is the exit code of a container whose program could not be started.
const codeNotStarted = 128
