package main

import (
	"os"
	"path/filepath"

	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// kubectlVerb is the bundled kubectl, pointed at this cluster. All words behind
// it are kubectl's.
func (p *program) kubectlVerb() *cobra.Command {
	cmd := p.verb("kubectl ...", func(_ *cobra.Command, args []string) error { return p.runKubectl(args) })
	cmd.DisableFlagParsing = true
	return cmd
}

// runKubectl is kubectl with these words, in this process, which is nothing else from then on.
func (p *program) runKubectl(args []string) error {
	dir, err := p.dataDir()
	if err != nil {
		return err
	}
	own := filepath.Join(dir, "admin.kubeconfig")
	if p.kubeconfigFlag != "" {
		args = append([]string{"--kubeconfig", p.kubeconfigFlag}, args...)
	}
	code := kubectl.Main(kubectl.Options{
		Args:        args,
		Kubeconfig:  own,
		Environment: p.env("KUBECONFIG"),
		CacheDir:    filepath.Join(dir, "kubectl-cache"),
		Ignored: func(environment string) {
			p.note("kubectl.ignored", say.Params{"path": environment, "own": own})
		},
		Failed: func() {
			// What kubectl says without any cluster (localhost:8080) helps nobody.
			if _, err := os.Stat(own); err != nil && os.Getenv("KUBECONFIG") == own {
				p.note("cluster.none", say.Params{"dir": dir})
			}
		},
	})
	return exitCode(code)
}

func exitCode(code int) error {
	if code == 0 {
		return nil
	}
	return exit(code)
}
