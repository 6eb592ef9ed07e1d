package kubemint

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/kubelet/network"
)

// newPodNetwork is what the cluster's pods reach one another by. It reads Services as kube-proxy, whom a system role
// lets do that.
func (c *Cluster) newPodNetwork() (*network.Network, error) {
	cfg, err := c.component("system:kube-proxy")
	if err != nil {
		return nil, err
	}
	cfg.UserAgent = "kube-proxy/" + c.cfg.era.GitVersion()
	own, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("network of pods: %w", err)
	}
	n := network.New(network.Config{
		Client: own, Server: service(), Log: c.cfg.Log,
		Dial: func(ctx context.Context, _ string) (net.Conn, error) { return c.memory.Dial(ctx) },
	})
	c.intoPods.Store(n.Join(network.Pod{Namespace: "kube-system", Name: "kube-apiserver", IP: netip.AddrFrom4([4]byte{172, 18, 0, 1})}))
	return n, nil
}

// dialPods is how the API server connects to what listens in pods. Before there is a network nobody does.
func (c *Cluster) dialPods(ctx context.Context, address string) (net.Conn, error) {
	if from := c.intoPods.Load(); from != nil {
		return from.Dial(ctx, address)
	}
	return nil, fmt.Errorf("dial tcp %s: %w", address, os.NewSyscallError("connect", syscall.ECONNREFUSED))
}

// networkInformers tells how far the network's watches have come.
func (c *Cluster) networkInformers() []controller.Synced {
	var out []controller.Synced
	for _, s := range c.network.Informers() {
		out = append(out, controller.Synced(s))
	}
	return out
}
