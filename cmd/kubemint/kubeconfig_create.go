package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// kubeconfigCreate writes a kubeconfig for a program outside the cluster that is
// to be a ServiceAccount: with a token in it that ends, or with a command that
// fetches a new one each time.
func (p *program) kubeconfigCreate() *cobra.Command {
	var account, file string
	var life time.Duration
	var exec bool
	cmd := p.subverb("help.kubeconfig.", "create", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 0 {
			return wrongArguments(cmd)
		}
		namespace, name, err := accountFlag(account)
		if err != nil {
			return err
		}
		if file == "" {
			file = name + ".kubeconfig"
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		// Asked for also if a command will ask again: what cannot work is said now.
		got, err := tokenRequest{namespace, name, nil, life}.request(cmd, client)
		if err != nil {
			return err
		}
		access := p.bareAccess(client.Access())
		access.User, access.Namespace = "system:serviceaccount:"+namespace+":"+name, namespace
		if exec {
			if access.Exec, err = p.execCommand(account, life); err != nil {
				return err
			}
		} else {
			access.Token = got.Token
		}
		if err := p.writeAccess(access, file); err != nil || file == "-" {
			return err
		}
		clock, err := client.Clock(cmd.Context())
		if err != nil {
			return err
		}
		params := say.Params{"path": file, "user": access.User, "when": p.when(got.Ends, clock.Now)}
		if exec {
			p.sayWrapped("kubeconfig.created.exec", params)
		} else {
			p.sayWrapped("kubeconfig.created", params)
		}
		return nil
	}
	flags := cmd.Flags()
	flags.StringVar(&account, "serviceaccount", "", p.flagText("serviceaccount"))
	flags.DurationVar(&life, "duration", time.Hour, p.flagText("duration"))
	flags.BoolVar(&exec, "exec", false, p.flagText("exec"))
	flags.StringVar(&file, "file", "", p.flagText("file"))
	return cmd
}

// bareAccess is the way to the same cluster, as nobody yet.
func (p *program) bareAccess(a kubeconfig.Access) kubeconfig.Access {
	return kubeconfig.Access{Name: a.Name, Server: a.Server, CA: a.CA, DataDir: a.DataDir}
}

// execCommand is this program as an exec credential plugin for the same cluster.
// It is given whole: it will be run from anywhere.
func (p *program) execCommand(account string, life time.Duration) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	path, err := p.kubeconfigPath()
	if err != nil {
		return nil, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return []string{self, "--kubeconfig", path, "token", "exec-credential", "--serviceaccount", account, "--duration", life.String()}, nil
}

// writeAccess writes a kubeconfig for its owner alone, or to standard output for
// "-". A file of somebody else's is never replaced.
func (p *program) writeAccess(a kubeconfig.Access, file string) error {
	if file == "-" {
		content, err := a.Bytes()
		if err != nil {
			return err
		}
		_, err = p.out.Write(content)
		return err
	}
	if ours, err := kubeconfig.Ours(file); !ours && !errors.Is(err, fs.ErrNotExist) {
		return say.Failure("file.foreign", say.Params{"path": file}, err)
	}
	return a.Write(file)
}
