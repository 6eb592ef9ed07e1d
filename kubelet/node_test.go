package kubelet

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNodeRegistersAndRenewsItsLease(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.eventually("lease", func() bool {
		_, err := b.api.CoordinationV1().Leases("kube-node-lease").Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil
	})
	node, err := b.api.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if node.Labels["kubernetes.io/hostname"] != "node-1" || node.Labels["beta.kubernetes.io/os"] != "linux" || node.Status.Capacity.Pods().Value() != 250 {
		t.Errorf("node %+v", node)
	}
	renewed := func() time.Time {
		l, err := b.api.CoordinationV1().Leases("kube-node-lease").Get(t.Context(), "node-1", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if *l.Spec.HolderIdentity != "node-1" || *l.Spec.LeaseDurationSeconds != 40 {
			t.Errorf("lease %+v", l.Spec)
		}
		return l.Spec.RenewTime.Time
	}
	b.leap(10 * time.Second)
	b.eventually("renewal", func() bool { return renewed().Equal(start.Add(10 * time.Second)) })
	b.leap(3 * time.Second)
	b.node.Heartbeat(t.Context())
	if got := renewed(); !got.Equal(start.Add(13 * time.Second)) {
		t.Errorf("after a heartbeat the lease is of %v", got)
	}
	b.leap(5 * time.Minute)
	b.eventually("a new status", func() bool {
		node, err := b.api.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil && node.Status.Conditions[0].LastHeartbeatTime.After(start.Add(5*time.Minute)) &&
			node.Status.Conditions[0].LastTransitionTime.Time.Equal(start)
	})
}

// A node that was not heard of for longer than the period of its reports tells of a transition all the same.
func TestAReportThatIsDueTellsOfTheTransition(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	nodes := b.api.CoreV1().Nodes()
	var node *corev1.Node
	b.eventually("the node", func() (ok bool) {
		var err error
		node, err = nodes.Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil
	})
	for i := range node.Status.Conditions {
		c := &node.Status.Conditions[i]
		c.Status, c.Reason, c.LastTransitionTime = corev1.ConditionUnknown, "NodeStatusUnknown", metav1.NewTime(start.Add(50*time.Second))
	}
	if _, err := nodes.UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.leap(statusPeriod + time.Minute)
	b.eventually("a new status", func() bool {
		node, err := nodes.Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil && node.Status.Conditions[3].Status == corev1.ConditionTrue
	})
	node, err := nodes.Get(t.Context(), "node-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range node.Status.Conditions {
		if got := c.LastTransitionTime.Sub(start); got < statusPeriod+time.Minute {
			t.Errorf("%s turned %v after the start", c.Type, got)
		}
	}
}
