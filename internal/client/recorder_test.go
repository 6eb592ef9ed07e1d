package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	ktesting "k8s.io/client-go/testing"
	testclock "k8s.io/utils/clock/testing"
)

// recording runs a recorder on a fake server until the test ends.
func recording(t *testing.T, c *fake.Clientset) (*Recorder, *testclock.FakeClock) {
	t.Helper()
	clock := testclock.NewFakeClock(morning)
	r := NewRecorder(RecorderConfig{Client: c, Clock: clock, Component: "tester", Host: "node-1", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return r, clock
}

func settle(t *testing.T, r *Recorder) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(r.Pending()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still pending: %v", r.Pending())
		}
	}
}

func events(t *testing.T, c *fake.Clientset) []corev1.Event {
	t.Helper()
	l, err := c.CoreV1().Events("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return l.Items
}

var pod = &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "u1", ResourceVersion: "7"}}

// API-227
func TestRecorderCountsRepetitions(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	r, clock := recording(t, c)
	for range 3 {
		r.Eventf(pod, "Warning", "BackOff", "Back-off restarting failed container %s", "c")
		clock.Step(10 * time.Second)
	}
	settle(t, r)
	want := []corev1.Event{{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "shop", Name: fmt.Sprintf("web.%x", morning.UnixNano())},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", APIVersion: "v1", Namespace: "shop", Name: "web", UID: "u1"},
		Type:           "Warning", Reason: "BackOff", Message: "Back-off restarting failed container c",
		Source:         corev1.EventSource{Component: "tester", Host: "node-1"},
		FirstTimestamp: metav1.NewTime(morning), LastTimestamp: metav1.NewTime(morning.Add(20 * time.Second)),
		Count: 3, ReportingController: "tester", ReportingInstance: "node-1",
	}}
	got := events(t, c)
	for i := range got {
		got[i].ManagedFields = nil
		got[i].TypeMeta = metav1.TypeMeta{}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRecorderPostsAgainWhenTheFirstIsGone(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	r, _ := recording(t, c)
	r.Event(pod, "Normal", "Started", "Container started")
	settle(t, r)
	first := events(t, c)[0].Name
	if err := c.CoreV1().Events("shop").Delete(t.Context(), first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.Event(pod, "Normal", "Started", "Container started")
	settle(t, r)
	got := events(t, c)
	if len(got) != 1 || got[0].Count != 1 || got[0].Name == first {
		t.Errorf("got %d events, want a new one: %+v", len(got), got)
	}
}

func TestRecorderNamesDifferWhileTheClockStands(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	r, _ := recording(t, c)
	for i := range 50 {
		r.Eventf(pod, "Normal", "Tick", "number %d", i)
	}
	settle(t, r)
	if n := len(events(t, c)); n != 50 {
		t.Errorf("%d events, want 50", n)
	}
}

func TestRecorderActionMakesASeries(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	r, clock := recording(t, c)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}}
	for range 2 {
		r.Action(pod, node, "Normal", "Scheduled", "Binding", "Successfully assigned %s to %s", "shop/web", "node-1")
		clock.Step(time.Minute)
	}
	settle(t, r)
	e := events(t, c)[0]
	if !e.EventTime.Equal(&metav1.MicroTime{Time: morning}) || e.Count != 0 || !e.FirstTimestamp.IsZero() || e.Action != "Binding" ||
		e.Related == nil || e.Related.Name != "node-1" || e.Series == nil || e.Series.Count != 2 {
		t.Errorf("got %+v", e)
	}
}

func TestRecorderTriesAgainWhenTheServerIsAway(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	var tries atomic.Int32
	c.PrependReactor("create", "events", func(ktesting.Action) (bool, runtime.Object, error) {
		if tries.Add(1) < 3 {
			return true, nil, errors.New("connection refused")
		}
		return false, nil, nil
	})
	r, _ := recording(t, c)
	r.Event(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}}, "Normal", "Starting", "Starting kubelet.")
	settle(t, r)
	if got := events(t, c); len(got) != 1 || got[0].Namespace != "default" {
		t.Errorf("got %+v, want one event in default", got)
	}
}

func TestRecorderDropsWhenFullAndStaysOpen(t *testing.T) {
	t.Parallel()
	r := NewRecorder(RecorderConfig{Client: fake.NewClientset(), Clock: testclock.NewFakeClock(morning), Component: "tester"})
	for i := range recorderQueue + 5 {
		r.Eventf(pod, "Normal", "Tick", "number %d", i)
	}
	if n := r.dropped.Load(); n != 5 {
		t.Errorf("%d dropped, want 5", n)
	}
	if got := r.Pending(); len(got) != 1 {
		t.Errorf("pending %v", got)
	}
}

// Two reporters choose the same name while the clock stands still: the second one takes the next.
func TestRecordersOfOneMoment(t *testing.T) {
	t.Parallel()
	c := fake.NewClientset()
	a, _ := recording(t, c)
	b, _ := recording(t, c)
	for i, r := range []*Recorder{a, b, a, b} {
		r.Eventf(pod, "Normal", "Reason", "message %d", i)
	}
	settle(t, a)
	settle(t, b)
	seen := map[string]bool{}
	for _, e := range events(t, c) {
		seen[e.Message] = true
	}
	if len(seen) != 4 {
		t.Errorf("events %v, want four", seen)
	}
}
