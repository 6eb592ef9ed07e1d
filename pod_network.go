package kubemint

import (
	"context"
	"fmt"
	"net"

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
	return network.New(network.Config{
		Client: own, Server: service(), Log: c.cfg.Log,
		Dial: func(ctx context.Context, _ string) (net.Conn, error) { return c.memory.Dial(ctx) },
	}), nil
}

// networkInformers tells how far the network's watches have come.
func (c *Cluster) networkInformers() []controller.Synced {
	var out []controller.Synced
	for _, s := range c.network.Informers() {
		out = append(out, controller.Synced(s))
	}
	return out
}
