package controller_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// images lists the live pods with the label app=APP as "NAME IMAGE", or "NODE IMAGE".
func (c cluster) images(t *testing.T, app string, by func(corev1.Pod) string) []string {
	t.Helper()
	l, err := c.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range l.Items {
		if p.DeletionTimestamp == nil && p.Status.Phase == corev1.PodRunning {
			all = append(all, by(p)+" "+p.Spec.Containers[0].Image)
		}
	}
	slices.Sort(all)
	return all
}

func byName(p corev1.Pod) string { return p.Name }
func byNode(p corev1.Pod) string { return p.Spec.NodeName }

const newImage = `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}}}`

func TestAStatefulSetKeepsOrderAndNames(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	three := int32(3)
	l := map[string]string{"app": "db"}
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "db"}, Spec: appsv1.StatefulSetSpec{
		Replicas: &three, ServiceName: "db", Selector: &metav1.LabelSelector{MatchLabels: l}, Template: podTemplate(l, "nginx:1")}}
	if _, err := c.AppsV1().StatefulSets("default").Create(ctx, set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	are := func(want ...string) func() bool {
		return func() bool { return slices.Equal(c.images(t, "db", byName), want) }
	}
	eventually(t, "three pods", are("db-0 nginx:1", "db-1 nginx:1", "db-2 nginx:1"))
	p0, err := c.CoreV1().Pods("default").Get(ctx, "db-0", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p2, err := c.CoreV1().Pods("default").Get(ctx, "db-2", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p0.Spec.Hostname != "db-0" || p0.Spec.Subdomain != "db" || p0.Labels["apps.kubernetes.io/pod-index"] != "0" || p2.CreationTimestamp.Before(&p0.CreationTimestamp) {
		t.Errorf("pod db-0: %+v", p0.Labels)
	}
	patch := func(patch string) {
		if _, err := c.AppsV1().StatefulSets("default").Patch(ctx, "db", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	patch(`{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":2}}}}`)
	patch(newImage)
	eventually(t, "the partition updated", are("db-0 nginx:1", "db-1 nginx:1", "db-2 nginx:2"))
	patch(`{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}}}}`)
	eventually(t, "all updated", are("db-0 nginx:2", "db-1 nginx:2", "db-2 nginx:2"))
	eventually(t, "the revision current", func() bool {
		s, err := c.AppsV1().StatefulSets("default").Get(ctx, "db", metav1.GetOptions{})
		return err == nil && s.Status.CurrentRevision == s.Status.UpdateRevision && s.Status.ReadyReplicas == 3 && s.Status.UpdatedReplicas == 3
	})
	patch(`{"spec":{"replicas":1}}`)
	eventually(t, "one left", are("db-0 nginx:2"))
}

func TestADaemonSetFollowsTheNodes(t *testing.T) {
	t.Parallel()
	c := start(t, 2)
	ctx := t.Context()
	l := map[string]string{"app": "agent"}
	ds := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "agent"},
		Spec: appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: l}, Template: podTemplate(l, "nginx:1")}}
	if _, err := c.AppsV1().DaemonSets("default").Create(ctx, ds, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	are := func(want ...string) func() bool {
		return func() bool { return slices.Equal(c.images(t, "agent", byNode), want) }
	}
	eventually(t, "one pod a node", are("node-1 nginx:1", "node-2 nginx:1"))
	patch := func(patch string) {
		if _, err := c.AppsV1().DaemonSets("default").Patch(ctx, "agent", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	patch(newImage)
	eventually(t, "all updated", are("node-1 nginx:2", "node-2 nginx:2"))
	eventually(t, "the status", func() bool {
		ds, err := c.AppsV1().DaemonSets("default").Get(ctx, "agent", metav1.GetOptions{})
		s := ds.Status
		return err == nil && s.DesiredNumberScheduled == 2 && s.NumberAvailable == 2 && s.UpdatedNumberScheduled == 2 && s.ObservedGeneration == ds.Generation
	})
	history, err := c.AppsV1().ControllerRevisions("default").List(ctx, metav1.ListOptions{LabelSelector: "app=agent"})
	if err != nil || len(history.Items) != 2 || !strings.Contains(string(history.Items[0].Data.Raw), `"$patch":"replace"`) {
		t.Errorf("history: %v, %v", history.Items, err)
	}
	patch(`{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"node-1"}}}}}`)
	eventually(t, "only where it fits", are("node-1 nginx:2"))
}

// NODE-3
func TestALeapMakesNodesNotReadyForAMoment(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	n, err := c.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if pending := c.advance(t, time.Hour); len(pending) > 0 {
		t.Errorf("pending after an advance: %v", pending)
	}
	for _, cond := range n.Status.Conditions {
		if cond.Type == corev1.NodeReady && cond.Status != corev1.ConditionTrue {
			t.Errorf("an advance made the node %v", cond)
		}
	}
	raw, err := c.CoreV1().RESTClient().Post().AbsPath("/kubemint/v1/clock").Body([]byte(`{"do":"leap","duration":"20m"}`)).SetHeader("Content-Type", "application/json").DoRaw(t.Context())
	if err != nil {
		t.Fatalf("leap: %v: %s", err, raw)
	}
	eventually(t, "the event", func() bool {
		l, err := c.CoreV1().Events("default").List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=node-1,reason=NodeNotReady"})
		return err == nil && len(l.Items) == 1 && l.Items[0].Message == "Node node-1 status is now: NodeNotReady"
	})
	c.advance(t, 10*time.Second) // to its kubelet's next beat
	eventually(t, "the node ready again, without taints", func() bool {
		n, err := c.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
		if err != nil || len(n.Spec.Taints) > 0 {
			return false
		}
		for _, cond := range n.Status.Conditions {
			if cond.Type == corev1.NodeReady {
				return cond.Status == corev1.ConditionTrue
			}
		}
		return false
	})
}
