package scheduler

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

func parse[T any](t testing.TB, text string) *T {
	t.Helper()
	out := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// roomy is a node's status with room for everything in these tests.
const roomy = `status: {allocatable: {cpu: "4", memory: 8Gi, pods: "10"}}`

// picture is a world of nodes written as YAML; each has a name.
func picture(t testing.TB, nodes ...string) *world {
	t.Helper()
	w := newWorld()
	for _, text := range nodes {
		if !strings.Contains(text, "status:") {
			text = "{" + text + ", " + roomy + "}"
		} else {
			text = "{" + text + "}"
		}
		w.setNode(parse[corev1.Node](t, text))
	}
	return w
}

func wanted(t testing.TB, w *world, name, spec string) *pod {
	t.Helper()
	object := &corev1.Pod{Spec: *parse[corev1.PodSpec](t, spec)}
	object.Name, object.Namespace, object.UID = name, "default", types.UID(fmt.Sprint(name, len(w.pods)))
	p := newPod(object)
	w.want(p)
	return p
}

func TestChooseAndTheWordsOfARefusal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		nodes []string
		pod   string
		want  string // a node, or the message
	}{
		{name: "the only node", nodes: []string{"metadata: {name: a}"}, pod: "containers: [{name: c}]", want: "a"},
		{name: "no nodes", pod: "containers: [{name: c}]", want: "no nodes available to schedule pods"},
		{
			name: "node selector", nodes: []string{"metadata: {name: a}", "metadata: {name: b, labels: {disk: ssd}}"},
			pod: "{nodeSelector: {disk: ssd}, containers: [{name: c}]}", want: "b",
		},
		{
			name: "no node has the label", nodes: []string{"metadata: {name: a}"}, pod: "{nodeSelector: {disk: ssd}, containers: [{name: c}]}",
			want: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
		},
		{
			name:  "required affinity by field",
			nodes: []string{"metadata: {name: a}", "metadata: {name: b}"},
			pod: `{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
				{matchFields: [{key: metadata.name, operator: In, values: [b]}]}]}}}, containers: [{name: c}]}`,
			want: "b",
		},
		{
			name:  "preferred affinity outweighs a little load",
			nodes: []string{"metadata: {name: a}", "metadata: {name: b, labels: {zone: x}}"},
			pod: `{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [
				{weight: 100, preference: {matchExpressions: [{key: zone, operator: Exists}]}}]}}, containers: [{name: c}]}`,
			want: "b",
		},
		{
			name:  "a taint, a cordon, too little cpu",
			nodes: []string{"metadata: {name: a}, spec: {taints: [{key: k, effect: NoSchedule}]}", "metadata: {name: b}, spec: {unschedulable: true}", "metadata: {name: c}"},
			pod:   `containers: [{name: c, resources: {requests: {cpu: "5"}}}]`,
			want:  "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
		},
		{
			name:  "a tolerated taint",
			nodes: []string{"metadata: {name: a}, spec: {taints: [{key: k, value: v, effect: NoSchedule}]}"},
			pod:   "{tolerations: [{key: k, operator: Exists}], containers: [{name: c}]}", want: "a",
		},
		{
			name:  "a taint that only asks to stay away",
			nodes: []string{"metadata: {name: a}, spec: {taints: [{key: k, effect: PreferNoSchedule}]}", "metadata: {name: b}"},
			pod:   "containers: [{name: c}]", want: "b",
		},
		{
			name: "full of pods", nodes: []string{`metadata: {name: a}, status: {allocatable: {pods: "0", cpu: "1", memory: 1Gi}}`}, pod: `containers: [{name: c, resources: {requests: {memory: 2Gi}}}]`,
			want: "0/1 nodes are available: 1 Insufficient memory, 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
		},
		{
			name: "a resource that no node has", nodes: []string{"metadata: {name: a}"}, pod: `containers: [{name: c, resources: {requests: {example.com/gpu: "1"}}}]`,
			want: "0/1 nodes are available: 1 Insufficient example.com/gpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := picture(t, tc.nodes...)
			name, why, _ := w.choose(wanted(t, w, "p", strings.ReplaceAll(tc.pod, "\t", " ")))
			if name+why != tc.want {
				t.Errorf("chose %q, %q\nwant %q", name, why, tc.want)
			}
		})
	}
}

