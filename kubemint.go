package kubemint

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/pki"
	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/kubelet/network"
	"github.com/kubemint/kubemint/storage"
)

// Cluster is one cluster. It runs once.
type Cluster struct {
	cfg   *resolved
	ready chan struct{}

	// What follows is made by Run, in this order, and does not change after Ready.
	clock    *clock.Clock
	ca       *pki.CA
	store    storage.Store
	keys     *token.KeySet
	ring     *token.Ring // the same keys where they are ours to rotate; nil if flags give them
	server   *apiserver.Server
	address  string
	memory   *client.Listener
	admin    access
	manager  *controller.Manager
	nodes    *nodes
	vault    *vault.Vault         // outside of the cluster
	itself   kubernetes.Interface // the API server's own way in
	settling atomic.Pointer[settling]
	network  *network.Network            // the pods'
	intoPods atomic.Pointer[network.End] // the API server's end of it
}

// access is a client certificate.
type access struct{ cert, key []byte }

// New checks a configuration and returns a cluster that has not started. It makes the data directory.
func New(c Config) (*Cluster, error) {
	r, err := resolve(c)
	if err != nil {
		return nil, err
	}
	return &Cluster{cfg: r, ready: make(chan struct{})}, nil
}

// Ready is closed when the API server answers, default/default exists and all nodes are Ready.
func (c *Cluster) Ready() <-chan struct{} { return c.ready }

// Address is host:port of the API server. It is known once the cluster is ready.
func (c *Cluster) Address() string { return c.address }

// DataDir is where the cluster keeps its files.
func (c *Cluster) DataDir() string { return c.cfg.DataDir }

// Clock is the cluster's time. It is known once the cluster is ready.
func (c *Cluster) Clock() *clock.Clock { return c.clock }

// Server is the API server. It is known once the cluster is ready.
func (c *Cluster) Server() *apiserver.Server { return c.server }

// KubeconfigPath is the administrator's kubeconfig.
func (c *Cluster) KubeconfigPath() string {
	return filepath.Join(c.cfg.DataDir, "admin.kubeconfig")
}

// RESTConfig is the administrator's way in for client-go, over the network. It is known once the cluster is ready.
func (c *Cluster) RESTConfig() *rest.Config {
	return &rest.Config{Host: "https://" + c.address, TLSClientConfig: rest.TLSClientConfig{CAData: c.ca.CertPEM(), CertData: c.admin.cert, KeyData: c.admin.key}, QPS: -1}
}

// Run starts everything and blocks until ctx ends, then stops it in reverse order. It returns nil after an orderly end.
func (c *Cluster) Run(ctx context.Context) (err error) {
	if c.cfg.temp {
		defer func() { err = errors.Join(err, os.RemoveAll(c.cfg.DataDir)) }()
	}
	if err := c.openStorage(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	if err := c.openClock(); err != nil {
		return err
	}
	defer c.clock.Close()
	if err := c.openIdentities(); err != nil {
		return err
	}
	listener, err := c.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if err := c.openServer(); err != nil {
		return err
	}
	return c.serve(ctx, listener)
}

// serve runs the layers; each is a group that ends before the one below it.
func (c *Cluster) serve(ctx context.Context, listener net.Listener) error {
	// The lowest layers outlive ctx: they end when those above have.
	var bottom, middle layer
	bottom.init(context.WithoutCancel(ctx))
	middle.init(context.WithoutCancel(ctx))
	defer bottom.stop()

	if err := c.server.Load(ctx); err != nil {
		return err
	}
	if c.cfg.OnRequest != nil {
		defer c.server.Stories().Listen(c.cfg.OnRequest)()
	}
	bottom.run("api server", c.server.Run)
	bottom.run("compaction", func(ctx context.Context) error {
		return c.server.Registry().Compact(ctx, registry.Compaction{
			Keep:   cmp.Or(c.cfg.History, 5*time.Minute),
			Failed: func(err error) { c.cfg.Log.Warn("the past could not be forgotten", "err", err) },
		})
	})
	if !c.cfg.temp || c.cfg.Config.DataDir != "" {
		bottom.run("clock", func(ctx context.Context) error { return c.clock.Keep(ctx, c.path("clock.json")) })
	}
	if err := c.server.Prepare(ctx, c.ca.CertPEM()); err != nil {
		return err
	}
	stopHTTP, err := c.serveHTTP(&bottom, listener)
	if err != nil {
		return err
	}
	defer stopHTTP()
	defer middle.stop()
	if err := c.startComponents(&middle); err != nil {
		return err
	}
	if err := c.writeFiles(); err != nil {
		return err
	}
	go c.awaitReady(middle.ctx)

	select {
	case <-ctx.Done():
		c.server.Stop()
		return nil
	case <-middle.failed:
		return middle.err
	case <-bottom.failed:
		return bottom.err
	}
}

// layer is a group of goroutines that end together.
type layer struct {
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex // of run and stop
	group  sync.WaitGroup
	once   sync.Once
	failed chan struct{}
	err    error
}

func (l *layer) init(ctx context.Context) {
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.failed = make(chan struct{})
}

// run starts one of the group; its error fails the group. It reports false once the group is stopping.
func (l *layer) run(name string, f func(context.Context) error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return false
	}
	l.group.Go(func() {
		if err := f(l.ctx); err != nil && l.ctx.Err() == nil {
			l.once.Do(func() {
				l.err = fmt.Errorf("%s: %w", name, err)
				close(l.failed)
			})
		}
	})
	return true
}

