package kubelet

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

func TestInitContainersRunInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{initContainers: [{name: i1, image: x, command: [sleep, "5"]}, {name: i2, image: x, command: [sh, -c, "echo made it; exit 0"]}], containers: [{name: c, image: x}]}`)
	b.wantEvent("Normal|Started|spec.initContainers{i1}|Container started")
	b.quiet()
	s := b.get("app").Status
	if c := condition(s.Conditions, corev1.PodInitialized); s.Phase != corev1.PodPending || c.Reason != "ContainersNotInitialized" || c.Message != "containers with incomplete status: [i1 i2]" {
		t.Errorf("%s, %+v", s.Phase, c)
	}
	if w := s.ContainerStatuses[0].State.Waiting; w == nil || w.Reason != "PodInitializing" {
		t.Errorf("main container %+v", s.ContainerStatuses[0].State)
	}
	b.leap(5 * time.Second)
	s = b.running("app").Status
	if e := s.InitContainerStatuses[0].State.Terminated; e == nil || e.Reason != "Completed" || !s.InitContainerStatuses[0].Ready {
		t.Errorf("init container %+v", s.InitContainerStatuses[0])
	}
	if got := b.read("pods/uid-app/containers/i2/logs/0.log"); got != "2026-11-23T08:30:05Z stdout F made it\n" {
		t.Errorf("log %q", got)
	}
}

func TestRestartPolicyAndBackoff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("crash", `containers: [{name: c, image: x, command: ["false"]}]`)
	b.pod("once", `{restartPolicy: Never, containers: [{name: c, image: x, command: ["false"]}]}`)
	b.pod("done", `{restartPolicy: OnFailure, containers: [{name: c, image: x, command: ["true"]}]}`)

	s := b.phase("once", corev1.PodFailed).Status
	if e := s.ContainerStatuses[0].State.Terminated; e == nil || e.ExitCode != 1 || e.Reason != "Error" {
		t.Errorf("once: %+v", s.ContainerStatuses[0].State)
	}
	s = b.phase("done", corev1.PodSucceeded).Status
	if c := condition(s.Conditions, corev1.PodReady); c.Reason != "PodCompleted" {
		t.Errorf("done: %+v", c)
	}
	if _, err := os.Lstat(b.path("pods/uid-done", access)); !os.IsNotExist(err) {
		t.Errorf("the volume of a finished pod is still mounted")
	}

	b.eventually("CrashLoopBackOff", func() bool {
		w := b.get("crash").Status.ContainerStatuses
		return len(w) == 1 && w[0].State.Waiting != nil && w[0].State.Waiting.Reason == "CrashLoopBackOff"
	})
	b.quiet()
	s = b.get("crash").Status
	c := s.ContainerStatuses[0]
	if s.Phase != corev1.PodRunning || c.RestartCount != 1 || c.State.Waiting.Message != "back-off 10s restarting failed container=c pod=crash_default(uid-crash)" || c.LastTerminationState.Terminated == nil {
		t.Errorf("crash: %s %+v", s.Phase, c)
	}
	b.wantEvent("Warning|BackOff|spec.containers{c}|Back-off restarting failed container c in pod crash_default(uid-crash)")
	var pauses []time.Duration
	for range 7 {
		next := b.clock.Upcoming(1, clock.Backoff)[0].At.Sub(b.clock.Now())
		pauses = append(pauses, next)
		b.advance(next)
	}
	want := []time.Duration{10e9, 20e9, 40e9, 80e9, 160e9, 300e9, 300e9}
	if diff := cmp.Diff(pauses, want); diff != "" {
		t.Errorf("pauses (-got +want):\n%s", diff)
	}
	if n := b.get("crash").Status.ContainerStatuses[0].RestartCount; n != 8 {
		t.Errorf("%d restarts", n)
	}
}

func TestEnvironmentIsResolved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `containers: [{name: c, image: x, envFrom: [{configMapRef: {name: none, optional: true}}],
		env: [{name: A, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: nokey}}}]}]`)
	b.wantEvent("Warning|Failed|spec.containers{c}|Error: couldn't find key nokey in ConfigMap default/kube-root-ca.crt")
	b.quiet()
	if w := b.get("app").Status.ContainerStatuses[0].State.Waiting; w == nil || w.Reason != "CreateContainerConfigError" {
		t.Errorf("%+v", w)
	}
	p := b.pod("good", `containers: [{name: c, image: x, env: [{name: CA, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: ca.crt}}},
		{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: BOTH, value: "$(CA) on $(NODE), $$(CA), $(NOBODY)"}]}]`)
	b.running("good")
	b.node.mu.Lock()
	state := b.node.pods[p.UID]
	b.node.mu.Unlock()
	env, err := b.node.environment(t.Context(), state, p, &p.Spec.Containers[0])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range env {
		got[v.Name] = v.Value
	}
	if got["BOTH"] != "pem on node-1, $(CA), $(NOBODY)" || got["KUBERNETES_SERVICE_HOST"] != "10.96.0.1" || got["KUBERNETES_PORT_443_TCP_PROTO"] != "tcp" {
		t.Errorf("environment %v", got)
	}
}
