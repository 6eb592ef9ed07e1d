package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/remote"
)

// ephemeral is a cluster that lives within this process.
type ephemeral struct {
	*kubemint.Cluster
	cancel context.CancelFunc
	ended  chan error
}

// startEphemeral starts a cluster that leaves nothing behind and waits until it
// is ready.
func startEphemeral(ctx context.Context, c kubemint.Config) (*ephemeral, error) {
	quietLibraries()
	c.Ephemeral, c.Listen, c.Kubectl = true, "127.0.0.1:0", kubectl.Confined
	cluster, err := kubemint.New(c)
	if err != nil {
		return nil, startSentence(c, err)
	}
	// It is stopped by stop, after those who use it; an interrupt reaches them
	// first.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &ephemeral{Cluster: cluster, cancel: cancel, ended: make(chan error, 1)}
	go func() { e.ended <- cluster.Run(running) }()
	select {
	case err := <-e.ended:
		cancel()
		return nil, startSentence(c, err)
	case <-ctx.Done():
		e.stop()
		return nil, ctx.Err()
	case <-cluster.Ready():
		return e, nil
	}
}

// stop ends the cluster and waits for its end.
func (e *ephemeral) stop() {
	e.cancel()
	<-e.ended
}

// connect is the administrator's way in.
func (e *ephemeral) connect() (*remote.Client, error) { return remote.Open(e.KubeconfigPath()) }

// self prepares a run of this same program on the cluster of a data directory.
func (p *program) self(ctx context.Context, dataDir string, args ...string) *exec.Cmd {
	path, err := os.Executable()
	command := exec.CommandContext(ctx, path, append([]string{"--lang", string(p.speaker.Language())}, args...)...)
	if err != nil {
		command.Err = err
	}
	command.Args[0] = "kubemint" // what it is called decides what it does
	command.Env = withVariables(os.Environ(), map[string]string{
		"KUBEMINT_DATA_DIR": dataDir,
		"KUBECONFIG":        filepath.Join(dataDir, "admin.kubeconfig"),
	})
	return command
}
