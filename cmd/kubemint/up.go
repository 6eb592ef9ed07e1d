package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/pidfile"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// upFlags are the flags of `up`. Those that kube-apiserver has keep its names
// and meaning.
type upFlags struct {
	listen        string
	nodes         int
	version       string
	podToken      string
	autoSecret    string
	ephemeral     bool
	storage       string
	etcd          etcdFlags
	tokenAuthFile string
	issuers       []string
	audiences     []string
	keyFiles      []string
	signingKey    string
	algorithm     string
	maxExpiration time.Duration
	extend        bool
	auditLog      string
	detach        bool
	verbose       bool
	start         string
}

// upVerb starts a cluster in the foreground, or behind with -d.
func (p *program) upVerb() *cobra.Command {
	var o upFlags
	cmd := p.verb("up", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongArguments(cmd)
		}
		if o.detach {
			return p.upBehind(cmd.Context())
		}
		return p.up(cmd.Context(), o)
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "", p.flagText("listen"))
	flags.IntVar(&o.nodes, "nodes", 1, p.flagText("nodes"))
	flags.StringVar(&o.version, "emulated-version", "1.36", p.flagText("emulated-version"))
	flags.StringVar(&o.podToken, "pod-token", "", p.flagText("pod-token"))
	flags.StringVar(&o.autoSecret, "auto-secret", "", p.flagText("auto-secret"))
	flags.BoolVar(&o.ephemeral, "ephemeral", false, p.flagText("ephemeral"))
	flags.StringVar(&o.storage, "storage", "bolt", p.flagText("storage"))
	o.etcd.add(p, flags)
	flags.StringVar(&o.start, "start", "", p.flagText("start"))
	flags.StringVar(&o.tokenAuthFile, "token-auth-file", "", p.flagText("token-auth-file"))
	flags.StringArrayVar(&o.issuers, "service-account-issuer", nil, p.flagText("service-account-issuer"))
	flags.StringSliceVar(&o.audiences, "api-audiences", nil, p.flagText("api-audiences"))
	flags.StringArrayVar(&o.keyFiles, "service-account-key-file", nil, p.flagText("service-account-key-file"))
	flags.StringVar(&o.signingKey, "service-account-signing-key-file", "", p.flagText("service-account-signing-key-file"))
	flags.StringVar(&o.algorithm, "service-account-signing-algorithm", "ES256", p.flagText("service-account-signing-algorithm"))
	flags.DurationVar(&o.maxExpiration, "service-account-max-token-expiration", 0, p.flagText("service-account-max-token-expiration"))
	flags.BoolVar(&o.extend, "service-account-extend-token-expiration", true, p.flagText("service-account-extend-token-expiration"))
	flags.StringVar(&o.auditLog, "audit-log-path", "", p.flagText("audit-log-path"))
	flags.BoolVarP(&o.detach, "detach", "d", false, p.flagText("detach"))
	flags.BoolVarP(&o.verbose, "verbose", "v", false, p.flagText("verbose"))
	return cmd
}

// config turns flags into what a cluster is. The data directory is empty for an
// ephemeral cluster without a named one.
func (p *program) config(o upFlags) (kubemint.Config, error) {
	c := kubemint.Config{
		Listen: o.listen, Nodes: o.nodes, EmulatedVersion: o.version, Ephemeral: o.ephemeral,
		TokenAuthFile: o.tokenAuthFile, ServiceAccountIssuers: o.issuers, APIAudiences: o.audiences,
		ServiceAccountKeyFiles: o.keyFiles, ServiceAccountSigningKeyFile: o.signingKey, SigningAlgorithm: o.algorithm,
		ServiceAccountMaxTokenExpiration: o.maxExpiration, ServiceAccountExtendTokenExpiration: &o.extend,
		AuditLogPath: o.auditLog, Kubectl: kubectl.Confined,
	}
	if err := p.eraFlags(o, &c); err != nil {
		return c, err
	}
	if err := o.checkStorage(); err != nil {
		return c, err
	}
	if o.start != "" {
		start, err := time.Parse(time.RFC3339, o.start)
		if err != nil {
			return c, say.Failure("up.start", say.Params{"start": o.start}, err)
		}
		c.Start = start
	}
	if !o.ephemeral || p.dataDirFlag != "" {
		dir, err := p.dataDir()
		if err != nil {
			return c, err
		}
		c.DataDir = dir
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	c.Log = slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level}))
	return c, nil
}

