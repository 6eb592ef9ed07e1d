package main

import (
	"runtime/debug"

	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// versionVerb tells which kubemint this is, which Kubernetes it behaves as and
// which kubectl it carries.
func (p *program) versionVerb() *cobra.Command {
	cmd := p.verb("version", nil)
	cmd.RunE = func(*cobra.Command, []string) error {
		if p.output == "json" {
			return p.printJSON(map[string]string{"kubemint": buildVersion(), "kubernetes": era.Default.GitVersion(), "kubectl": kubectl.Version})
		}
		p.say("version.is", say.Params{"version": buildVersion(), "kubernetes": era.Default.GitVersion(), "kubectl": kubectl.Version})
		return nil
	}
	p.addOutput(cmd)
	return cmd
}

// buildVersion is what the module system knows: a tag, or a commit's
// pseudo-version, or "(devel)".
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
