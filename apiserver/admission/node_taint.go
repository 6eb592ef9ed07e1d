package admission

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// nodeTaint keeps pods off a new node until the node life-cycle controller has seen it Ready and takes the taint away. It does what
// upstream's plugin TaintNodesByCondition does.
type nodeTaint struct{}

func (nodeTaint) mutate(_ context.Context, a *Attributes) error {
	if a.Operation != Create || !a.is("", "nodes", "") {
		return nil
	}
	node, ok := a.Object.(*corev1.Node)
	if !ok {
		return wrongType(a, a.Object)
	}
	notReady := corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}
	if !slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.MatchTaint(&notReady) }) {
		node.Spec.Taints = append(node.Spec.Taints, notReady)
	}
	return nil
}