func (l *layer) stop() {
	l.mu.Lock() // whoever is started from now on is not waited for: nobody is
	l.cancel()
	l.mu.Unlock()
	l.group.Wait()
}

// serveHTTP serves the API on the network and in memory. stop ends both, watches included.
func (c *Cluster) serveHTTP(l *layer, listener net.Listener) (stop func(), err error) {
	cert, err := c.ca.Serving(c.hosts(), time.Now()) // wall time: TLS is judged by it
	if err != nil {
		return nil, err
	}
	base, cancel := context.WithCancel(context.Background())
	srv := apiserver.Connections{}.Server(c.server.Handler())
	srv.TLSConfig = &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		// Certificates are asked for and judged in authn, at the cluster's time (design decision D6).
		ClientAuth: tls.RequestClientCert,
	}
	srv.BaseContext = func(net.Listener) context.Context { return base }
	srv.ErrorLog = quietLog(c.cfg.Log)
	serveOn := func(ln net.Listener) func(context.Context) error {
		return func(context.Context) error {
			if err := srv.ServeTLS(ln, "", ""); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		}
	}
	l.run("listener", serveOn(listener))
	l.run("in-memory listener", serveOn(c.memory))
	return func() {
		cancel() // watches end
		ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
		defer done()
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close()
		}
	}, nil
}

// hosts are the names and addresses the API server is known by (API-261).
func (c *Cluster) hosts() []string {
	host, _, _ := net.SplitHostPort(c.address)
	out := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", "127.0.0.1", "::1", apiserver.ServiceIP}
	if host != "" && host != "0.0.0.0" && host != "::" {
		out = append(out, host)
	}
	if name, err := os.Hostname(); err == nil && (host == "0.0.0.0" || host == "::") {
		out = append(out, name)
	}
	return out
}

// listen binds the address before anything is served. A port that nobody named moves on if it is busy.
func (c *Cluster) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.cfg.Listen)
	host, port, _ := net.SplitHostPort(c.cfg.Listen)
	for n := 1; err != nil && c.cfg.moves && n <= 100; n++ {
		first, perr := strconv.Atoi(port)
		if perr != nil {
			break
		}
		ln, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(first+n)))
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.cfg.Listen, err)
	}
	c.address = ln.Addr().String()
	return ln, nil
}

// Moved says whether the port is another than the usual one because that was busy.
func (c *Cluster) Moved() bool {
	return c.cfg.moves && c.address != DefaultListen
}

func (c *Cluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.cfg.DataDir}, parts...)...)
}
