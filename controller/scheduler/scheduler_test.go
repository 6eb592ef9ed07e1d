package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"

	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

var pods = corev1.SchemeGroupVersion.WithResource("pods")

// bench is a scheduler beside a simulated API that knows bindings.
type bench struct {
	*testing.T
	api *clienttest.Clientset
	s   *Scheduler

	mu    sync.Mutex
	fail  int // this many bindings
	tried int
}

func newBench(t *testing.T, objects ...runtime.Object) *bench {
	t.Helper()
	b := &bench{T: t, api: clienttest.NewClientset(objects...)}
	b.api.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
		create := a.(clienttesting.CreateAction)
		if a.GetSubresource() != "binding" {
			return false, nil, nil
		}
		b.mu.Lock()
		b.tried++
		failed := b.fail > 0
		b.fail--
		b.mu.Unlock()
		if failed {
			return true, nil, errors.New("the server is away")
		}
		binding := create.GetObject().(*corev1.Binding)
		obj, err := b.api.Tracker().Get(pods, binding.Namespace, binding.Name)
		if err != nil {
			return true, nil, err
		}
		p := obj.(*corev1.Pod).DeepCopy()
		p.Spec.NodeName = binding.Target.Name
		return true, binding, b.api.Tracker().Update(pods, p, p.Namespace)
	})
	c := clock.New(clock.Config{Now: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), Paused: true})
	b.s = New(Config{Client: b.api, Clock: c, Log: slog.New(slog.NewTextHandler(b.Output(), nil))})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.s.Run(ctx); err != nil {
			b.Errorf("run: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done; c.Close() })
	return b
}

func (b *bench) eventually(what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("never came: %s; pending %v", what, b.s.Pending())
		}
	}
}

func (b *bench) pod(name, spec string) {
	b.Helper()
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)}, Spec: *parse[corev1.PodSpec](b, spec)}
	p.Spec.SchedulerName = profile
	if err := b.api.Tracker().Add(p); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) get(name string) *corev1.Pod {
	b.Helper()
	p, err := b.api.CoreV1().Pods("default").Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func (b *bench) events() []string {
	list, err := b.api.CoreV1().Events("").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var out []string
	for _, e := range list.Items {
		out = append(out, e.InvolvedObject.Name+" "+e.Reason+" "+e.Message)
	}
	slices.Sort(out)
	return out
}

func aNode(t testing.TB, name string) *corev1.Node {
	return parse[corev1.Node](t, fmt.Sprintf("{metadata: {name: %s}, %s}", name, roomy))
}

func TestPodsAreBoundAndTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, aNode(t, "a"), aNode(t, "b"))
	for i := range 10 {
		b.pod(fmt.Sprint("p", i), "containers: [{name: c}]")
	}
	count := map[string]int{}
	for i := range 10 {
		b.eventually("a node", func() bool { return b.get(fmt.Sprint("p", i)).Spec.NodeName != "" })
		count[b.get(fmt.Sprint("p", i)).Spec.NodeName]++
	}
	if count["a"] != 5 || count["b"] != 5 {
		t.Errorf("spread %v", count)
	}
	b.eventually("idle", func() bool { return len(b.s.Pending()) == 0 })
	events := b.events()
	want := "p0 Scheduled Successfully assigned default/p0 to " + b.get("p0").Spec.NodeName
	if len(events) != 10 || events[0] != want {
		t.Errorf("events %v, want first %q", events, want)
	}
	if got := b.s.Informers(); len(got) != 5 {
		t.Errorf("informers %v", got)
	}
}

func TestPodThatFitsNowhereWaitsForANode(t *testing.T) {
	t.Parallel()
	b := newBench(t, aNode(t, "a"))
	b.pod("picky", "{nodeSelector: {kubernetes.io/hostname: late}, containers: [{name: c}]}")
	const why = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
	b.eventually("the condition", func() bool { return len(b.get("picky").Status.Conditions) == 1 })
	b.eventually("idle: waiting is not work", func() bool { return len(b.s.Pending()) == 0 })
	if c := b.get("picky").Status.Conditions[0]; c.Type != corev1.PodScheduled || c.Status != corev1.ConditionFalse || c.Reason != "Unschedulable" || c.Message != why {
		t.Errorf("condition %+v", c)
	}
	if got := b.events(); len(got) != 1 || got[0] != "picky FailedScheduling "+why {
		t.Errorf("events %v", got)
	}
	late := aNode(t, "late")
	late.Labels = map[string]string{"kubernetes.io/hostname": "late"}
	if err := b.api.Tracker().Add(late); err != nil {
		t.Fatal(err)
	}
	b.eventually("late", func() bool { return b.get("picky").Spec.NodeName == "late" })
}

func TestFailedBindingIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, aNode(t, "a"))
	b.mu.Lock()
	b.fail = 2
	b.mu.Unlock()
	b.pod("p", "containers: [{name: c}]")
	b.eventually("a node", func() bool { return b.get("p").Spec.NodeName == "a" })
	b.eventually("idle", func() bool { return len(b.s.Pending()) == 0 })
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tried != 3 {
		t.Errorf("%d bindings were tried, want 3", b.tried)
	}
}

func TestOthersPodsAreLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, aNode(t, "a"))
	for name, change := range map[string]func(*corev1.Pod){
		"gated":   func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "g"}} },
		"foreign": func(p *corev1.Pod) { p.Spec.SchedulerName = "other" },
		"over":    func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded },
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)}, Spec: *parse[corev1.PodSpec](t, "containers: [{name: c}]")}
		p.Spec.SchedulerName = profile
		change(p)
		if err := b.api.Tracker().Add(p); err != nil {
			t.Fatal(err)
		}
	}
	b.pod("mine", "containers: [{name: c}]")
	b.eventually("mine", func() bool { return b.get("mine").Spec.NodeName == "a" })
	b.eventually("idle", func() bool { return len(b.s.Pending()) == 0 })
	for _, name := range []string{"gated", "foreign", "over"} {
		if p := b.get(name); p.Spec.NodeName != "" {
			t.Errorf("%s was bound to %s", name, p.Spec.NodeName)
		}
	}
	if got := strings.Join(b.events(), "\n"); strings.Contains(got, "gated") || strings.Contains(got, "foreign") {
		t.Errorf("events %s", got)
	}
}
