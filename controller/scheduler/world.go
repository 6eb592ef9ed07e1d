package scheduler

import (
	"slices"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	schedulinghelper "k8s.io/component-helpers/scheduling/corev1"

	"github.com/kubemint/kubemint/controller/work"
)

// What a container that requests nothing counts for when loads are compared (never when it is asked
// whether a pod fits): a tenth of a CPU and 200 MB, as upstream has it.
const (
	idleCPU    = 100               // millicores
	idleMemory = 200 * 1024 * 1024 // bytes
)

// amounts are resources in their smallest counted unit: millicores for cpu, else whole units.
type amounts map[corev1.ResourceName]int64

func amountsOf(list corev1.ResourceList) amounts {
	out := make(amounts, len(list))
	for name, q := range list {
		if name == corev1.ResourceCPU {
			out[name] = q.MilliValue()
		} else {
			out[name] = q.Value()
		}
	}
	return out
}

// pod is what the scheduler keeps of a pod. The object is held only until the pod has a node.
type pod struct {
	uid             types.UID
	namespace, name string
	node            string // where it is, or is assumed to be
	assumed         bool   // decided here, and not seen through the watch yet
	held            bool   // assumed while its claims are being bound; it is decided on again then
	priority        int32
	requests        amounts
	cpu, memory     int64 // requests for comparing loads
	ports           []hostPort
	claims          map[string]bool // names of the claims it uses; nil: none

	object   atomic.Pointer[corev1.Pod] // newest; nil once it has a node
	required nodeaffinity.RequiredNodeAffinity
}

type hostPort struct {
	ip       string
	protocol corev1.Protocol
	port     int32
}

func newPod(object *corev1.Pod) *pod {
	p := &pod{
		uid: object.UID, namespace: object.Namespace, name: object.Name, priority: schedulinghelper.PodPriority(object),
		requests: amountsOf(resource.PodRequests(object, resource.PodResourcesOptions{})),
	}
	p.cpu, p.memory = p.requests[corev1.ResourceCPU], p.requests[corev1.ResourceMemory]
	for i := range object.Spec.Containers {
		c := &object.Spec.Containers[i]
		if _, ok := c.Resources.Requests[corev1.ResourceCPU]; !ok {
			p.cpu += idleCPU
		}
		if _, ok := c.Resources.Requests[corev1.ResourceMemory]; !ok {
			p.memory += idleMemory
		}
		for _, port := range c.Ports {
			if port.HostPort > 0 {
				p.ports = append(p.ports, hostPort{port.HostIP, port.Protocol, port.HostPort})
			}
		}
	}
	for i := range object.Spec.Volumes {
		if name := work.ClaimOf(object, &object.Spec.Volumes[i]); name != "" {
			if p.claims == nil {
				p.claims = map[string]bool{}
			}
			p.claims[name] = true
		}
	}
	if object.Spec.NodeName == "" {
		p.object.Store(object)
		p.required = nodeaffinity.GetRequiredNodeAffinity(object)
	}
	return p
}

func (p *pod) key() string { return p.namespace + "/" + p.name }

// node is a node and what is on it.
type node struct {
	object      *corev1.Node
	allocatable amounts
	used        amounts
	cpu, memory int64 // for comparing loads
	pods        int64
	ports       []hostPort
}

// world is the scheduler's picture of the cluster: every node with its load, every pod with its
// place. It is safe for concurrent use.
type world struct {
	mu    sync.Mutex
	nodes map[string]*node
	order []string // names of the nodes that exist, sorted
	pods  map[types.UID]*pod
	turn  int // where the next choice among equals begins

	storing storing
}

func newWorld() *world {
	return &world{nodes: map[string]*node{}, pods: map[types.UID]*pod{}, storing: newStoring()}
}

// node is the entry of that name; one without an object holds the load of pods seen before their node.
func (w *world) node(name string) *node {
	n := w.nodes[name]
	if n == nil {
		n = &node{used: amounts{}}
		w.nodes[name] = n
	}
	return n
}

