package kubelet

import (
	"context"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/kubelet/container"
)

// patient is a runtime whose containers are as well as the test says.
type patient struct {
	container.Runtime
	mu   sync.Mutex
	sick map[string]string // by the path of an HTTP probe: what it answers
	seen []container.Probe
}

func (p *patient) Start(ctx context.Context, spec container.Spec) (container.Handle, error) {
	h, err := p.Runtime.Start(ctx, spec)
	return patientHandle{h, p}, err
}

type patientHandle struct {
	container.Handle
	patient *patient
}

func (h patientHandle) Probe(p container.Probe) (bool, string) {
	h.patient.mu.Lock()
	defer h.patient.mu.Unlock()
	h.patient.seen = append(h.patient.seen, p)
	if p.HTTP == nil {
		return true, ""
	}
	said, sick := h.patient.sick[p.HTTP.Path]
	return !sick, said
}

func (p *patient) set(path, answer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer == "" {
		delete(p.sick, path)
	} else {
		p.sick[path] = answer
	}
}

func newPatient(b *bench) *patient {
	p := &patient{Runtime: container.NewSimulated(b.clock), sick: map[string]string{}}
	b.cfg.Runtime = p
	return p
}

func (b *bench) ready(name string) bool {
	c := condition(b.get(name).Status.Conditions, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

func TestReadinessFollowsItsProbe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := newPatient(b)
	b.run()
	b.pod("app", `containers: [{name: c, image: x, ports: [{name: web, containerPort: 8080}],
		readinessProbe: {httpGet: {path: /ready, port: web}, initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 2, successThreshold: 1}}]`)
	b.running("app")
	if b.ready("app") {
		t.Errorf("ready before the first probe")
	}
	if next := b.clock.Upcoming(1); len(next) != 1 || next[0].At.Sub(start) != 5*time.Second {
		t.Errorf("the first probe: %+v", next)
	}
	b.advance(5 * time.Second)
	b.eventually("ready", func() bool { return b.ready("app") })
	p.mu.Lock()
	if p.seen[0].HTTP == nil || p.seen[0].HTTP.Port != 8080 {
		t.Errorf("asked %+v", p.seen[0])
	}
	p.mu.Unlock()

	p.set("/ready", "HTTP probe failed with statuscode: 500")
	b.leap(10 * time.Second)
	b.wantEvent("Warning|Unhealthy|spec.containers{c}|Readiness probe failed: HTTP probe failed with statuscode: 500")
	if !b.ready("app") {
		t.Errorf("one failure of two took the readiness away")
	}
	b.quiet()
	b.leap(10 * time.Second)
	b.eventually("not ready", func() bool { return !b.ready("app") })
	b.quiet()
	if n := b.get("app").Status.ContainerStatuses[0].RestartCount; n != 0 {
		t.Errorf("readiness restarted the container %d times", n)
	}
	p.set("/ready", "")
	b.leap(10 * time.Second)
	b.eventually("ready again", func() bool { return b.ready("app") })
}

func TestLivenessRestartsTheContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := newPatient(b)
	b.run()
	b.pod("app", `containers: [{name: c, image: x, livenessProbe: {httpGet: {path: /live, port: 80}, periodSeconds: 10, failureThreshold: 1}}]`)
	b.running("app")
	if !b.ready("app") {
		t.Errorf("liveness kept the pod from being ready")
	}
	p.set("/live", "connection refused")
	b.leap(10 * time.Second)
	b.wantEvent("Normal|Killing|spec.containers{c}|Container c failed liveness probe, will be restarted")
	p.set("/live", "")
	b.eventually("restart", func() bool { return b.get("app").Status.ContainerStatuses[0].RestartCount == 1 })
}

func TestStartupProbeComesFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := newPatient(b)
	p.set("/up", "not yet")
	b.run()
	b.pod("app", `containers: [{name: c, image: x, startupProbe: {httpGet: {path: /up, port: 80}, periodSeconds: 2, failureThreshold: 30},
		livenessProbe: {exec: {command: [check]}, periodSeconds: 1, failureThreshold: 1}}]`)
	b.running("app")
	b.advance(6 * time.Second)
	s := b.get("app").Status.ContainerStatuses[0]
	if *s.Started || s.Ready {
		t.Errorf("started %v, ready %v", *s.Started, s.Ready)
	}
	p.mu.Lock()
	for _, probe := range p.seen {
		if probe.Exec != nil {
			t.Errorf("liveness was asked before the start was over")
		}
	}
	p.mu.Unlock()
	p.set("/up", "")
	b.advance(2 * time.Second)
	b.eventually("started", func() bool { s := b.get("app").Status.ContainerStatuses[0]; return *s.Started && s.Ready })
}

func TestMountTimeoutEventsOfOldErasKUB43(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old, err := era.Parse("1.25")
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Era = old
	b.run()
	b.pod("app", `{containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}, {name: kube-api-access, mountPath: /t}]}], volumes: [{name: v, secret: {secretName: late}}]}`)
	b.wantEvent(`Warning|FailedMount||MountVolume.SetUp failed for volume "v" : secret "late" not found`)
	b.quiet()
	b.advance(2*time.Minute + 3*time.Second)
	b.wantEvent("Warning|FailedMount||Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v kube-api-access]: timed out waiting for the condition")
	if s := b.get("app").Status; condition(s.Conditions, corev1.PodReadyToStartContainers) != nil || s.ObservedGeneration != 0 {
		t.Errorf("a status of 1.25 holds what came later: %+v", s)
	}
	if next := b.clock.Upcoming(0, clock.Other); len(next) != 1 {
		t.Errorf("the next wait: %+v", next)
	}
}
