package nodes

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// owned are the taints that follow a node's state: whoever puts one of them by hand loses it again.
var owned = []string{
	corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable, corev1.TaintNodeUnschedulable,
	corev1.TaintNodeMemoryPressure, corev1.TaintNodeDiskPressure, corev1.TaintNodePIDPressure, corev1.TaintNodeNetworkUnavailable,
}

// wanted returns the taints that a node should have, without times. evict is false while no node of the cluster is
// ready: then the fault is more likely on this side, and nothing is evicted.
func wanted(n *corev1.Node, evict bool) []corev1.Taint {
	var t []corev1.Taint
	put := func(key string, effect corev1.TaintEffect) { t = append(t, corev1.Taint{Key: key, Effect: effect}) }
	for _, m := range []struct {
		kind corev1.NodeConditionType
		when corev1.ConditionStatus
		key  string
	}{
		{corev1.NodeReady, corev1.ConditionFalse, corev1.TaintNodeNotReady},
		{corev1.NodeReady, corev1.ConditionUnknown, corev1.TaintNodeUnreachable},
		{corev1.NodeMemoryPressure, corev1.ConditionTrue, corev1.TaintNodeMemoryPressure},
		{corev1.NodeDiskPressure, corev1.ConditionTrue, corev1.TaintNodeDiskPressure},
		{corev1.NodePIDPressure, corev1.ConditionTrue, corev1.TaintNodePIDPressure},
		{corev1.NodeNetworkUnavailable, corev1.ConditionTrue, corev1.TaintNodeNetworkUnavailable},
	} {
		if c := condition(n, m.kind); c == nil || c.Status != m.when {
			continue
		}
		put(m.key, corev1.TaintEffectNoSchedule)
		if m.kind == corev1.NodeReady && evict {
			put(m.key, corev1.TaintEffectNoExecute)
		}
	}
	if n.Spec.Unschedulable {
		put(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	}
	return t
}

// retaint returns the taints of n with the owned ones brought in line, and whether that changes anything. What stays
// keeps its time; what is new gets now.
func retaint(n *corev1.Node, evict bool, now metav1.Time) ([]corev1.Taint, bool) {
	want := wanted(n, evict)
	var next []corev1.Taint
	changed := false
	for _, have := range n.Spec.Taints {
		i := slices.IndexFunc(want, func(w corev1.Taint) bool { return w.Key == have.Key && w.Effect == have.Effect })
		switch {
		case i >= 0:
			want = slices.Delete(want, i, i+1)
			next = append(next, have)
		case slices.Contains(owned, have.Key) && (have.Effect == corev1.TaintEffectNoSchedule || have.Effect == corev1.TaintEffectNoExecute):
			changed = true
		default:
			next = append(next, have)
		}
	}
	for _, w := range want {
		w.TimeAdded = &now
		next = append(next, w)
		changed = true
	}
	return next, changed
}
