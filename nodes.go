package kubemint

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/kubelet"
	"github.com/kubemint/kubemint/kubelet/shell"
)

// nodes are the simulated nodes of a cluster.
type nodes struct {
	cluster *Cluster

	mu   sync.Mutex
	all  []*kubelet.Kubelet
	ways map[string]*client.Listener // to each node's own server
}

func newNodes(c *Cluster) *nodes { return &nodes{cluster: c, ways: map[string]*client.Listener{}} }

// start runs a node of this name with a certificate of its own.
func (n *nodes) start(l *layer, name string) error {
	cfg, err := n.cluster.component(request.NodePrefix+name, request.Nodes)
	if err != nil {
		return err
	}
	cfg.UserAgent = "kubelet/" + n.cluster.cfg.era.GitVersion()
	own, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("node %s: %w", name, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := len(n.all)
	service := netip.AddrPortFrom(netip.MustParseAddr(apiserver.ServiceIP), 443)
	var inside func(context.Context, string, kubeconfig.Access, []string) (*exec.Cmd, error)
	if run := n.cluster.cfg.Kubectl; run != nil {
		inside = func(ctx context.Context, dir string, access kubeconfig.Access, args []string) (*exec.Cmd, error) {
			return run(ctx, dir, n.cluster.address, access, args)
		}
	}
	containers := shell.NewRuntime(shell.Config{
		Kubectl: inside,
		Clock:   n.cluster.clock, Dir: filepath.Join(n.cluster.path("nodes"), name), Service: service, Dial: n.cluster.memory.Dial, Log: n.cluster.cfg.Log,
	})
	k, err := kubelet.New(kubelet.Config{
		Runtime: containers, Service: service, NodeName: name, Client: own, Clock: n.cluster.clock, Era: n.cluster.cfg.era, Dir: n.cluster.path("nodes"), Log: n.cluster.cfg.Log,
		Address: netip.AddrFrom4([4]byte{172, 18, byte((i + 2) >> 8), byte(i + 2)}),
		PodCIDR: podRange(i, n.cluster.cfg.Nodes),
	})
	if err != nil {
		return err
	}
	n.all = append(n.all, k)
	way := client.NewListener()
	n.ways[name] = way
	serve, err := n.cluster.nodeServer(k, own, name)
	if err != nil {
		return err
	}
	l.run("server of node "+name, func(ctx context.Context) error { return serve(ctx, way) })
	l.run("node "+name, func(ctx context.Context) error {
		// The containers end with the node, after it: nobody reports their end.
		defer context.AfterFunc(ctx, func() { _ = containers.Close() })()
		return errors.Join(k.Run(ctx), containers.Close())
	})
	return nil
}

// podRange is where a node's pods get their addresses from: 10.244.I.0/24 as kubeadm has it, or wider ranges where few nodes share the
// whole of 10.244.0.0/16.
func podRange(i, count int) netip.Prefix {
	if count <= 16 {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, byte(i * 16), 0}), 20)
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(244 + i>>8), byte(i), 0}), 24)
}

func (n *nodes) list() []*kubelet.Kubelet {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

// Names lists the nodes in the order of their coming.
func (n *nodes) Names() []string {
	var out []string
	for _, k := range n.list() {
		out = append(out, k.Name())
	}
	return out
}

// Heartbeat has every node renew its lease, all at once.
func (n *nodes) Heartbeat(ctx context.Context) {
	var wg sync.WaitGroup
	for _, k := range n.list() {
		wg.Go(func() { k.Heartbeat(ctx) })
	}
	wg.Wait()
}

func (n *nodes) pending() []string {
	var out []string
	for _, k := range n.list() {
		out = append(out, k.Pending()...)
	}
	return out
}

func (n *nodes) informers() []controller.Synced {
	var out []controller.Synced
	for _, k := range n.list() {
		for _, s := range k.Informers() {
			out = append(out, controller.Synced(s))
		}
	}
	return out
}

// Named returns the node of this name, or nil.
func (n *nodes) Named(name string) *kubelet.Kubelet {
	for _, k := range n.list() {
		if k.Name() == name {
			return k
		}
	}
	return nil
}
