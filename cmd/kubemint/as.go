package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// asVerb runs a command as somebody: with a kubeconfig that holds that one
// credential.
func (p *program) asVerb() *cobra.Command {
	var namespace string
	cmd := p.verb("as WHO -- COMMAND...", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 && args[1] == "--" {
			args = slices.Delete(args, 1, 2)
		}
		if len(args) < 2 {
			return wrongArguments(cmd)
		}
		access, err := p.become(cmd.Context(), args[0], namespace)
		if err != nil {
			return err
		}
		return p.runAs(cmd.Context(), access, args[1:])
	}
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "", p.flagText("namespace"))
	cmd.Flags().SetInterspersed(false) // flags behind WHO are the command's
	return cmd
}

// become obtains the way in of somebody, named as in `as`.
func (p *program) become(ctx context.Context, name, namespace string) (kubeconfig.Access, error) {
	who, err := remote.ParseWho(name)
	if err != nil {
		return kubeconfig.Access{}, err
	}
	if who.Namespace == "" {
		who.Namespace = namespace
	}
	admin, err := p.connect()
	if err != nil {
		return kubeconfig.Access{}, err
	}
	defer admin.Close()
	return admin.Become(ctx, who)
}

// runAs gives the command a directory that lives as long as it runs: the
// kubeconfig, and a kubectl first in PATH.
func (p *program) runAs(ctx context.Context, access kubeconfig.Access, command []string) error {
	dir, err := os.MkdirTemp("", "kubemint-as-") // mode 0700
	if err != nil {
		return say.Failure("as.directory", say.Params{"why": err.Error()}, err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "kubeconfig")
	if err := access.Write(file); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return say.Failure("as.directory", say.Params{"why": err.Error()}, err)
	}
	// Where links are not to be had, only "kubectl" in the middle of a script is
	// not found; the command itself is replaced below.
	link := filepath.Join(dir, "kubectl")
	linked := os.Symlink(self, link) == nil

	program, args := command[0], command[1:]
	switch program {
	case "kubemint":
		program = self
	case "kubectl":
		program, args = self, append([]string{"kubectl"}, args...)
	}
	data, err := p.dataDir()
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, program, args...)
	child.Stdin, child.Stdout, child.Stderr = p.in, p.out, p.err
	child.Env = withVariables(os.Environ(), map[string]string{
		"KUBECONFIG":        file,
		"KUBEMINT_DATA_DIR": data,
	})
	if linked {
		child.Env = withVariables(child.Env, map[string]string{"PATH": dir + string(os.PathListSeparator) + p.env("PATH")})
	}
	return childResult(child.Run(), command[0])
}

// childResult turns the end of a child into ours: its code, or a sentence if it
// could not be run.
func childResult(err error, name string) error {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ended):
		return exit(max(ended.ExitCode(), 1))
	}
	return say.Failure("as.command", say.Params{"command": name, "why": err.Error()}, err)
}

// withVariables sets variables in an environment.
func withVariables(environment []string, variables map[string]string) []string {
	var out []string
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		if _, set := variables[name]; !set {
			out = append(out, entry)
		}
	}
	for name, value := range variables {
		out = append(out, name+"="+value)
	}
	return out
}
