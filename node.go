package kubemint

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet"
)

// node is one simulated node: a kubelet with a certificate, a clock, a way to the API server and a server of its own.
type node struct {
	nodeRecord // guarded by nodes.mu
	kubelet    *kubelet.Kubelet
	watch      *clock.Watch
	cable      *client.Cable    // from the node to the API server
	way        *client.Listener // from the API server to the node
	lost       *clock.Deadline  // announces when a node that is cut off will be given up; guarded by nodes.mu

	run   func(context.Context) error
	stop  context.CancelFunc // ends run
	ended chan struct{}      // closed when it has returned
}

// service is where pods find the API server.
func service() netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(apiserver.ServiceIP), 443)
}

// prepare makes a node and starts nothing.
func (n *nodes) prepare(r nodeRecord) (*node, error) {
	c := n.cluster
	made := &node{nodeRecord: r, watch: clock.NewWatch(c.clock), cable: client.NewCable(c.memory), way: client.NewListener(), ended: make(chan struct{})}
	made.watch.SetSkew(time.Duration(r.Skew))
	if r.Cut {
		made.cable.Cut()
	}
	cfg, err := c.componentOver(made.cable, request.NodePrefix+r.Name, request.Nodes)
	if err != nil {
		return nil, err
	}
	cfg.UserAgent = "kubelet/" + c.cfg.era.GitVersion()
	own, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", r.Name, err)
	}
	containers := n.containers(r.Name, made.watch)
	made.kubelet, err = kubelet.New(kubelet.Config{
		Network: c.network,
		Runtime: containers, Service: service(), NodeName: r.Name, Client: own, Clock: made.watch, Era: c.cfg.era, Dir: c.path("nodes"), Log: c.cfg.Log,
		Address: r.address(), PodCIDR: r.PodCIDR,
	})
	if err != nil {
		return nil, err
	}
	serve, err := c.nodeServer(made.kubelet, own, r.Name)
	if err != nil {
		return nil, err
	}
	made.run = func(ctx context.Context) error {
		// The containers end with the node, after it: nobody reports their end.
		defer context.AfterFunc(ctx, func() { _ = containers.Close() })()
		served := make(chan error, 1)
		go func() { served <- serve(ctx, made.way) }()
		return errors.Join(made.kubelet.Run(ctx), containers.Close(), <-served)
	}
	return made, nil
}

// startIn runs a node in a layer.
func (d *node) startIn(l *layer) error {
	ctx, cancel := context.WithCancel(l.ctx)
	d.stop = cancel
	started := l.run("node "+d.Name, func(context.Context) error {
		defer close(d.ended)
		defer cancel()
		err := d.run(ctx)
		if ctx.Err() != nil {
			return nil // it was stopped, with the cluster or before it
		}
		return err
	})
	if !started {
		cancel()
		return errStopping
	}
	return nil
}

var errStopping = errors.New("the cluster is stopping")
