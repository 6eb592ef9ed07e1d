package kubelet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/container"
)

// recorder is a runtime whose containers can be told commands, and note them and that they were told to stop.
type recorder struct {
	container.Runtime
	mu   sync.Mutex
	said []string
}

type recorded struct {
	container.Handle
	to *recorder
}

func (r *recorder) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, what)
}

func (r *recorder) list() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.said, ", ")
}

func (r *recorder) Start(ctx context.Context, spec container.Spec) (container.Handle, error) {
	h, err := r.Runtime.Start(ctx, spec)
	r.note("start")
	return &recorded{h, r}, err
}

func (h *recorded) Stop() { h.to.note("stop"); h.Handle.Stop() }

func (h *recorded) Exec(_ context.Context, x container.Exec) (int32, error) {
	h.to.note(strings.Join(x.Command, " "))
	if x.Command[0] == "false" {
		return 1, nil
	}
	return 0, nil
}

func TestHandlersRunAroundAContainersLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := &recorder{Runtime: container.NewSimulated(b.clock)}
	b.cfg.Runtime = r
	b.run()
	p := b.pod("app", `containers: [{name: c, image: x, command: [nginx], lifecycle: {postStart: {exec: {command: [echo, begun]}}, preStop: {exec: {command: [echo, ending]}}}}]`)
	p = b.running(p.Name).DeepCopy()
	b.eventually("the postStart handler", func() bool { return r.list() == "start, echo begun" })
	now, grace := metav1.NewTime(b.clock.Now().Add(30e9)), int64(30)
	p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &now, &grace
	if err := b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), p, "default"); err != nil {
		t.Fatal(err)
	}
	b.eventually("the end", func() bool { return r.list() == "start, echo begun, echo ending, stop" })
}

// A container counts as being created, and those after it wait, until its handler is through. A handler that fails ends its container in
// the way of any other end: after its preStop handler, with the time that the pod gives it.
func TestAPostStartHandlerThatFailsEndsItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := &recorder{Runtime: container.NewSimulated(b.clock)}
	b.cfg.Runtime = r
	b.run()
	b.pod("app", `{restartPolicy: Never, containers: [
		{name: c, image: x, command: [nginx], lifecycle: {postStart: {exec: {command: ["false"]}}, preStop: {exec: {command: [echo, ending]}}}}]}`)
	b.wantEvent("Warning|FailedPostStartHook|spec.containers{c}|PostStartHook failed")
	b.wantEvent("Normal|Killing|spec.containers{c}|FailedPostStartHook")
	b.eventually("the end", func() bool {
		s := b.status("app").ContainerStatuses
		return len(s) == 1 && s[0].State.Terminated != nil
	})
	if got, want := r.list(), "start, false, echo ending, stop"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestASleepBeforeAContainerCountsAsBegun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := &recorder{Runtime: container.NewSimulated(b.clock)}
	b.cfg.Runtime = r
	b.run()
	b.pod("app", `{containers: [
		{name: first, image: x, command: [nginx], readinessProbe: {exec: {command: ["true"]}}, lifecycle: {postStart: {sleep: {seconds: 3600}}}},
		{name: second, image: x, command: [nginx]}]}`)
	b.wantEvent("Normal|Started|spec.containers{first}|Container started")
	b.eventually("a status", func() bool { return len(b.status("app").ContainerStatuses) == 2 })
	s := b.status("app")
	for _, c := range s.ContainerStatuses {
		if w := c.State.Waiting; w == nil || w.Reason != "ContainerCreating" || c.Ready || *c.Started || c.ContainerID != "" {
			t.Errorf("%s before the end of the sleep: %+v", c.Name, c)
		}
	}
	if s.Phase != corev1.PodPending || r.list() != "start" {
		t.Errorf("before the end of the sleep: %s, %s", s.Phase, r.list())
	}
	stops := b.advance(2 * time.Hour).Stops
	if !slices.ContainsFunc(stops, func(m clock.Moment) bool {
		return m.What == "sleep of container first of pod default/app" && m.At.Equal(start.Add(time.Hour))
	}) {
		t.Errorf("stops %v", stops)
	}
	b.eventually("both running", func() bool {
		s := b.status("app")
		return s.Phase == corev1.PodRunning && s.ContainerStatuses[0].Ready && s.ContainerStatuses[1].Ready
	})
	if r.list() != "start, start" {
		t.Errorf("after the sleep: %s", r.list())
	}
}

// A clock that stands still holds up no sleep.
func TestASleepOnAPausedClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{containers: [{name: c, image: x, command: [nginx], lifecycle: {postStart: {sleep: {seconds: 1}}}}]}`)
	b.running("app")
}

func TestASleepBeforeAContainersEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := &recorder{Runtime: container.NewSimulated(b.clock)}
	b.cfg.Runtime = r
	b.run()
	b.pod("app", `{containers: [{name: c, image: x, command: [nginx], lifecycle: {preStop: {sleep: {seconds: 600}}}}]}`)
	p := b.running("app").DeepCopy()
	now, grace := metav1.NewTime(b.clock.Now().Add(900*time.Second)), int64(900)
	p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &now, &grace
	if err := b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), p, "default"); err != nil {
		t.Fatal(err)
	}
	const what = "sleep of container c of pod default/app"
	b.eventually("the sleep", func() bool {
		return slices.ContainsFunc(b.clock.Upcoming(0), func(m clock.Moment) bool { return m.What == what && m.At.Equal(start.Add(10*time.Minute)) })
	})
	if r.list() != "start" {
		t.Errorf("before the end of the sleep: %s", r.list())
	}
	b.advance(11 * time.Minute)
	b.eventually("the end", func() bool { return r.list() == "start, stop" })
}

func (b *bench) status(name string) corev1.PodStatus {
	b.Helper()
	p, err := b.api.CoreV1().Pods("default").Get(b.Context(), name, metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return p.Status
}

// A container that is started again begins with its image as it was; its volumes keep what is in them.
func TestARestartBeginsAfresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{containers: [{name: c, image: x, command: [sh, -c, "sleep 10"], volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, emptyDir: {}}]}`)
	b.running("app")
	const root = "pods/uid-app/containers/c/rootfs"
	for _, name := range []string{"of-the-run", "v/kept"} {
		if err := os.WriteFile(b.path(root, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.advance(11 * time.Second)
	b.eventually("another run", func() bool {
		p, err := b.api.CoreV1().Pods("default").Get(t.Context(), "app", metav1.GetOptions{})
		return err == nil && len(p.Status.ContainerStatuses) == 1 && p.Status.ContainerStatuses[0].RestartCount == 1
	})
	if _, err := os.Lstat(b.path(root, "of-the-run")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of the last run is still there: %v", err)
	}
	b.read(root, "v", "kept")
}