// up runs a cluster until it is interrupted.
func (p *program) up(ctx context.Context, o upFlags) error {
	c, err := p.config(o)
	if err != nil {
		return err
	}
	if c.DataDir != "" {
		lock, err := p.own(c.DataDir)
		if err != nil {
			return err
		}
		defer lock.Release() //nolint:errcheck // the process ends; so does the lock
	}
	quietLibraries()
	if c.Storage, err = openStorage(ctx, o); err != nil {
		return startFailure(c, err)
	}
	requests := newRequestLines(p)
	c.OnRequest = requests.add
	cluster, err := kubemint.New(c)
	if err != nil {
		if c.Storage != nil {
			err = errors.Join(err, c.Storage.Close())
		}
		return startFailure(c, err)
	}
	printing, stopPrinting := context.WithCancel(context.WithoutCancel(ctx))
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		requests.run(printing)
	}()
	defer func() {
		stopPrinting()
		<-printed
	}()
	ended := make(chan error, 1)
	go func() { ended <- cluster.Run(ctx) }()
	select {
	case err := <-ended:
		return startFailure(c, err)
	case <-cluster.Ready():
	}
	requests.lines(p.greeting(cluster, c)...)
	defer keepSmall(ctx)()
	if err := <-ended; err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// own takes the data directory for this process, so that a second one leaves it
// alone.
func (p *program) own(dir string) (*pidfile.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	lock, err := pidfile.Take(pidPath(dir))
	var inUse pidfile.InUse
	switch {
	case errors.As(err, &inUse):
		return nil, say.Failure("datadir.in-use", say.Params{"dir": dir, "pid": inUse.PID}, err)
	case err != nil:
		return nil, say.Failure("datadir.unusable", say.Params{"dir": dir, "why": err.Error()}, err)
	}
	return lock, nil
}

func pidPath(dir string) string { return filepath.Join(dir, "kubemint.pid") }

// greeting says where the cluster is, what to type next, and that it is ready.
func (p *program) greeting(cluster *kubemint.Cluster, c kubemint.Config) []string {
	kubeconfig := cluster.KubeconfigPath()
	lines := []string{p.speaker.Say("up.where", say.Params{"server": "https://" + cluster.Address(), "kubeconfig": kubeconfig})}
	next := "up.next"
	if dir, err := p.dataDir(); err != nil || filepath.Join(dir, "admin.kubeconfig") != kubeconfig {
		next = "up.next-elsewhere"
	}
	lines = append(lines, p.speaker.Say(next, say.Params{"kubeconfig": kubeconfig, "dir": filepath.Dir(kubeconfig)}))
	if cluster.Moved() {
		lines = append(lines, p.speaker.Say("up.moved", say.Params{"wanted": kubemint.DefaultListen, "server": cluster.Address()}))
	}
	return append(lines, "ready")
}

// startFailure gives the ways in which a start fails their sentences.
func startFailure(c kubemint.Config, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return startSentence(c, err)
}

// requestLine is one line for one request of people and pods.
func (p *program) requestLine(r *requestRecord) string {
	line := fmt.Sprintf("%s #%d %s %s %d", say.Clock(r.At), r.Number, shortUser(r.User), r.wanted(), r.Code)
	if r.Code == 401 || r.Code == 403 {
		line += fmt.Sprintf("  kubemint why %d", r.Number)
	}
	return line
}
