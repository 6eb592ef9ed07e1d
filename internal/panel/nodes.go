package panel

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// NodeState is what only the cluster knows of a node that it simulates.
type NodeState struct {
	Name string
	// Cut: its kubelet cannot reach the API server.
	Cut bool
	// Skew is how far its clock is ahead of the cluster's.
	Skew time.Duration
	// LastHeard is when its lease was last renewed, in the cluster's time; zero: never by this process.
	LastHeard time.Time
}

// nodeQuestion is what a POST asks for: a new node by this name (empty: the cluster finds one), or by how much a clock is to be off.
type nodeQuestion struct {
	Name string `json:"name"`
	By   string `json:"by"`
}

// nodes lists the nodes, or lets one join.
func (p *panel) nodes(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet, http.MethodPost); err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet {
		return p.allNodes()
	}
	var q nodeQuestion
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	name, err := p.Nodes.Add(r.Context(), q.Name)
	if err != nil {
		return nil, nodeRefusal(q.Name, err)
	}
	return p.oneNode(name)
}

// node shows one, or takes it away.
func (p *panel) node(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet, http.MethodDelete); err != nil {
		return nil, err
	}
	name := chi.URLParam(r, "name")
	before, err := p.oneNode(name)
	if err != nil || r.Method == http.MethodGet {
		return before, err
	}
	if err := p.Nodes.Remove(r.Context(), name); err != nil {
		return nil, nodeRefusal(name, err)
	}
	return before, nil
}

// steerNode changes what a node can do.
func (p *panel) steerNode(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q nodeQuestion
	if r.ContentLength != 0 {
		if err := readJSON(w, r, &q); err != nil {
			return nil, err
		}
	}
	name, do := chi.URLParam(r, "name"), chi.URLParam(r, "do")
	var err error
	switch do {
	case "cut":
		err = p.Nodes.Cut(r.Context(), name)
	case "heal":
		err = p.Nodes.Heal(r.Context(), name)
	case "skew":
		var d time.Duration
		if d, err = time.ParseDuration(q.By); err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("by %q: %v", q.By, err))
		}
		err = p.Nodes.Skew(r.Context(), name, d)
	default:
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%q is nothing that can be done to a node: cut, heal or skew", do))
	}
	if err != nil {
		return nil, nodeRefusal(name, err)
	}
	return p.oneNode(name)
}

// nodeCodes says which refusals are not conflicts.
var nodeCodes = map[string]struct {
	code   int32
	reason metav1.StatusReason
}{
	"node.unknown":  {http.StatusNotFound, metav1.StatusReasonNotFound},
	"node.name":     {http.StatusBadRequest, metav1.StatusReasonBadRequest},
	"node.skew.far": {http.StatusBadRequest, metav1.StatusReasonBadRequest},
	"node.early":    {http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable},
}

// nodeRefusal puts a refusal as it goes over the wire: with its sentence for people, and its code for those who speak another language.
func nodeRefusal(name string, err error) error {
	var why *say.Error
	if !errors.As(err, &why) {
		return err
	}
	status := metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusConflict, Reason: metav1.StatusReasonConflict, Message: why.Error(),
		Details: &metav1.StatusDetails{Group: "kubemint", Kind: "nodes", Name: name, Causes: []metav1.StatusCause{{Type: metav1.CauseType(why.Code), Message: why.Error()}}},
	}
	if is, ok := nodeCodes[why.Code]; ok {
		status.Code, status.Reason = is.code, is.reason
	}
	return &apierrors.StatusError{ErrStatus: status}
}

// oneNode is one of allNodes.
func (p *panel) oneNode(name string) (any, error) {
	all, err := p.allNodes()
	if err != nil {
		return nil, err
	}
	for _, n := range all.Nodes {
		if n.Name == name {
			return n, nil
		}
	}
	return nil, nodeRefusal(name, say.Failure("node.unknown", say.Params{"node": name}, nil))
}

// allNodes are the Nodes by their names, and after them the simulated ones that have none yet.
func (p *panel) allNodes() (told.Nodes, error) {
	out := told.Nodes{Now: p.Clock.Now(), Nodes: []told.Node{}}
	pods, err := p.podsByNode()
	if err != nil {
		return out, err
	}
	states := map[string]NodeState{}
	for _, s := range p.Nodes.States() {
		states[s.Name] = s
	}
	err = p.each("nodes", func(obj runtime.Object) {
		n := obj.(*corev1.Node)
		v := told.Node{Name: n.Name, Ready: string(corev1.ConditionUnknown), Cordoned: n.Spec.Unschedulable, Pods: pods[n.Name]}
		for _, c := range n.Status.Conditions {
			if c.Type == corev1.NodeReady {
				v.Ready, v.Since = string(c.Status), &c.LastTransitionTime.Time
			}
		}
		for _, a := range n.Status.Addresses {
			if a.Type == corev1.NodeInternalIP {
				v.Address = a.Address
			}
		}
		if s, ok := states[n.Name]; ok {
			s.tell(&v)
			delete(states, n.Name)
		}
		out.Nodes = append(out.Nodes, v)
	})
	for _, s := range p.Nodes.States() {
		if _, left := states[s.Name]; left {
			v := told.Node{Name: s.Name}
			s.tell(&v)
			out.Nodes = append(out.Nodes, v)
		}
	}
	return out, err
}

func (s NodeState) tell(v *told.Node) {
	v.Simulated, v.Cut, v.SkewSeconds = true, s.Cut, s.Skew.Seconds()
	if !s.LastHeard.IsZero() {
		v.LastHeard = &s.LastHeard
	}
}

// podsByNode counts the pods that live on each node.
func (p *panel) podsByNode() (map[string]int, error) {
	count := map[string]int{}
	return count, p.each("pods", func(obj runtime.Object) {
		pod := obj.(*corev1.Pod)
		if pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
			count[pod.Spec.NodeName]++
		}
	})
}

// each visits all objects of a resource of the core group, in the order of their names.
func (p *panel) each(resource string, f func(runtime.Object)) (err error) {
	p.Server.Registry().Core(resource).Kind().Snapshot().Each("", "", func(o *cache.Object) bool {
		var obj runtime.Object
		if obj, err = o.Typed(); err == nil {
			f(obj)
		}
		return err == nil
	})
	return err
}
