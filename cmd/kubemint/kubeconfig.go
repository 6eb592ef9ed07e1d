package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// kubeconfigVerb hands the cluster's kubeconfig to other clients.
func (p *program) kubeconfigVerb() *cobra.Command {
	return p.group("kubeconfig", p.kubeconfigPrint(), p.kubeconfigCreate(), p.kubeconfigMerge(), p.kubeconfigRemove())
}

func (p *program) kubeconfigPrint() *cobra.Command {
	cmd := p.subverb("help.kubeconfig.", "print", nil)
	cmd.RunE = func(*cobra.Command, []string) error {
		client, err := p.connect()
		if err != nil {
			return err
		}
		content, err := client.Access().Bytes()
		if err != nil {
			return err
		}
		_, err = p.out.Write(content)
		return err
	}
	return cmd
}

func (p *program) kubeconfigMerge() *cobra.Command {
	var into string
	var current bool
	cmd := p.subverb("help.kubeconfig.", "merge", nil)
	cmd.RunE = func(*cobra.Command, []string) error {
		client, err := p.connect()
		if err != nil {
			return err
		}
		target, err := p.usersKubeconfig(into)
		if err != nil {
			return err
		}
		access := client.Access()
		err = kubeconfig.Merge(target, access, current)
		if errors.Is(err, kubeconfig.ErrForeign) {
			return say.Failure("kubeconfig.foreign", say.Params{"path": target, "name": access.Name}, err)
		}
		if err != nil {
			return err
		}
		code := "kubeconfig.merged"
		if current {
			code = "kubeconfig.switched"
		}
		p.say(code, say.Params{"path": target, "name": access.Name})
		return nil
	}
	cmd.Flags().StringVar(&into, "into", "", p.flagText("into"))
	cmd.Flags().BoolVar(&current, "switch", false, p.flagText("switch"))
	return cmd
}

func (p *program) kubeconfigRemove() *cobra.Command {
	var from string
	cmd := p.subverb("help.kubeconfig.", "remove", nil)
	cmd.RunE = func(*cobra.Command, []string) error {
		target, err := p.usersKubeconfig(from)
		if err != nil {
			return err
		}
		removed, err := kubeconfig.Remove(target)
		if err != nil {
			return err
		}
		if len(removed) == 0 {
			p.say("kubeconfig.nothing", say.Params{"path": target})
			return nil
		}
		p.say("kubeconfig.removed", say.Params{"path": target, "names": removed})
		return nil
	}
	cmd.Flags().StringVar(&from, "from", "", p.flagText("from"))
	return cmd
}

// usersKubeconfig is the file an ordinary kubectl reads: the flag's, the first
// of KUBECONFIG, or the one in the home directory.
func (p *program) usersKubeconfig(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	if list := filepath.SplitList(p.env("KUBECONFIG")); len(list) > 0 {
		return list[0], nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", say.Failure("datadir.unknown", nil, err)
	}
	return filepath.Join(home, ".kube", "config"), nil
}
