package kubemint

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/controller/scheduler"
	"github.com/kubemint/kubemint/internal/client"
)

// component is a way in for one of the cluster's own, by a certificate over the in-memory listener.
func (c *Cluster) component(name string, groups ...string) (*rest.Config, error) {
	return c.componentOver(c.memory, name, groups...)
}

func (c *Cluster) componentOver(way client.Dialer, name string, groups ...string) (*rest.Config, error) {
	cert, key, err := c.certificate(name, groups...)
	if err != nil {
		return nil, err
	}
	cfg, err := client.Config(way, c.ca.CertPEM(), cert, key)
	if err != nil {
		return nil, fmt.Errorf("way in of %s: %w", name, err)
	}
	return cfg, nil
}

// startComponents starts controllers, scheduler and kubelets.
func (c *Cluster) startComponents(l *layer) error {
	own, err := c.component("system:kube-controller-manager")
	if err != nil {
		return err
	}
	bare, err := client.Transport(c.memory, c.ca.CertPEM(), nil, nil)
	if err != nil {
		return err
	}
	version := c.cfg.era.GitVersion()
	ids, err := controller.NewIdentities(own, bare, c.clock, version)
	if err != nil {
		return err
	}
	c.manager = controller.New(controller.Config{
		Client: ids.Client, Metadata: ids.Metadata, Ensure: ids.Ensure, Disks: disks{c.path("nodes")}, Clock: c.clock, Era: c.cfg.era, RootCA: c.ca.CertPEM(), Sign: c.ca, Log: c.cfg.Log,
		LegacyToken: (&token.Issuer{Keys: c.keys, Name: c.cfg.ServiceAccountIssuers[0], Era: c.cfg.era}).MintLegacy,
	})
	itself, err := c.component("system:apiserver", "system:masters")
	if err != nil {
		return err
	}
	if c.itself, err = kubernetes.NewForConfig(itself); err != nil {
		return err
	}
	sched, err := c.component("system:kube-scheduler")
	if err != nil {
		return err
	}
	sched.UserAgent = "kube-scheduler/" + version
	schedClient, err := kubernetes.NewForConfig(sched)
	if err != nil {
		return err
	}
	s := scheduler.New(scheduler.Config{Client: schedClient, Clock: c.clock, Log: c.cfg.Log})

	l.run("controllers", c.manager.Run)
	l.run("system namespaces", controller.NewSystemNamespaces(c.itself, c.clock).Run)
	l.run("event expiry", controller.NewEventExpiry(c.itself, c.clock).Run)
	if c.cfg.era.TracksLegacyUse() {
		l.run("legacy token tracking", controller.NewLegacyTracking(c.itself, c.clock).Run)
	}
	l.run("scheduler", s.Run)
	if c.network, err = c.newPodNetwork(); err != nil {
		return err
	}
	l.run("network of pods", c.network.Run)
	c.settling.Store(&settling{server: c.server, manager: c.manager, scheduler: s, nodes: c.nodes})
	return c.nodes.start(l)
}

// readyPoll is how often the cluster looks whether it is ready; wall time, since nobody's clock is involved.
const readyPoll = 2 * time.Millisecond

// awaitReady closes ready when a first pod would run.
func (c *Cluster) awaitReady(ctx context.Context) {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for !c.usable() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	close(c.ready)
}

func (c *Cluster) usable() bool {
	r := c.server.Registry()
	if _, err := r.Core("serviceaccounts").Get(metav1.NamespaceDefault, "default"); err != nil {
		return false
	}
	if _, err := r.Core("configmaps").Get(metav1.NamespaceDefault, "kube-root-ca.crt"); err != nil {
		return false
	}
	for _, d := range c.nodes.reachable() { // nobody waits for one that is cut off
		if !c.nodeUsable(d.Name) {
			return false
		}
	}
	return true
}

// nodeReady says whether a node takes pods: it is Ready, and the taint of a new one has been taken away.
func nodeReady(n *corev1.Node) bool {
	if slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == corev1.TaintNodeNotReady }) {
		return false
	}
	for _, cond := range n.Status.Conditions {
		if cond.Type == corev1.NodeReady {
			return cond.Status == corev1.ConditionTrue
		}
	}
	return false
}
