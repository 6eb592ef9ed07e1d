package nodes

import (
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// startupGrace is how long a node that has never posted its status is waited for.
const startupGrace = time.Minute

// lastSign is the last moment a node is known to have lived, and how long it may be silent after it.
func lastSign(n *corev1.Node, lease *coordinationv1.Lease, grace time.Duration) (time.Time, time.Duration) {
	var last time.Time
	if c := condition(n, corev1.NodeReady); c != nil {
		last = c.LastHeartbeatTime.Time
	}
	if lease != nil && lease.Spec.RenewTime != nil && lease.Spec.RenewTime.After(last) {
		last = lease.Spec.RenewTime.Time
	}
	if last.IsZero() {
		return n.CreationTimestamp.Time, startupGrace
	}
	return last, grace
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
