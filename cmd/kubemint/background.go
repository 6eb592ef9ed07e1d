package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/kubemint/kubemint/internal/pidfile"
	"github.com/kubemint/kubemint/internal/process"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// upBehind starts the same `up` again in a process of its own and waits until it
// is ready. What it prints goes into a file of the data directory.
func (p *program) upBehind(ctx context.Context) error {
	dir, err := p.dataDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	logPath := filepath.Join(dir, "kubemint.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	before := info.Size()
	self, err := os.Executable()
	if err != nil {
		return say.Failure("as.command", say.Params{"command": "kubemint", "why": err.Error()}, err)
	}
	child := exec.Command(self, slices.DeleteFunc(slices.Clone(p.args), func(arg string) bool { //nolint:noctx // it outlives this process
		return arg == "-d" || arg == "--detach" || arg == "--detach=true"
	})...)
	child.Stdout, child.Stderr = log, log
	process.Detach(child)
	if err := child.Start(); err != nil {
		return say.Failure("as.command", say.Params{"command": self, "why": err.Error()}, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			fmt.Fprint(p.err, string(written(logPath, before)))
			return exit(1)
		case <-time.After(20 * time.Millisecond): // wall time: another process is starting
		}
		text := written(logPath, before)
		if bytes.HasPrefix(text, []byte("ready\n")) || bytes.Contains(text, []byte("\nready\n")) {
			fmt.Fprint(p.out, string(text))
			p.say("up.behind", say.Params{"pid": child.Process.Pid, "log": logPath})
			return nil
		}
	}
}

// written is what a file got since an offset.
func written(path string, offset int64) []byte {
	content, err := os.ReadFile(path)
	if err != nil || int64(len(content)) < offset {
		return nil
	}
	return content[offset:]
}

// downVerb stops the cluster of the data directory, wherever it was started.
func (p *program) downVerb() *cobra.Command {
	cmd := p.verb("down", nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		dir, err := p.dataDir()
		if err != nil {
			return err
		}
		pid, held, err := pidfile.Owner(pidPath(dir))
		switch {
		case err != nil:
			return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
		case !held:
			p.say("down.not-running", say.Params{"dir": dir})
			return nil
		}
		found, err := os.FindProcess(pid)
		if err == nil {
			err = process.Stop(found)
		}
		if err != nil {
			return say.Failure("down.failed", say.Params{"pid": pid, "why": err.Error()}, err)
		}
		return p.awaitEnd(cmd.Context(), dir, pid)
	}
	return cmd
}

func (p *program) awaitEnd(ctx context.Context, dir string, pid int) error {
	deadline := time.Now().Add(30 * time.Second) // wall time: another process is ending
	for time.Now().Before(deadline) {
		if _, held, err := pidfile.Owner(pidPath(dir)); err == nil && !held {
			p.say("down.done", nil)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return say.Failure("down.slow", say.Params{"pid": pid}, nil)
}

// status is what `status -o json` prints.
type status struct {
	Running    bool   `json:"running"`
	PID        int    `json:"pid,omitempty"`
	Server     string `json:"server,omitempty"`
	Kubeconfig string `json:"kubeconfig,omitempty"`
	DataDir    string `json:"dataDir"`
	Ready      bool   `json:"ready"`
	Now        string `json:"now,omitempty"`
}

// statusVerb tells whether the cluster of the data directory runs. Its exit code
// is 0 only if it is ready.
func (p *program) statusVerb() *cobra.Command {
	cmd := p.verb("status", nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		dir, err := p.dataDir()
		if err != nil {
			return err
		}
		s := status{DataDir: dir}
		s.PID, s.Running, err = pidfile.Owner(pidPath(dir))
		if err != nil {
			return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
		}
		if s.Running {
			p.askStatus(cmd.Context(), &s)
		}
		return p.printStatus(s)
	}
	p.addOutput(cmd)
	return cmd
}

// askStatus asks the running cluster itself. If it does not answer, what is
// known stays as it is: running, not ready.
func (p *program) askStatus(ctx context.Context, s *status) {
	path, err := p.kubeconfigPath()
	if err != nil {
		return
	}
	client, err := remote.Open(path)
	if err != nil {
		return
	}
	defer client.Close()
	s.Server, s.Kubeconfig = client.Access().Server, path
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if answer, err := client.Call(ctx, "GET", "/readyz", nil); err == nil {
		s.Ready = answer.Status == 200
	}
	if clock, err := client.Clock(ctx); err == nil {
		s.Now = clock.Now.UTC().Format("2006-01-02 15:04:05")
	}
}

func (p *program) printStatus(s status) error {
	var code exit
	if !s.Ready {
		code = 1
	}
	switch {
	case p.output == "json":
		if err := p.printJSON(s); err != nil {
			return err
		}
	case s.Ready:
		p.say("status.ready", say.Params{"server": s.Server, "kubeconfig": s.Kubeconfig, "pid": s.PID, "now": s.Now})
	case s.Running:
		p.say("status.starting", say.Params{"pid": s.PID, "dir": s.DataDir})
	default:
		p.say("status.stopped", say.Params{"dir": s.DataDir})
	}
	if code != 0 {
		return code
	}
	return nil
}
