package kubelet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/network"
	"github.com/kubemint/kubemint/kubelet/token"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// Config says which node to be. Only NodeName, Client, Clock and Dir are needed.
type Config struct {
	NodeName string
	Client   kubernetes.Interface // as system:node:NODENAME
	Clock    *clock.Watch         // the node's own
	Era      era.Era
	Dir      string // the folder of all nodes; this node's files are below Dir/NodeName
	Version  string // what the Node object says of the kubelet; empty: the era's

	Address netip.Addr   // the node's internal address; zero: 172.18.0.2
	PodCIDR netip.Prefix // what pods get their addresses from; zero: 10.244.0.0/24
	// Capacity of the node; zero: 16 CPUs, 32 GiB and as many pods as PodCIDR has addresses for, at most 250.
	Capacity corev1.ResourceList
	Labels   map[string]string // of the Node object, beside a kubelet's own

	// Service is where pods find the API server: the value of KUBERNETES_SERVICE_HOST and _PORT.
	// Zero: 10.96.0.1:443.
	Service netip.AddrPort

	// Network is what pods reach one another by; the nodes of a cluster share one, and its owner runs it.
	// Nil: one of this node's own, without Services.
	Network *network.Network

	Runtime container.Runtime // nil: simulated
	Workers int               // pods worked on at the same time; 0: 8
	Log     *slog.Logger      // nil: slog.Default()
}

// Kubelet is a node. Make it with New, run it with Run.
type Kubelet struct {
	cfg    Config
	log    *slog.Logger
	client kubernetes.Interface
	clock  *clock.Watch
	seed   maphash.Seed

	runtime   container.Runtime
	tokens    *token.Manager
	events    *client.Recorder
	refs      *references
	queue     *queue
	addresses *addresses
	node      *nodeStatus
	lease     *lease
	feed      *feed
	images    images

	root  *os.Root // Dir/NodeName, open while Run runs
	links bool     // the system makes symbolic links

	hooks    sync.WaitGroup  // handlers of containers' lives at work
	hooksEnd context.Context // that of Run

	mu   sync.Mutex
	pods map[types.UID]*pod
}

// New prepares a node and starts nothing.
func New(cfg Config) (*Kubelet, error) {
	if cfg.NodeName == "" || cfg.Client == nil || cfg.Clock == nil || cfg.Dir == "" {
		return nil, errors.New("a kubelet needs a node name, a client, a clock and a directory")
	}
	if !filepath.IsLocal(cfg.NodeName) || filepath.Base(cfg.NodeName) != cfg.NodeName {
		return nil, fmt.Errorf("node name %q cannot name a directory", cfg.NodeName)
	}
	cfg.Version = cmp.Or(cfg.Version, cfg.Era.GitVersion())
	cfg.Workers = cmp.Or(cfg.Workers, 8)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if !cfg.Address.IsValid() {
		cfg.Address = netip.AddrFrom4([4]byte{172, 18, 0, 2})
	}
	if !cfg.PodCIDR.IsValid() {
		cfg.PodCIDR = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, 0, 0}), 24)
	}
	if !cfg.Service.IsValid() {
		cfg.Service = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 96, 0, 1}), 443)
	}
	if cfg.Capacity == nil {
		cfg.Capacity = defaultCapacity(cfg.PodCIDR)
	}
	if cfg.Network == nil {
		cfg.Network = network.New(network.Config{Server: cfg.Service})
	}
	if cfg.Runtime == nil {
		cfg.Runtime = container.NewSimulated(cfg.Clock)
	}
	k := &Kubelet{
		cfg: cfg, log: cfg.Log.With("node", cfg.NodeName), client: cfg.Client, clock: cfg.Clock,
		seed: maphash.MakeSeed(), runtime: cfg.Runtime, addresses: newAddresses(cfg.PodCIDR),
		pods: map[types.UID]*pod{},
	}
	k.tokens = token.New(k.requestToken, k.now)
	k.events = client.NewRecorder(client.RecorderConfig{
		Client: cfg.Client, Clock: cfg.Clock, Component: "kubelet", Host: cfg.NodeName, Log: cfg.Log,
	})
	k.refs = newReferences(cfg.Client, k.referenceChanged)
	k.queue = newQueue(cfg.Workers)
	k.node = &nodeStatus{kubelet: k}
	k.lease = newLease(k)
	k.feed = newFeed(k)
	return k, nil
}

