package nodes

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	coordinationlisters "k8s.io/client-go/listers/coordination/v1"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Config is what a node's life is judged by.
type Config struct {
	// Grace is how long a node may be silent (NODE-3; era-dependent).
	Grace time.Duration
	// Reader lists and watches leases: the account node-controller may not read them.
	Reader kubernetes.Interface
}

type lifecycle struct {
	work.Env
	grace  time.Duration
	reader kubernetes.Interface
	loop   *work.Loop
	nodes  corelisters.NodeLister
	pods   *podsByNode
	leases coordinationlisters.LeaseLister

	mu     sync.Mutex
	leaps  map[string]int  // per node: how many leaps there had been when it was last judged
	ready  map[string]bool // per node: whether it was ready when last seen
	signs  map[string]sign // per node: its last sign of life
	news   int             // signs of life that have come so far
	spared bool            // nodes are without NoExecute taints because none is ready
}

// NewLifecycle returns the loop that judges nodes. e acts as node-controller. Keys are nodes.
func NewLifecycle(e work.Env, cfg Config) *work.Loop {
	n := &lifecycle{Env: e, grace: cfg.Grace, reader: cfg.Reader, loop: e.Loop("node lifecycle"), nodes: e.Factory.Core().V1().Nodes().Lister(),
		leaps: map[string]int{}, ready: map[string]bool{}, signs: map[string]sign{}}
	n.pods = indexPods(e)
	leases := e.Informers.Get("leases in "+corev1.NamespaceNodeLease, informers.NewSharedInformerFactoryWithOptions(cfg.Reader, 0, informers.WithNamespace(corev1.NamespaceNodeLease)).Coordination().V1().Leases().Informer)
	n.leases = coordinationlisters.NewLeaseLister(leases.GetIndexer())
	n.loop.Need(e.Pods())
	n.loop.Watch(leases, func(_, lease metav1.Object) {
		if lease != nil && lease.GetNamespace() == corev1.NamespaceNodeLease {
			n.loop.Queue.Add(lease.GetName())
			n.reconsider()
		}
	})
	n.loop.Watch(e.Nodes(), n.saw)
	n.loop.Sync = n.sync
	return n.loop
}

// saw takes in a change of a node. Whether any node is ready decides on the taints of all.
func (l *lifecycle) saw(old, new metav1.Object) {
	if new == nil {
		l.mu.Lock()
		delete(l.leaps, old.GetName())
		delete(l.ready, old.GetName())
		delete(l.signs, old.GetName())
		l.mu.Unlock()
		l.Events.Eventf(old.(*corev1.Node), corev1.EventTypeNormal, "RemovingNode", "Node %s event: Removing Node %s from Controller", old.GetName(), old.GetName())
		l.all()
		return
	}
	node := new.(*corev1.Node)
	if old == nil && node.CreationTimestamp.After(l.Clock.Now().Add(-startupGrace)) {
		l.Events.Eventf(node, corev1.EventTypeNormal, "RegisteredNode", "Node %s event: Registered Node %s in Controller", node.Name, node.Name)
	}
	is := status(node, corev1.NodeReady) == corev1.ConditionTrue
	l.mu.Lock()
	was, known := l.ready[node.Name]
	l.ready[node.Name] = is
	l.mu.Unlock()
	if known && was == is {
		l.loop.Queue.Add(node.Name)
		return
	}
	l.all()
}

// reconsider queues all nodes if some were spared and there is a new sign of life.
func (l *lifecycle) reconsider() {
	l.mu.Lock()
	l.news++
	spared := l.spared
	l.spared = false
	l.mu.Unlock()
	if spared {
		l.all()
	}
}

func (l *lifecycle) all() {
	nodes, err := l.nodes.List(labels.Everything())
	if err != nil {
		return
	}
	for _, n := range nodes {
		l.loop.Queue.Add(n.Name)
	}
}

// anyReady says whether some node of the cluster is ready, as far as is known here: the loop may not have come to
// judge it yet.
func (l *lifecycle) anyReady() bool {
	nodes, err := l.nodes.List(labels.Everything())
	if err != nil {
		return true
	}
	for _, n := range nodes {
		if status(n, corev1.NodeReady) != corev1.ConditionTrue {
			continue
		}
		lease, err := l.leases.Leases(corev1.NamespaceNodeLease).Get(n.Name)
		if err != nil {
			lease = nil
		}
		if last, grace := l.lastSign(n, lease); l.Clock.Now().Before(last.Add(grace)) {
			return true
		}
	}
	return false
}

// anyReadyOrSpare is anyReady for a node that is not. One that is spared is looked at again with the next sign of life, and at once if
// that came while this looked.
func (l *lifecycle) anyReadyOrSpare(name string) bool {
	l.mu.Lock()
	before := l.news
	l.mu.Unlock()
	if l.anyReady() {
		return true
	}
	l.mu.Lock()
	l.spared = true
	late := l.news != before
	l.mu.Unlock()
	if late {
		l.loop.Queue.Add(name)
	}
	return false
}