// setNode takes in a node and says whether it could now take pods that it could not before.
func (w *world) setNode(object *corev1.Node) bool {
	object.ManagedFields = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.node(object.Name)
	old := n.object
	n.object, n.allocatable = object, amountsOf(object.Status.Allocatable)
	if old == nil {
		at, _ := slices.BinarySearch(w.order, object.Name)
		w.order = slices.Insert(w.order, at, object.Name)
		return true
	}
	return old.Spec.Unschedulable != object.Spec.Unschedulable ||
		!equality.Semantic.DeepEqual(old.Labels, object.Labels) ||
		!equality.Semantic.DeepEqual(old.Spec.Taints, object.Spec.Taints) ||
		!equality.Semantic.DeepEqual(old.Status.Allocatable, object.Status.Allocatable)
}

func (w *world) dropNode(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.nodes[name]
	if n == nil {
		return
	}
	n.object = nil
	if at, ok := slices.BinarySearch(w.order, name); ok {
		w.order = slices.Delete(w.order, at, at+1)
	}
	if n.pods == 0 {
		delete(w.nodes, name)
	}
}

func (w *world) nodeNames() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.order)
}

// place notes that a pod is on a node.
func (w *world) place(p *pod, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(p.uid)
	p.node = name
	w.pods[p.uid] = p
	w.node(name).add(p, 1)
}

// want notes a pod without a node, and says whether it is to be decided on: not if that has been
// done and the watch only lags behind.
func (w *world) want(p *pod) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.pods[p.uid]; old != nil && (old.node == "" || old.held) && same(old.object.Load(), p.object.Load()) {
		old.object.Store(p.object.Load()) // its status alone has changed, mostly by this scheduler
		return false
	} else if old != nil && old.assumed && !old.held {
		return false
	}
	w.remove(p.uid)
	w.pods[p.uid] = p
	return true
}

// same says whether two objects of a pod ask for the same place.
func same(a, b *corev1.Pod) bool {
	return equality.Semantic.DeepEqual(a.Spec, b.Spec) && equality.Semantic.DeepEqual(a.Labels, b.Labels)
}

// forget takes back an assumed place: the binding failed.
func (w *world) forget(p *pod) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.pods[p.uid]; now == p && p.assumed {
		w.node(p.node).add(p, -1)
		p.node, p.assumed = "", false
	}
}

// hold keeps the place that was decided on for a pod until it is decided on again: nobody takes the room to which its claims are being tied.
func (w *world) hold(p *pod) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pods[p.uid] == p && p.assumed {
		p.held = true
	}
}

// release gives back a place that was held, and says whether there was one.
func (w *world) release(p *pod) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pods[p.uid] != p || !p.held {
		return false
	}
	w.node(p.node).add(p, -1)
	p.node, p.assumed, p.held = "", false, false
	return true
}

// dropPod forgets a pod and says whether that made room on a node.
func (w *world) dropPod(uid types.UID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remove(uid)
}

func (w *world) remove(uid types.UID) bool {
	p := w.pods[uid]
	if p == nil {
		return false
	}
	delete(w.pods, uid)
	if p.node == "" {
		return false
	}
	n := w.node(p.node)
	n.add(p, -1)
	if n.object == nil && n.pods == 0 {
		delete(w.nodes, p.node)
	}
	return true
}

func (w *world) podUIDs() []types.UID {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]types.UID, 0, len(w.pods))
	for uid := range w.pods {
		out = append(out, uid)
	}
	return out
}

// add counts a pod in (1) or out (-1).
func (n *node) add(p *pod, sign int64) {
	for name, v := range p.requests {
		n.used[name] += sign * v
	}
	n.cpu += sign * p.cpu
	n.memory += sign * p.memory
	n.pods += sign
	if sign > 0 {
		n.ports = append(n.ports, p.ports...)
		return
	}
	for _, port := range p.ports {
		if i := slices.Index(n.ports, port); i >= 0 {
			n.ports = slices.Delete(n.ports, i, i+1)
		}
	}
}
