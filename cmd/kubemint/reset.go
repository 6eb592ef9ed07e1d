package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// ours are the names that kubemint puts into a data directory.
var ours = []string{
	"admin.kubeconfig", "clock.json", "kubectl-cache", "kubemint.db", "kubemint.db.journal", "kubemint.log", "kubemint.pid", "nodes", "nodes.json", "pki", "vault.json",
}

// resetVerb throws the cluster of the data directory away: objects, keys, pods.
func (p *program) resetVerb() *cobra.Command {
	var yes bool
	cmd := p.verb("reset", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongArguments(cmd)
		}
		dir, err := p.dataDir()
		if err != nil {
			return err
		}
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			p.say("reset.nothing", say.Params{"dir": dir})
			return nil
		}
		lock, err := p.own(dir) // also refuses while it runs
		if err != nil {
			return err
		}
		defer lock.Release() //nolint:errcheck // the process ends
		if !yes && !p.confirmReset(dir) {
			return say.Failure("reset.unconfirmed", say.Params{"dir": dir}, nil)
		}
		return p.reset(dir)
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, p.flagText("yes"))
	return cmd
}

func (p *program) confirmReset(dir string) bool {
	if !p.terminal() {
		return false
	}
	fmt.Fprint(p.out, p.speaker.Say("reset.question", say.Params{"dir": dir})+" ")
	line, err := bufio.NewReader(p.in).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(line), "yes")
}

// reset removes what kubemint made and nothing else: a directory given by
// mistake keeps its files.
func (p *program) reset(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	var others []string
	for _, entry := range entries {
		if !slices.Contains(ours, entry.Name()) {
			others = append(others, entry.Name())
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
		}
	}
	if len(others) > 0 {
		p.say("reset.kept", say.Params{"dir": dir, "others": others})
		return nil
	}
	if err := os.Remove(dir); err != nil && !os.IsNotExist(err) {
		return say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	p.say("reset.done", say.Params{"dir": dir})
	return nil
}
