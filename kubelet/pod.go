package kubelet

import (
	"hash/maphash"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/network"
	"github.com/kubemint/kubemint/kubelet/token"
)

// pod is what the node knows of one pod. The first group of fields never changes, the second is
// guarded by Kubelet.mu, turn by the queue, and the rest belongs to the worker who has the pod.
type pod struct {
	uid             types.UID
	namespace, name string

	object  *corev1.Pod   // newest seen; shared, never changed
	gone    bool          // no object any more
	leaving chan struct{} // closed when the object is being deleted, or gone
	reasons reason
	timers  []timer
	// The grace period of a pod that is stopping, and when it ends.
	graceEnd *clock.Deadline
	graceAt  time.Time
	runs     map[string]begun // by container
	end      *network.End     // of the network; nil before the pod has an address, and after its end

	turn turn

	began      bool
	started    time.Time // status.startTime
	schedule   token.Schedule
	planned    time.Time // the next sync that the schedule foretold and plan set; zero: none
	wishes     []wish
	refs       []refKey
	look       time.Time // when a probe has the pod looked at again
	ip         string
	ownIP      bool              // ip is of the node's range and to be given back
	sent       *corev1.PodStatus // the status written last
	volumes    map[string]*mountState
	init       []run
	main       []run
	extra      []run     // of ephemeral containers
	waitsSince time.Time // for volumes
	placed     bool      // volumes mounted, directories made, address given: containers may start
	stopping   bool      // TERM was sent
	failure    *podFailure
	unmounted  bool // after its end: no volumes on disk any more
	dirGone    bool // after deletion: nothing on disk any more
	deleted    bool // the object's final DELETE was answered
}

// podFailure ends a pod from the node's side.
type podFailure struct{ reason, message string }

func newPod(object *corev1.Pod) *pod {
	return &pod{uid: object.UID, namespace: object.Namespace, name: object.Name, leaving: make(chan struct{})}
}

// leave notes that the pod is to end, which nobody who looks after its health needs to wait for. Kubelet.mu is held.
func (p *pod) leave() {
	if !p.isLeaving() {
		close(p.leaving)
	}
}

func (p *pod) isLeaving() bool {
	select {
	case <-p.leaving:
		return true
	default:
		return false
	}
}

func (p *pod) key() string { return p.namespace + "/" + p.name }

// what names the pod's deadlines for people.
func (p *pod) what() string { return "pod " + p.key() }

// seedOf makes the pod's row of syncs its own.
func (k *Kubelet) seedOf(p *pod) uint64 { return maphash.String(k.seed, string(p.uid)) }

// concerns says whether the newer object differs in what a kubelet acts upon. Its own status
// patches come back through the watch and concern nobody. Kubelet.mu is held.
func (p *pod) concerns(newer *corev1.Pod) bool {
	old := p.object
	if old.Generation != newer.Generation || old.Generation == 0 {
		return true
	}
	if !old.DeletionTimestamp.Equal(newer.DeletionTimestamp) || grace(old) != grace(newer) ||
		ended(newer.Status.Phase) && !ended(old.Status.Phase) {
		return true
	}
	return !equality.Semantic.DeepEqual(old.Labels, newer.Labels) || !equality.Semantic.DeepEqual(old.Annotations, newer.Annotations)
}

// grace is the grace period of a pod that is being deleted, in seconds; -1 for any other.
func grace(object *corev1.Pod) int64 {
	if g := object.DeletionGracePeriodSeconds; g != nil {
		return *g
	}
	return -1
}

// podGrace is how long a pod's containers have to stop when the node ends them.
func podGrace(object *corev1.Pod) time.Duration {
	if s := object.Spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return 30 * time.Second
}

// ended says whether a phase is one that never changes back (KUB-50).
func ended(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}
