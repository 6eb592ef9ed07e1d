package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNewNodesTakeNoPods(t *testing.T) {
	t.Parallel()
	notReady := corev1.Taint{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}
	own := corev1.Taint{Key: "for", Value: "gpus", Effect: corev1.TaintEffectNoSchedule}
	for _, tc := range []struct {
		name       string
		op         Operation
		have, want []corev1.Taint
	}{
		{"none", Create, nil, []corev1.Taint{notReady}},
		{"others", Create, []corev1.Taint{own}, []corev1.Taint{own, notReady}},
		{"there already", Create, []corev1.Taint{notReady}, []corev1.Taint{notReady}},
		{"to an update it adds nothing", Update, []corev1.Taint{own}, []corev1.Taint{own}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Spec: corev1.NodeSpec{Taints: tc.have}}
			err := newChain(t, newWorld(), nil).Mutate(t.Context(), &Attributes{Operation: tc.op, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("nodes"),
				Kind: corev1.SchemeGroupVersion.WithKind("Node"), Name: "n", Object: node, Old: node.DeepCopy()})
			if diff := cmp.Diff(tc.want, node.Spec.Taints); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}