func TestChooseSpreadsAndFills(t *testing.T) {
	t.Parallel()
	w := picture(t, "metadata: {name: a}", "metadata: {name: b}", "metadata: {name: c}")
	count := map[string]int{}
	for i := range 30 {
		name, why, _ := w.choose(wanted(t, w, fmt.Sprint("p", i), "containers: [{name: c}]"))
		if name == "" {
			t.Fatal(why)
		}
		count[name]++
	}
	if count["a"] != 10 || count["b"] != 10 || count["c"] != 10 {
		t.Errorf("spread %v", count)
	}
	full := wanted(t, w, "late", "containers: [{name: c}]")
	_, why, _ := w.choose(full)
	if want := "0/3 nodes are available: 3 Too many pods. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."; why != want {
		t.Errorf("%q, want %q", why, want)
	}
	var one *pod
	for _, p := range w.pods {
		if p.node == "b" {
			one = p
			break
		}
	}
	if !w.dropPod(one.uid) {
		t.Errorf("a pod that went made no room")
	}
	if name, why, _ := w.choose(full); name != "b" {
		t.Errorf("after one went from b: %q, %q", name, why)
	}
}

func TestHostPortsAreTakenOncePerNode(t *testing.T) {
	t.Parallel()
	w := picture(t, "metadata: {name: a}")
	spec := "containers: [{name: c, ports: [{containerPort: 80, hostPort: 80, protocol: TCP}]}]"
	first := wanted(t, w, "one", spec)
	if name, why, _ := w.choose(first); name != "a" {
		t.Fatal(why)
	}
	second := wanted(t, w, "two", spec)
	if _, why, _ := w.choose(second); !strings.Contains(why, "1 node(s) didn't have free ports for the requested pod ports.") {
		t.Errorf("%q", why)
	}
	w.forget(first) // its binding failed
	if name, why, _ := w.choose(second); name != "a" {
		t.Error(why)
	}
}

func TestStatusAloneDoesNotAskAgain(t *testing.T) {
	t.Parallel()
	w := picture(t)
	p := wanted(t, w, "p", "containers: [{name: c}]")
	object := p.object.Load().DeepCopy()
	object.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse}}
	if w.want(newPod(object)) {
		t.Errorf("a pod whose status alone changed is decided on again")
	}
	if len(p.object.Load().Status.Conditions) != 1 {
		t.Errorf("the newer status was not kept")
	}
	object = object.DeepCopy()
	object.Spec.NodeSelector = map[string]string{"a": "b"}
	if !w.want(newPod(object)) {
		t.Errorf("a pod whose spec changed is not decided on")
	}
}

func TestLineKeepsOrder(t *testing.T) {
	t.Parallel()
	l, w := newLine(), newWorld()
	low, high, late := wanted(t, w, "low", "containers: []"), wanted(t, w, "high", "{priority: 5, containers: []}"), wanted(t, w, "late", "containers: []")
	for _, p := range []*pod{low, high, late} {
		l.add(p)
	}
	if p := l.next(); p != high {
		t.Fatalf("%s came first", p.name)
	}
	l.park(high.uid)
	if p := l.next(); p != low {
		t.Fatalf("%s came second", p.name)
	}
	l.unpark() // while low is decided on
	l.park(low.uid)
	for i, want := range []*pod{high, low, late} {
		if p := l.next(); p != want {
			t.Fatalf("round two, %d: %v, want %s", i, p, want.name)
		}
	}
	if p := l.next(); p != nil || len(l.pending()) != 3 {
		t.Errorf("next %v, pending %v", p, l.pending())
	}
	l.drop(high.uid)
	l.drop(low.uid)
	l.park(late.uid)
	if got := l.pending(); len(got) != 0 {
		t.Errorf("a parked pod is pending: %v", got)
	}
}

func BenchmarkChoose(b *testing.B) {
	var nodes []string
	for i := range 50 {
		nodes = append(nodes, fmt.Sprintf(`metadata: {name: n%02d}, status: {allocatable: {cpu: "16", memory: 32Gi, pods: "100000000"}}`, i))
	}
	w := picture(b, nodes...)
	object := &corev1.Pod{Spec: *parse[corev1.PodSpec](b, "containers: [{name: c}]")}
	object.Namespace = "default"
	n := 0
	for b.Loop() {
		n++
		o := *object
		o.UID = types.UID(fmt.Sprint(n))
		p := newPod(&o)
		w.want(p)
		if name, why, _ := w.choose(p); name == "" {
			b.Fatal(why)
		}
	}
}
