package shell

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/shell/podctl"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// Bounds of the kubectls of a node's containers; wall time.
const (
	maxKubectls = 8
	kubectlWait = 30 * time.Second
)

// Kubectl asks the parent for a run of kubectl.
func (p *process) Kubectl(ctx context.Context, k tools.Kubectl, out, errs io.Writer) (int, error) {
	t, err := p.server.channel(ctx, call{Do: "kubectl"})
	if err != nil {
		return 0, err
	}
	defer func() { _ = t.Close() }()
	defer context.AfterFunc(ctx, func() { _ = t.Close() })()
	go func() { // it ends with the tunnel
		in := k.Input
		k.Input = nil
		err := writeJSON(t, 0, k)
		for len(in) > 0 && err == nil {
			n := min(len(in), 32<<10)
			err = writeFrame(t, frameInput, in[:n])
			in = in[n:]
		}
		if err == nil {
			_ = writeFrame(t, frameInput, nil) // the end of it
		}
	}()
	e, err := frames(bufio.NewReader(t), container.Streams{Stdout: out, Stderr: errs})
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, err
	case e.Failed != "":
		return 0, errors.New(e.Failed)
	}
	return int(e.Code), nil
}

// kubectl runs kubectl for a container, until it ends or the container's side closes the connection.
func (l *link) kubectl(c call) {
	ctx, cancel := context.WithCancel(l.runtime.ctx)
	defer cancel()
	l.channel(ctx, c, func(in io.Reader, write io.Writer) {
		out := &answering{w: write, flush: func() error { return nil }}
		e, err := l.runtime.kubectl(ctx, cancel, bufio.NewReader(in), out)
		if err != nil {
			e = end{Code: 1, Failed: err.Error()}
		}
		out.end(e)
	})
}

// kubectlDir holds a directory for each kubectl that runs.
func (r *Runtime) kubectlDir() string { return filepath.Join(r.cfg.Dir, "kubectl") }

func (r *Runtime) kubectl(ctx context.Context, cancel func(), in *bufio.Reader, out *answering) (end, error) {
	_, b, err := readFrame(in)
	if err != nil {
		return end{}, err
	}
	var asked tools.Kubectl
	if err := json.Unmarshal(b, &asked); err != nil {
		return end{}, err
	}
	// The container's side has done this as well. It is not to be trusted.
	allowed, err := podctl.Parse(asked.Args)
	if err != nil {
		return end{}, err
	}
	for _, f := range allowed.Files {
		if f != "-" {
			return end{}, errors.New("files are for the container's side to read")
		}
	}
	if r.cfg.Kubectl == nil {
		return end{}, errors.New("this cluster runs in a program that has no kubectl in it")
	}
	wait := time.NewTimer(kubectlWait)
	defer wait.Stop()
	select {
	case r.kubectls <- struct{}{}:
		defer func() { <-r.kubectls }()
	case <-wait.C:
		return end{}, errors.New("fork: Resource temporarily unavailable")
	case <-ctx.Done():
		return end{}, ctx.Err()
	}
	base := r.kubectlDir()
	if err := os.MkdirAll(base, 0o700); err != nil {
		return end{}, err
	}
	dir, err := os.MkdirTemp(base, "run-")
	if err != nil {
		return end{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	access := kubeconfig.Access{Server: asked.Server, CA: asked.CA, Token: asked.Token, Namespace: asked.Namespace, User: "container"}
	command, err := r.cfg.Kubectl(ctx, dir, access, allowed.Words)
	if err != nil {
		return end{}, err
	}
	command.Stdout, command.Stderr = out.stream(frameStdout), out.stream(frameStderr)
	// There is no WaitDelay: it would cut short what a busy container has not read a second after kubectl
	// has ended. The pipe that this is written to ends with ctx.
	alone(command)
	stdin, err := command.StdinPipe()
	if err != nil {
		return end{}, err
	}
	if err := command.Start(); err != nil {
		return end{}, fmt.Errorf("start kubectl: %w", err)
	}
	go func() { // it ends with the channel
		defer cancel() // the container's side has gone
		for {
			kind, b, err := readFrame(in)
			switch {
			case err != nil:
				return
			case kind == frameInput && len(b) == 0:
				_ = stdin.Close()
			case kind == frameInput:
				_, _ = stdin.Write(b) // kubectl reads as far as it likes
			}
		}
	}()
	err = command.Wait()
	var status *exec.ExitError
	switch {
	case err == nil:
		return end{}, nil
	case errors.As(err, &status) && status.ExitCode() >= 0:
		return end{Code: int32(status.ExitCode())}, nil
	}
	return end{Code: codeKilled}, nil
}
