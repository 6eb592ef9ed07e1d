package kubemint

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/kubelet"
	"github.com/kubemint/kubemint/kubelet/shell"
)

// nodes are the simulated nodes of a cluster.
type nodes struct {
	cluster *Cluster
	file    string        // where they are remembered; empty: nowhere
	turn    chan struct{} // holds one token: one change of the set at a time

	children *shell.Children // of the containers of all nodes

	mu     sync.Mutex
	layer  *layer // where they run; nil: none runs yet
	all    []*node
	record nodesRecord
}

// newNodes reads which nodes there were.
func newNodes(c *Cluster) (*nodes, error) {
	n := &nodes{cluster: c, turn: make(chan struct{}, 1), children: shell.NewChildren(c.cfg.ContainerProcesses)}
	n.turn <- struct{}{}
	if !c.cfg.Ephemeral && !c.cfg.temp {
		n.file = c.path("nodes.json")
		var err error
		if n.record, err = loadNodes(n.file); err != nil {
			return nil, err
		}
	}
	return n, n.record.grow(c.cfg.Nodes)
}

// start runs the nodes that there are to be.
func (n *nodes) start(l *layer) error {
	n.mu.Lock()
	n.layer = l
	records := slices.Clone(n.record.Nodes)
	n.mu.Unlock()
	for _, r := range records {
		if err := n.begin(l, r); err != nil {
			return err
		}
	}
	return n.save()
}

// begin makes one node and runs it.
func (n *nodes) begin(l *layer, r nodeRecord) error {
	made, err := n.prepare(r)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := made.startIn(l); err != nil {
		return err
	}
	n.all = append(n.all, made)
	if r.Cut {
		n.announceLoss(made)
	}
	return nil
}

// save writes down which nodes there are.
func (n *nodes) save() error {
	if n.file == "" {
		return nil
	}
	n.mu.Lock()
	r := n.record
	r.Nodes = slices.Clone(r.Nodes)
	for i := range r.Nodes {
		for _, d := range n.all {
			if d.Name == r.Nodes[i].Name {
				r.Nodes[i] = d.nodeRecord
			}
		}
	}
	n.record = r
	n.mu.Unlock()
	return r.save(n.file)
}

func (n *nodes) list() []*node {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

// reachable are the nodes that the API server hears of.
func (n *nodes) reachable() []*node {
	return slices.DeleteFunc(n.list(), func(d *node) bool { return d.cable.IsCut() })
}

// Heartbeat has every node renew its lease, all at once, and says how many did.
func (n *nodes) Heartbeat(ctx context.Context) int {
	var wg sync.WaitGroup
	all := n.reachable()
	for _, d := range all {
		wg.Go(func() { d.kubelet.Heartbeat(ctx) })
	}
	wg.Wait()
	return len(all)
}

// pending is what the nodes still have to do; one that is cut off has its pods to see to, and nobody to tell.
func (n *nodes) pending() []string {
	var out []string
	for _, d := range n.list() {
		if d.cable.IsCut() {
			out = append(out, d.kubelet.Busy()...)
			continue
		}
		out = append(out, d.kubelet.Pending()...)
	}
	return out
}

func (n *nodes) informers() []controller.Synced {
	out := n.cluster.networkInformers()
	for _, d := range n.reachable() {
		for _, s := range d.kubelet.Informers() {
			out = append(out, controller.Synced(s))
		}
	}
	return out
}

// of returns the node of this name, or nil.
func (n *nodes) of(name string) *node {
	for _, d := range n.list() {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Named returns the kubelet of this name, or nil.
func (n *nodes) Named(name string) *kubelet.Kubelet {
	if d := n.of(name); d != nil {
		return d.kubelet
	}
	return nil
}

// dial reaches a simulated node's own server; there is no connection to others.
func (n *nodes) dial(ctx context.Context, name string) (net.Conn, error) {
	d := n.of(name)
	if d == nil {
		return nil, nil
	}
	return d.way.Dial(ctx)
}
