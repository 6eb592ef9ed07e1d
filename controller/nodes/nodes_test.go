package nodes

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/record"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func readyNode(name string) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(morning)}}
	for _, kind := range []corev1.NodeConditionType{corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure, corev1.NodeReady} {
		s := corev1.ConditionFalse
		if kind == corev1.NodeReady {
			s = corev1.ConditionTrue
		}
		n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: kind, Status: s, LastHeartbeatTime: metav1.NewTime(morning)})
	}
	return n
}

func lease(name string, renewed time.Time) *coordinationv1.Lease {
	at := metav1.NewMicroTime(renewed)
	return &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-node-lease", Name: name}, Spec: coordinationv1.LeaseSpec{RenewTime: &at}}
}

// tolerant is a pod on node with the tolerations that every pod gets by default.
func tolerant(name, node string, seconds ...int64) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "u"}, Spec: corev1.PodSpec{NodeName: node},
		Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}}
	for _, s := range seconds {
		for _, key := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
			p.Spec.Tolerations = append(p.Spec.Tolerations, corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &s})
		}
	}
	return p
}

type cluster struct {
	*clienttest.Clientset
	env   work.Env
	loops []*work.Loop
}

func start(t *testing.T, objects ...runtime.Object) *cluster {
	t.Helper()
	c := clienttest.NewClientset(objects...)
	clk := clock.New(clock.Config{Now: morning, Paused: true})
	t.Cleanup(clk.Close)
	events := record.NewFakeRecorder(1000)
	e := work.Env{Informers: &work.Informers{}, Factory: informers.NewSharedInformerFactory(c, 0), Client: c, Clock: clk, Events: events,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	cl := &cluster{Clientset: c, env: e, loops: []*work.Loop{
		NewLifecycle(e, Config{Grace: 50 * time.Second, Reader: c}), NewEviction(e), NewPodGC(e),
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	for _, l := range cl.loops {
		go func() { l.Run(ctx); done <- struct{}{} }()
	}
	t.Cleanup(func() {
		cancel()
		for range cl.loops {
			<-done
		}
		e.Informers.Wait()
	})
	for _, l := range cl.loops {
		<-l.Ready()
	}
	cl.settle(t) // a node's silence counts from when it was first looked at
	return cl
}

func (c *cluster) node(t *testing.T, name string) *corev1.Node {
	t.Helper()
	n, err := c.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *cluster) taints(t *testing.T, name string) []string {
	t.Helper()
	var all []string
	for _, taint := range c.node(t, name).Spec.Taints {
		all = append(all, strings.TrimPrefix(taint.Key, "node.kubernetes.io/")+":"+string(taint.Effect))
	}
	return all
}

func (c *cluster) exists(t *testing.T, pod string) bool {
	t.Helper()
	_, err := c.CoreV1().Pods("shop").Get(t.Context(), pod, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil
}

// renew writes a lease as a kubelet does.
func (c *cluster) renew(t *testing.T, name string) {
	t.Helper()
	if _, err := c.CoordinationV1().Leases("kube-node-lease").Update(t.Context(), lease(name, c.env.Clock.Now()), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) advance(t *testing.T, d time.Duration, alive ...string) {
	t.Helper()
	_, err := c.env.Clock.Advance(t.Context(), d, clock.Hooks{Heartbeat: func(context.Context) {
		for _, n := range alive {
			c.renew(t, n)
		}
	}, Settle: func(context.Context) []string { c.settle(t); return nil }})
	if err != nil {
		t.Fatal(err)
	}
}

// settle waits until no loop has anything to do. The fake server has no resource versions, so it asks a few times.
func (c *cluster) settle(t *testing.T) {
	t.Helper()
	quiet := 0
	eventually(t, "idle", func() bool {
		for _, l := range c.loops {
			if len(l.Pending()) > 0 {
				quiet = 0
				return false
			}
		}
		quiet++
		return quiet > 10
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// NODE-3
func TestASilentNodeBecomesUnknownAndItsPodsLeave(t *testing.T) {
	t.Parallel()
	c := start(t, readyNode("n1"), readyNode("n2"), lease("n1", morning), lease("n2", morning),
		tolerant("default", "n1", 300), tolerant("short", "n1", 30), tolerant("none", "n1"), tolerant("other", "n2"))
	c.advance(t, 49*time.Second, "n2")
	if got := c.taints(t, "n1"); got != nil {
		t.Fatalf("taints after 49 s: %v", got)
	}
	c.advance(t, time.Second, "n2")
	eventually(t, "taints", func() bool {
		return cmp.Equal(c.taints(t, "n1"), []string{"unreachable:NoSchedule", "unreachable:NoExecute"})
	})
	for _, cond := range c.node(t, "n1").Status.Conditions {
		if cond.Status != corev1.ConditionUnknown || cond.Reason != "NodeStatusUnknown" || cond.Message != "Kubelet stopped posting node status." {
			t.Errorf("condition %+v", cond)
		}
	}
	eventually(t, "the pod without a toleration gone", func() bool { return !c.exists(t, "none") })
	eventually(t, "the pod not ready", func() bool {
		p, err := c.CoreV1().Pods("shop").Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil && p.Status.Conditions[0].Status == corev1.ConditionFalse
	})
	c.advance(t, 30*time.Second, "n2")
	eventually(t, "the short one gone", func() bool { return !c.exists(t, "short") })
	c.advance(t, 269*time.Second, "n2")
	if !c.exists(t, "default") || !c.exists(t, "other") {
		t.Fatal("a pod went before its time")
	}
	c.advance(t, time.Second, "n2")
	eventually(t, "the default one gone", func() bool { return !c.exists(t, "default") })
	if !c.exists(t, "other") {
		t.Error("a pod of a living node went")
	}
}

func TestANodeComesBack(t *testing.T) {
	t.Parallel()
	c := start(t, readyNode("n1"), readyNode("n2"), lease("n1", morning), lease("n2", morning), tolerant("default", "n1", 300))
	c.advance(t, time.Minute, "n2")
	eventually(t, "taints", func() bool { return len(c.taints(t, "n1")) == 2 })
	if got := c.env.Clock.Upcoming(0, clock.Other); len(got) != 1 || got[0].What != "pod shop/default evicted from n1" {
		t.Errorf("upcoming %v", got)
	}
	c.renew(t, "n1")
	n := c.node(t, "n1")
	n.Status = readyNode("n1").Status
	if _, err := c.CoreV1().Nodes().UpdateStatus(t.Context(), n, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no taints", func() bool { return len(c.taints(t, "n1")) == 0 })
	eventually(t, "no eviction to come", func() bool { return len(c.env.Clock.Upcoming(0)) == 0 })
	c.advance(t, time.Hour, "n1", "n2")
	if !c.exists(t, "default") {
		t.Error("evicted from a node that came back")
	}
}

func TestNobodyIsEvictedWhileNoNodeIsReady(t *testing.T) {
	t.Parallel()
	c := start(t, readyNode("n1"), readyNode("n2"), lease("n1", morning), lease("n2", morning), tolerant("none", "n1"))
	if _, _, err := c.env.Clock.Leap(20 * time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"n1", "n2"} {
		eventually(t, n, func() bool { return cmp.Equal(c.taints(t, n), []string{"unreachable:NoSchedule"}) })
	}
	c.settle(t)
	if !c.exists(t, "none") {
		t.Error("a pod was evicted though all nodes are away")
	}
	c.renew(t, "n2")
	n := c.node(t, "n2")
	n.Status = readyNode("n2").Status
	if _, err := c.CoreV1().Nodes().UpdateStatus(t.Context(), n, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "eviction once a node is back", func() bool { return !c.exists(t, "none") })
}

// API-222
func TestACordonedNodeIsTainted(t *testing.T) {
	t.Parallel()
	n := readyNode("n1")
	n.Spec.Unschedulable = true
	n.Spec.Taints = []corev1.Taint{{Key: "mine", Effect: corev1.TaintEffectNoSchedule}, {Key: corev1.TaintNodeMemoryPressure, Effect: corev1.TaintEffectNoSchedule}}
	c := start(t, n, lease("n1", morning))
	eventually(t, "taints", func() bool {
		return cmp.Equal(c.taints(t, "n1"), []string{"mine:NoSchedule", "unschedulable:NoSchedule"})
	})
}

func TestEvictionTime(t *testing.T) {
	t.Parallel()
	at := func(s int) *metav1.Time { v := metav1.NewTime(morning.Add(time.Duration(s) * time.Second)); return &v }
	sec := func(s int64) *int64 { return &s }
	taint := corev1.Taint{Key: "k", Value: "v", Effect: corev1.TaintEffectNoExecute, TimeAdded: at(-10)}
	for _, tc := range []struct {
		name        string
		tolerations []corev1.Toleration
		taints      []corev1.Taint
		evict       bool
		after       time.Duration
	}{
		{"no taint", nil, nil, false, 0},
		{"only NoSchedule", nil, []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}, false, 0},
		{"not tolerated", nil, []corev1.Taint{taint}, true, 0},
		{"another value", []corev1.Toleration{{Key: "k", Value: "w"}}, []corev1.Taint{taint}, true, 0},
		{"tolerated for ever", []corev1.Toleration{{Key: "k", Value: "v"}}, []corev1.Taint{taint}, false, 0},
		{"everything tolerated", []corev1.Toleration{{Operator: corev1.TolerationOpExists}}, []corev1.Taint{taint}, false, 0},
		{"tolerated from when it was put", []corev1.Toleration{{Key: "k", Operator: corev1.TolerationOpExists, TolerationSeconds: sec(60)}}, []corev1.Taint{taint}, true, 50 * time.Second},
		{"shortest counts", []corev1.Toleration{{Operator: corev1.TolerationOpExists, TolerationSeconds: sec(60)}, {Key: "k", Value: "v", TolerationSeconds: sec(20)}},
			[]corev1.Taint{taint}, true, 10 * time.Second},
		{"negative is now", []corev1.Toleration{{Operator: corev1.TolerationOpExists, TolerationSeconds: sec(-5)}}, []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoExecute}}, true, 0},
		{"another effect", []corev1.Toleration{{Key: "k", Value: "v", Effect: corev1.TaintEffectNoSchedule}}, []corev1.Taint{taint}, true, 0},
	} {
		got, evict := evictionTime(tc.tolerations, tc.taints, morning)
		if evict != tc.evict || evict && !got.Equal(morning.Add(tc.after)) {
			t.Errorf("%s: %v, %v", tc.name, got, evict)
		}
	}
}

func TestPodGarbage(t *testing.T) {
	t.Parallel()
	gone := tolerant("unscheduled-deleted", "")
	gone.DeletionTimestamp = &metav1.Time{Time: morning}
	c := start(t, readyNode("n1"), lease("n1", morning), tolerant("lost", "ghost"), tolerant("fine", "n1"), tolerant("waiting", ""), gone)
	eventually(t, "the deleted one gone", func() bool { return !c.exists(t, "unscheduled-deleted") })
	c.settle(t)
	c.advance(t, 39*time.Second, "n1")
	if !c.exists(t, "lost") {
		t.Fatal("collected before the quarantine was over")
	}
	c.advance(t, time.Second, "n1")
	eventually(t, "the lost one gone", func() bool { return !c.exists(t, "lost") })
	if err := c.CoreV1().Nodes().Delete(t.Context(), "n1", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.advance(t, 40*time.Second)
	eventually(t, "the pod of the deleted node gone", func() bool { return !c.exists(t, "fine") })
	if !c.exists(t, "waiting") {
		t.Error("a pod that waits for a node was collected")
	}
}

// A node's clock may be off by any amount: what it writes is only compared with what it wrote before.
func TestANodeWithAWrongClockIsJudgedByWhenItIsHeard(t *testing.T) {
	t.Parallel()
	c := start(t, readyNode("n1"), readyNode("n2"), lease("n1", morning), lease("n2", morning))
	off := -5 * time.Minute
	beat := func(context.Context) {
		c.renew(t, "n2")
		at := c.env.Clock.Now().Add(off)
		if _, err := c.CoordinationV1().Leases("kube-node-lease").Update(t.Context(), lease("n1", at), metav1.UpdateOptions{}); err != nil {
			t.Error(err)
		}
	}
	for _, off = range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
		for range 3 {
			if _, err := c.env.Clock.Advance(t.Context(), 40*time.Second, clock.Hooks{Heartbeat: beat, Settle: func(context.Context) []string { c.settle(t); return nil }}); err != nil {
				t.Fatal(err)
			}
			if got := c.taints(t, "n1"); got != nil {
				t.Fatalf("off by %v: taints %v", off, got)
			}
		}
	}
	c.advance(t, 51*time.Second, "n2") // it falls silent, five minutes ahead
	eventually(t, "taints", func() bool { return len(c.taints(t, "n1")) == 2 })
}
