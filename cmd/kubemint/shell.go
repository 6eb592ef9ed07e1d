package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
)

// subshell opens a shell whose kubectl is the bundled one, whose kubeconfig is
// this cluster's and whose prompt shows the cluster's time. It returns when the
// shell ends.
func (p *program) subshell(ctx context.Context, dataDir string) error {
	dir, err := os.MkdirTemp("", "kubemint-shell-")
	if err != nil {
		return say.Failure("as.directory", say.Params{"why": err.Error()}, err)
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return say.Failure("as.directory", say.Params{"why": err.Error()}, err)
	}
	for _, name := range []string{"kubectl", "kubemint"} {
		// Without links (Windows without rights) both are to be called by path.
		_ = os.Symlink(self, filepath.Join(dir, name))
	}
	name, args, err := p.shellProgram(dir)
	if err != nil {
		return err
	}
	shell := exec.CommandContext(ctx, name, args...)
	shell.Stdin, shell.Stdout, shell.Stderr = p.in, p.out, p.err
	shell.Env = withVariables(os.Environ(), map[string]string{
		"KUBECONFIG":        filepath.Join(dataDir, "admin.kubeconfig"),
		"KUBEMINT_DATA_DIR": dataDir,
		"PATH":              dir + string(os.PathListSeparator) + p.env("PATH"),
	})
	p.say("shell.hello", nil)
	// How the last command in the shell ended is no failure of ours.
	var ended *exec.ExitError
	if err := shell.Run(); err != nil && !errors.As(err, &ended) {
		return say.Failure("as.command", say.Params{"command": name, "why": err.Error()}, err)
	}
	return nil
}

// shellProgram is the person's shell, with the cluster's time in its prompt
// where it can be had without touching the person's own files.
func (p *program) shellProgram(dir string) (name string, args []string, err error) {
	name = p.env("SHELL")
	if name == "" {
		name = "/bin/sh"
		if runtime.GOOS == "windows" {
			name = "cmd.exe"
		}
	}
	if !strings.HasPrefix(filepath.Base(name), "bash") {
		return name, nil, nil
	}
	file := filepath.Join(dir, "bashrc")
	content := "[ -f ~/.bashrc ] && . ~/.bashrc\n" +
		"PATH='" + dir + "':$PATH\n" +
		"PS1='(kubemint $(kubemint clock show --short)) \\$ '\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		return "", nil, say.Failure("as.directory", say.Params{"why": err.Error()}, err)
	}
	return name, []string{"--rcfile", file, "-i"}, nil
}