func (l *lifecycle) sync(ctx context.Context, key string) error {
	node, err := l.nodes.Get(key)
	if err != nil {
		return work.Gone(err)
	}
	alive, err := l.judge(ctx, node)
	if err != nil {
		return err
	}
	if !alive {
		if node, err = l.silence(ctx, node); err != nil {
			return work.Gone(err)
		}
	}
	if status(node, corev1.NodeReady) != corev1.ConditionTrue && condition(node, corev1.NodeReady) != nil {
		if err := l.unready(ctx, node); err != nil {
			return err
		}
	}
	return l.taint(ctx, node)
}

// judge says whether a node has given a sign of life in time, and sees to it that it is judged again when the time is
// up.
func (l *lifecycle) judge(ctx context.Context, node *corev1.Node) (alive bool, err error) {
	lease, err := l.leases.Leases(corev1.NamespaceNodeLease).Get(node.Name)
	if err != nil && !apierrors.IsNotFound(err) {
		return false, err
	}
	leapt := l.leapt(node.Name)
	for range 2 {
		last, grace := l.lastSign(node, lease)
		if left := last.Add(grace).Sub(l.Clock.Now()); left > 0 {
			l.loop.Queue.After(node.Name, left)
			return true, nil
		}
		if leapt {
			break // the leases really are that old
		}
		// While the clock advances every node renews its lease before anybody judges, but the news may not have come here.
		live, err := l.reader.CoordinationV1().Leases(corev1.NamespaceNodeLease).List(ctx,
			metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, node.Name).String()})
		if err != nil {
			return false, fmt.Errorf("lease of node %s: %w", node.Name, err)
		}
		lease = nil
		for i := range live.Items {
			if live.Items[i].Name == node.Name {
				lease = &live.Items[i]
			}
		}
	}
	return false, nil
}

// leapt says whether the clock has leapt since the node was last judged.
func (l *lifecycle) leapt(name string) bool {
	now := l.Clock.Leaps()
	l.mu.Lock()
	defer l.mu.Unlock()
	was, known := l.leaps[name]
	l.leaps[name] = now
	return known && was != now
}

// silence writes that nothing is known of a node any more. It is a patch of the conditions alone: after a leap the
// kubelet posts its status at the same moment, and whoever comes last is right until the other speaks again.
func (l *lifecycle) silence(ctx context.Context, node *corev1.Node) (*corev1.Node, error) {
	was := status(node, corev1.NodeReady)
	next := node.DeepCopy()
	if !silence(next, l.Clock.Now()) {
		return node, nil
	}
	type object = map[string]any
	data, err := json.Marshal(object{"metadata": object{"uid": node.UID}, "status": object{"conditions": next.Status.Conditions}})
	if err != nil {
		return node, err
	}
	next, err = l.Client.CoreV1().Nodes().Patch(ctx, node.Name, types.StrategicMergePatchType, data, metav1.PatchOptions{}, "status")
	if err != nil {
		return node, err
	}
	l.loop.Wrote(node.Name, l.Nodes(), next)
	if was == corev1.ConditionTrue {
		l.Events.Eventf(next, corev1.EventTypeNormal, "NodeNotReady", "Node %s status is now: NodeNotReady", next.Name)
	}
	return next, nil
}

// unready marks the pods of a node that is not ready as not ready either.
func (l *lifecycle) unready(ctx context.Context, node *corev1.Node) error {
	for _, p := range l.pods.on(node.Name) {
		for i := range p.Status.Conditions {
			if c := p.Status.Conditions[i]; c.Type != corev1.PodReady || c.Status != corev1.ConditionTrue {
				continue
			}
			p := p.DeepCopy()
			p.Status.Conditions[i].Status = corev1.ConditionFalse
			p.Status.Conditions[i].LastTransitionTime = metav1.NewTime(l.Clock.Now())
			if _, err := l.Client.CoreV1().Pods(p.Namespace).UpdateStatus(ctx, p, metav1.UpdateOptions{}); work.Gone(err) != nil {
				return fmt.Errorf("pod %s/%s of node %s: %w", p.Namespace, p.Name, node.Name, err)
			}
			l.Events.Event(p, corev1.EventTypeWarning, "NodeNotReady", "Node is not ready")
		}
	}
	return nil
}

// taint brings the taints in line with the conditions.
func (l *lifecycle) taint(ctx context.Context, node *corev1.Node) error {
	if condition(node, corev1.NodeReady) == nil {
		return nil // just registered: its kubelet has the word
	}
	evict := true
	if status(node, corev1.NodeReady) != corev1.ConditionTrue {
		evict = l.anyReadyOrSpare(node.Name)
	}
	taints, changed := retaint(node, evict, metav1.NewTime(l.Clock.Now()))
	if !changed {
		return nil
	}
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": node.ResourceVersion}, "spec": map[string]any{"taints": taints},
	})
	if err != nil {
		return err
	}
	next, err := l.Client.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, data, metav1.PatchOptions{})
	if err != nil {
		return work.Gone(err)
	}
	l.loop.Wrote(node.Name, l.Nodes(), next)
	return nil
}
