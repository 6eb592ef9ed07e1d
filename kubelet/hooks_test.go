package kubelet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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

func TestAPostStartHandlerThatFailsEndsItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cfg.Runtime = &recorder{Runtime: container.NewSimulated(b.clock)}
	b.run()
	b.pod("app", `{restartPolicy: Never, containers: [{name: c, image: x, command: [nginx], lifecycle: {postStart: {exec: {command: ["false"]}}}}]}`)
	b.wantEvent("Warning|FailedPostStartHook|spec.containers{c}|PostStartHook failed")
	b.eventually("failure", func() bool {
		p, err := b.api.CoreV1().Pods("default").Get(t.Context(), "app", metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodFailed
	})
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
