package kubemint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/panel"
	"github.com/kubemint/kubemint/internal/say"
)

// refuse says in a sentence why nothing is done to a node.
func refuse(code, name string) error { return say.Failure(code, say.Params{"node": name}, nil) }

// checkNodeName refuses what can name no node: the name is a label's value as well, and a directory.
func checkNodeName(name string) error {
	if len(name) > validation.LabelValueMaxLength || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return refuse("node.name", name)
	}
	return nil
}

// nodePatience is how long Add waits for a node to be ready, in wall time, and nodeLook how often it looks.
const (
	nodePatience = 10 * time.Second
	nodeLook     = 5 * time.Millisecond
)

// States tells of each simulated node what only the cluster knows.
func (n *nodes) States() []panel.NodeState {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]panel.NodeState, 0, len(n.all))
	for _, d := range n.all {
		out = append(out, panel.NodeState{Name: d.Name, Cut: d.Cut, Skew: time.Duration(d.Skew), LastHeard: d.kubelet.LastHeard()})
	}
	return out
}

// changing waits for its turn to change the set; done ends it.
func (n *nodes) changing(ctx context.Context) (done func(), err error) {
	select {
	case <-n.turn:
		return func() { n.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Add lets a new node join, and returns its name once it is ready. An empty name is the next node-N that is free.
func (n *nodes) Add(ctx context.Context, name string) (string, error) {
	if name != "" {
		if err := checkNodeName(name); err != nil {
			return "", err
		}
	}
	done, err := n.changing(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	n.mu.Lock()
	l, record := n.layer, n.record
	record.Nodes = slices.Clone(record.Nodes)
	n.mu.Unlock()
	if l == nil {
		return "", refuse("node.early", name)
	}
	if name != "" && n.known(name) {
		return "", refuse("node.exists", name)
	}
	made, err := record.add(name, len(record.Nodes)+1)
	for ; err == nil && name == "" && n.known(made.Name); made, err = record.add("", len(record.Nodes)+1) {
	}
	if err != nil {
		return "", err
	}
	if err := n.begin(l, made); err != nil {
		return "", err
	}
	n.mu.Lock()
	n.record.Nodes = append(n.record.Nodes, made)
	n.mu.Unlock()
	if err := n.save(); err != nil {
		return "", err
	}
	return made.Name, n.awaitReady(ctx, made.Name)
}

// known says whether there is a Node of this name, simulated or not.
func (n *nodes) known(name string) bool {
	_, err := n.cluster.server.Registry().Core("nodes").Get("", name)
	return err == nil || n.of(name) != nil
}

func (n *nodes) awaitReady(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, nodePatience)
	defer cancel()
	tick := time.NewTicker(nodeLook)
	defer tick.Stop()
	for !n.cluster.nodeUsable(name) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("node %s has joined, but is not ready yet", name)
		}
	}
	return nil
}

// Remove takes a node away: its kubelet stops, its Node is deleted, its directory goes. What ran there is collected as garbage a little
// later, as the pods of any node that is deleted.
func (n *nodes) Remove(ctx context.Context, name string) error {
	done, err := n.changing(ctx)
	if err != nil {
		return err
	}
	defer done()
	d, err := n.simulated(name)
	if err != nil {
		return err
	}
	d.stop()
	<-d.ended
	n.mu.Lock()
	n.all = slices.DeleteFunc(n.all, func(o *node) bool { return o == d })
	n.record.Nodes = slices.DeleteFunc(slices.Clone(n.record.Nodes), func(r nodeRecord) bool { return r.Name == name })
	lost := d.lost
	n.mu.Unlock()
	if lost != nil {
		lost.Stop()
	}
	err = n.cluster.itself.CoreV1().Nodes().Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(n.cluster.path("nodes", name)), n.save())
}

// simulated finds a node that this process simulates.
func (n *nodes) simulated(name string) (*node, error) {
	if d := n.of(name); d != nil {
		return d, nil
	}
	if n.known(name) {
		return nil, refuse("node.foreign", name)
	}
	return nil, refuse("node.unknown", name)
}

// Cut breaks the connection from a node's kubelet to the API server.
func (n *nodes) Cut(ctx context.Context, name string) error {
	return n.change(ctx, name, func(d *node) error {
		if !d.cable.Cut() {
			return refuse("node.cut.already", name)
		}
		d.Cut = true
		n.announceLoss(d)
		return nil
	})
}

// change is one change of a node's record; do is called with n.mu held.
func (n *nodes) change(ctx context.Context, name string, do func(d *node) error) error {
	done, err := n.changing(ctx)
	if err != nil {
		return err
	}
	defer done()
	d, err := n.simulated(name)
	if err != nil {
		return err
	}
	n.mu.Lock()
	err = do(d)
	n.mu.Unlock()
	if err != nil {
		return err
	}
	return n.save()
}

// announceLoss lets the clock stop when a node that is cut off has been silent for too long: whoever judges it has no timer of that kind,
// because a healthy node would move it every ten seconds. n.mu is held.
func (n *nodes) announceLoss(d *node) {
	last := d.kubelet.LastHeard()
	if last.IsZero() {
		last = n.cluster.clock.Now()
	}
	at := last.Add(n.cluster.cfg.era.NodeGrace() + lossSlack)
	d.lost = n.cluster.clock.Deadline(clock.Other, "node "+d.Name+" given up", at, nil)
}

// lossSlack is between the renewal of a lease and the moment when its news has reached who judges.
const lossSlack = time.Second

// Heal mends the connection of a node. The node has reported when it returns, unless it is still starting.
func (n *nodes) Heal(ctx context.Context, name string) error {
	var healed *node
	err := n.change(ctx, name, func(d *node) error {
		if !d.cable.Heal() {
			return refuse("node.heal.whole", name)
		}
		d.Cut = false
		if d.lost != nil {
			d.lost.Stop()
			d.lost = nil
		}
		healed = d
		return nil
	})
	if healed != nil {
		healed.kubelet.Heartbeat(ctx)
		healed.kubelet.Reconnected()
	}
	return err
}

// maxSkew is as far as a node's clock may be off.
const maxSkew = 100 * 365 * 24 * time.Hour

// Skew puts a node's clock ahead of the cluster's by d; negative: behind.
func (n *nodes) Skew(ctx context.Context, name string, d time.Duration) error {
	if d.Abs() > maxSkew {
		return refuse("node.skew.far", name)
	}
	var skewed *node
	err := n.change(ctx, name, func(is *node) error {
		is.nodeRecord.Skew = span(d)
		skewed = is
		return nil
	})
	if skewed != nil {
		skewed.kubelet.SetSkew(d)
	}
	return err
}

// nodeUsable says whether a Node is ready.
func (c *Cluster) nodeUsable(name string) bool {
	obj, err := c.server.Registry().Core("nodes").Typed("", name)
	return err == nil && nodeReady(obj.(*corev1.Node))
}