// now is the node's clock.
func (k *Kubelet) now() time.Time { return k.clock.Now() }

// Run is the node until ctx ends: it registers, then runs pods and renews its lease. Containers are
// left as they are when it returns, like those of a kubelet that is stopped. It fails only if its
// directory cannot be used.
func (k *Kubelet) Run(ctx context.Context) error {
	if err := k.openDir(); err != nil {
		return fmt.Errorf("node %s: %w", k.cfg.NodeName, err)
	}
	defer k.root.Close()
	k.cfg.Network.AddNode(k.cfg.Address)
	defer k.cfg.Network.RemoveNode(k.cfg.Address)
	defer k.leaveAll()
	k.hooksEnd = ctx
	var group sync.WaitGroup
	group.Go(func() { _ = k.events.Run(ctx) }) // it returns when ctx ends, and no error
	if k.node.register(ctx) {
		k.refs.start(ctx)
		group.Go(func() { k.lease.run(ctx) })
		group.Go(func() { k.feed.run(ctx) })
		group.Go(func() { k.queue.run(ctx, k.sync) })
	}
	<-ctx.Done()
	group.Wait()
	k.hooks.Wait()
	k.refs.wait()
	k.stopDeadlines()
	return nil
}

func (k *Kubelet) openDir() error {
	dir := filepath.Join(k.cfg.Dir, k.cfg.NodeName)
	if err := os.MkdirAll(filepath.Join(dir, podsDir), 0o750); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	k.root = root
	k.links = volume.LinksWork(root)
	return nil
}

// SetSkew puts the node's clock ahead of the cluster's by d; negative: behind. What the node had planned by the clock as it was is planned
// anew.
func (k *Kubelet) SetSkew(d time.Duration) {
	k.clock.SetSkew(d)
	k.wakeAll()
}

// Reconnected tells a node that the API server can be reached again: it reports now and not at its next try.
func (k *Kubelet) Reconnected() { k.lease.nudge() }

// LastHeard is when the API server last took a renewal of the node's lease, in the cluster's time; zero: it never did.
func (k *Kubelet) LastHeard() time.Time { return k.lease.lastTaken() }

// Heartbeat renews the node's lease now. The clock calls it at each stop of an advance, before
// anybody judges whether the node is alive.
func (k *Kubelet) Heartbeat(ctx context.Context) { k.lease.renew(ctx) }

// Pending lists what the node has still to do: pods queued or in work, and events not yet written.
// Empty means: as far as the node has been told, all is done.
func (k *Kubelet) Pending() []string {
	p := k.Busy()
	for _, e := range k.events.Pending() {
		p = append(p, k.cfg.NodeName+": "+e)
	}
	return p
}

// Busy lists the pods that are queued or in work, and the scripts of containers that are at work: all that a node can do while it cannot reach the API server.
func (k *Kubelet) Busy() []string {
	var p []string
	for _, key := range k.queue.pending() {
		p = append(p, k.cfg.NodeName+": pod "+key)
	}
	if r, ok := k.runtime.(interface{ Pending() []string }); ok {
		for _, what := range r.Pending() {
			p = append(p, k.cfg.NodeName+": "+what)
		}
	}
	return p
}

// Synced tells how far a watch has come.
type Synced struct {
	Name            string
	ResourceVersion string // empty before the first list
}

// Informers tells for each of the node's watches which resource version it has come to. What it
// reports has reached the node's pods: nothing is buffered in between.
func (k *Kubelet) Informers() []Synced {
	out := []Synced{{Name: k.cfg.NodeName + " pods", ResourceVersion: k.feed.version()}}
	return append(out, k.refs.synced(k.cfg.NodeName)...)
}

// Name is the node's name.
func (k *Kubelet) Name() string { return k.cfg.NodeName }
