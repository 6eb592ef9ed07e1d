package kubemint

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/audit"
	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/panel"
	"github.com/kubemint/kubemint/internal/pki"
	"github.com/kubemint/kubemint/storage/bolt"
	"github.com/kubemint/kubemint/storage/memory"
)

// openStorage comes first: its lock is what keeps two clusters out of one directory.
func (c *Cluster) openStorage() error {
	switch {
	case c.cfg.Storage != nil:
		c.store = c.cfg.Storage
	case c.cfg.Ephemeral || c.cfg.temp:
		c.store = memory.New()
	default:
		// The API server keeps its own window of events and is the one watcher, close behind the writer.
		db, err := bolt.Open(c.path("kubemint.db"), bolt.Options{Window: 1024, WindowBytes: 1 << 20})
		if err != nil {
			return err
		}
		c.store = db
	}
	return nil
}

func (c *Cluster) openClock() error {
	cfg, err := clock.Load(c.path("clock.json"), time.Now()) // wall time: how long the cluster was down
	if err != nil {
		return err
	}
	if cfg.Now.IsZero() {
		cfg.Now = c.cfg.Start
	}
	c.clock = clock.New(cfg)
	return nil
}

// forever is when the certificates of the cluster's own end: no jump of the clock locks anybody out (design decision D6).
func (c *Cluster) forever() time.Time { return c.ca.NotAfter() }

func (c *Cluster) openIdentities() error {
	var err error
	if c.ca, err = pki.OpenCA(c.path("pki"), c.clock.Now()); err != nil {
		return err
	}
	cert, key, err := c.certificate("kubernetes-admin", request.Masters)
	if err != nil {
		return err
	}
	c.admin = access{cert, key}
	return nil
}

// certificate makes a client certificate for one of the cluster's own.
func (c *Cluster) certificate(name string, groups ...string) (cert, key []byte, err error) {
	return c.ca.Client(name, groups, c.clock.Now(), c.forever())
}

func (c *Cluster) openServer() error {
	keys, err := c.openKeys()
	if err != nil {
		return err
	}
	var static *authn.StaticTokens
	if c.cfg.TokenAuthFile != "" {
		if static, err = authn.LoadStaticTokens(c.cfg.TokenAuthFile); err != nil {
			return err
		}
		for _, text := range static.Warnings() {
			c.cfg.Log.Warn("static token file", "file", c.cfg.TokenAuthFile, "warning", text)
		}
	}
	var auditing *audit.Log
	if c.cfg.AuditLogPath != "" {
		if auditing, err = audit.Open(c.cfg.AuditLogPath, c.clock.Now, c.cfg.Log); err != nil {
			return err
		}
	}
	c.memory = client.NewListener()
	if err := c.openVault(); err != nil {
		return err
	}
	if c.nodes, err = newNodes(c); err != nil {
		return err
	}
	toNodes, err := c.nodeTLS()
	if err != nil {
		return err
	}
	c.server, err = apiserver.New(apiserver.Config{
		Storage: c.store, Clock: c.clock, Era: c.cfg.era, Log: c.cfg.Log,
		Build:    builtFrom(),
		ClientCA: c.ca.Pool(), StaticTokens: static,
		Keys: keys, Issuers: c.cfg.ServiceAccountIssuers, Tokens: c.cfg.options,
		Address: c.address, Audit: auditing, Own: c.panel, DialNode: c.nodes.dial, DialPod: c.dialPods, NodeTLS: toNodes,
	})
	return err
}

// panel is what people ask beside Kubernetes.
func (c *Cluster) panel(s *apiserver.Server) map[string]http.Handler {
	return panel.Handlers(panel.Config{
		Server: s, Clock: c.clock, Keys: c.keys, Ring: c.ring, Nodes: c.nodes, Vault: c.vault,
		Settle: func(ctx context.Context) []string { return c.settling.Load().settle(ctx) },
	})
}

// writeFiles leaves the administrator's way in behind.
func (c *Cluster) writeFiles() error {
	a := kubeconfig.Access{
		Server: "https://" + c.address, CA: c.ca.CertPEM(), DataDir: c.cfg.DataDir,
		Certificate: c.admin.cert, Key: c.admin.key,
	}
	if err := a.Write(c.KubeconfigPath()); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return os.MkdirAll(filepath.Join(c.cfg.DataDir, "nodes"), 0o750)
}

// quietLog takes net/http's own complaints: failed handshakes and the like are nothing that a learner should see.
func quietLog(l *slog.Logger) *log.Logger {
	return log.New(logWriter{l}, "", 0)
}

type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(b []byte) (int, error) {
	w.log.Debug("http server", "message", string(bytes.TrimSpace(b)))
	return len(b), nil
}

// builtFrom is what the module system wrote into the program: the commit it was built from, when that was made, and whether the tree held
// more than that. A build outside a checkout knows nothing of it.
func builtFrom() apiserver.Build {
	var b apiserver.Build
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.State = "clean"
			if s.Value == "true" {
				b.State = "dirty"
			}
		}
	}
	return b
}
