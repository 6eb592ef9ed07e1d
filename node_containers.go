package kubemint

import (
	"context"
	"os/exec"
	"path/filepath"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/kubelet/shell"
)

// containers is what runs the containers of a node.
func (n *nodes) containers(name string, watch *clock.Watch) *shell.Runtime {
	c := n.cluster
	var inside func(context.Context, string, kubeconfig.Access, []string) (*exec.Cmd, error)
	if run := c.cfg.Kubectl; run != nil {
		inside = func(ctx context.Context, dir string, access kubeconfig.Access, args []string) (*exec.Cmd, error) {
			return run(ctx, dir, c.address, access, args)
		}
	}
	return shell.NewRuntime(shell.Config{
		Kubectl: inside, Vault: c.vault.Do, Children: n.children,
		Clock: watch, Dir: filepath.Join(c.path("nodes"), name), Service: service(), Log: c.cfg.Log,
	})
}
