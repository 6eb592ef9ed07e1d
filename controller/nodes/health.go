package nodes

import (
	"strconv"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// startupGrace is how long a node that has never posted its status is waited for.
const startupGrace = time.Minute

// sign is what a node last said of itself, and when that was noticed here. The times it wrote are its own clock's, which may be off: they
// only tell one sign from the next.
type sign struct {
	renewed, posted word
	at              time.Time
}

// word is one of the two: a time as the node wrote it, and the version of the object it stands in. A clock that was put back makes a new
// word with an older time.
type word struct {
	said    time.Time
	version int64
}

func wordOf(said time.Time, version string) word {
	n, _ := strconv.ParseInt(version, 10, 64) // 0 for a server without versions
	return word{said, n}
}

func (w word) newerThan(old word) bool { return !w.said.Equal(old.said) && w.version >= old.version }

// lastSign is the last moment a node is known to have lived, and how long it may be silent after it. What is new counts from now.
func (l *lifecycle) lastSign(n *corev1.Node, lease *coordinationv1.Lease) (time.Time, time.Duration) {
	is := sign{at: l.Clock.Now()}
	if c := condition(n, corev1.NodeReady); c != nil {
		is.posted = wordOf(c.LastHeartbeatTime.Time, n.ResourceVersion)
	}
	if lease != nil && lease.Spec.RenewTime != nil {
		is.renewed = wordOf(lease.Spec.RenewTime.Time, lease.ResourceVersion)
	}
	if is.posted.said.IsZero() && is.renewed.said.IsZero() {
		return n.CreationTimestamp.Time, startupGrace
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	was, known := l.signs[n.Name]
	if known && !is.renewed.newerThan(was.renewed) && !is.posted.newerThan(was.posted) {
		return was.at, l.grace
	}
	l.signs[n.Name] = is
	return is.at, l.grace
}

// Reasons and messages of conditions that a kubelet no longer, or never, posted (NODE-3).
const (
	reasonStopped  = "NodeStatusUnknown"
	messageStopped = "Kubelet stopped posting node status."
	reasonNever    = "NodeStatusNeverUpdated"
	messageNever   = "Kubelet never posted node status."
)

// silence sets the kubelet's conditions to Unknown and says whether one changed.
func silence(n *corev1.Node, now time.Time) (changed bool) {
	for _, kind := range []corev1.NodeConditionType{corev1.NodeReady, corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure} {
		c := condition(n, kind)
		switch {
		case c == nil:
			n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: kind, Status: corev1.ConditionUnknown,
				Reason: reasonNever, Message: messageNever, LastHeartbeatTime: n.CreationTimestamp, LastTransitionTime: metav1.NewTime(now)})
			changed = true
		case c.Status != corev1.ConditionUnknown:
			c.Status, c.Reason, c.Message = corev1.ConditionUnknown, reasonStopped, messageStopped
			c.LastTransitionTime = metav1.NewTime(now)
			changed = true
		}
	}
	return changed
}

func condition(n *corev1.Node, kind corev1.NodeConditionType) *corev1.NodeCondition {
	for i := range n.Status.Conditions {
		if n.Status.Conditions[i].Type == kind {
			return &n.Status.Conditions[i]
		}
	}
	return nil
}

func status(n *corev1.Node, kind corev1.NodeConditionType) corev1.ConditionStatus {
	if c := condition(n, kind); c != nil {
		return c.Status
	}
	return corev1.ConditionUnknown
}
