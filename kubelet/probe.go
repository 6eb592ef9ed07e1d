package kubelet

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/container"
)

// probes is what is known of the present run's health.
type probes struct {
	startup, readiness, liveness probeState
	killed                       bool // by its liveness or startup probe
}

type probeState struct {
	next      time.Time // when it is asked again; zero: never asked
	ok        bool      // the verdict so far
	passes    int32
	failures  int32
	succeeded bool // a verdict has been given
}

// started says whether the container counts as started: it runs, and its startup probe has passed.
func (k *Kubelet) started(r *run, c *corev1.Container) bool {
	return r.running() && (c.StartupProbe == nil || r.probes.startup.ok)
}

// ready says whether the container counts as ready.
func (k *Kubelet) ready(r *run, c *corev1.Container) bool {
	return k.started(r, c) && (c.ReadinessProbe == nil || r.probes.readiness.ok)
}

// probe asks the container's probes that are due and returns when the next is. A probe that passed
// and cannot change its verdict in a runtime that simulates health is asked again at its period all
// the same: those moments are heartbeats of the cluster, and no stops of its clock.
func (k *Kubelet) probe(p *pod, object *corev1.Pod, c *corev1.Container, r *run, now time.Time) []wish {
	if c.StartupProbe == nil && c.ReadinessProbe == nil && c.LivenessProbe == nil {
		return nil
	}
	var next time.Time
	see := func(spec *corev1.Probe, s *probeState, kind string) bool {
		if spec == nil {
			return true
		}
		if s.next.IsZero() {
			s.next = r.handle.Started().Add(time.Duration(spec.InitialDelaySeconds) * time.Second)
			s.ok = kind == "Liveness"
		}
		if !now.Before(s.next) {
			if early := r.handle.Started().Add(startGrace); !k.ask(p, object, c, r, spec, s, kind) && now.Before(early) {
				s.next = early
			} else {
				s.next = now.Add(time.Duration(max(spec.PeriodSeconds, 1)) * time.Second)
			}
		}
		if next.IsZero() || s.next.Before(next) {
			next = s.next
		}
		return s.ok
	}
	if !see(c.StartupProbe, &r.probes.startup, "Startup") {
		if r.probes.startup.succeeded {
			k.killUnhealthy(p, object, c, r, "startup")
		}
	} else {
		if c.StartupProbe != nil {
			next = time.Time{} // it has passed and is asked no more
		}
		see(c.ReadinessProbe, &r.probes.readiness, "Readiness")
		if !see(c.LivenessProbe, &r.probes.liveness, "Liveness") {
			k.killUnhealthy(p, object, c, r, "liveness")
		}
	}
	if next.IsZero() || !r.running() {
		return nil
	}
	settled := (c.StartupProbe == nil || r.probes.startup.ok) && (c.ReadinessProbe == nil || r.probes.readiness.ok)
	if settled {
		k.later(p, next)
		return nil
	}
	return []wish{{kind: clock.Other, at: next}}
}

// later wakes the pod at a moment that is no stop of the clock.
func (k *Kubelet) later(p *pod, at time.Time) {
	if !p.look.IsZero() && !at.Before(p.look) && p.look.After(k.now()) {
		return
	}
	p.look = at
	k.clock.AfterFunc(at.Sub(k.now()), func() { k.wake(p, reasonSync) })
}

// startGrace is how long after its start a container that refuses a connection is not yet reported, but asked
// again: it is starting its program, on the time of this computer, while the cluster's clock may stand still.
const startGrace = time.Second

// ask runs one probe and moves its verdict. It reports false for a container that is only just starting.
func (k *Kubelet) ask(p *pod, object *corev1.Pod, c *corev1.Container, r *run, spec *corev1.Probe, s *probeState, kind string) (asked bool) {
	ok, output := k.check(p, c, r, spec)
	if !ok && (p.isLeaving() || !r.running()) {
		return true // it ended under the check, which says nothing of its health
	}
	if !ok && k.now().Before(r.handle.Started().Add(startGrace)) && strings.HasSuffix(output, "connect: connection refused") {
		return false
	}
	if ok {
		s.passes++
		s.failures = 0
		if s.passes >= max(spec.SuccessThreshold, 1) {
			s.ok, s.succeeded = true, true
		}
		return true
	}
	s.failures++
	s.passes = 0
	k.containerEvent(object, c, corev1.EventTypeWarning, "Unhealthy", fmt.Sprintf("%s probe failed: %s", kind, output))
	if s.failures >= max(spec.FailureThreshold, 1) {
		s.ok, s.succeeded = false, true
	}
	return true
}

// killUnhealthy ends a container whose probe has failed for good; its restart follows the policy.
func (k *Kubelet) killUnhealthy(p *pod, object *corev1.Pod, c *corev1.Container, r *run, probe string) {
	if r.probes.killed {
		return
	}
	r.probes.killed = true
	k.containerEvent(object, c, corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s failed %s probe, will be restarted", c.Name, probe))
	handle := r.handle
	k.stop(p, object, c, handle, podGrace(object))
	if _, over := handle.Exit(); !over {
		k.clock.GraceDeadline("container "+c.Name+" of pod "+object.Namespace+"/"+object.Name, podGrace(object), handle.Kill)
	}
}

func probeOf(spec *corev1.Probe, c *corev1.Container) container.Probe {
	switch {
	case spec.Exec != nil:
		return container.Probe{Exec: spec.Exec.Command, Timeout: time.Duration(max(spec.TimeoutSeconds, 1)) * time.Second}
	case spec.HTTPGet != nil:
		return container.Probe{HTTP: &container.HTTPProbe{Path: spec.HTTPGet.Path, Port: portOf(spec.HTTPGet.Port, c)}}
	case spec.TCPSocket != nil:
		return container.Probe{Port: portOf(spec.TCPSocket.Port, c)}
	case spec.GRPC != nil:
		return container.Probe{GRPC: int(spec.GRPC.Port)}
	}
	return container.Probe{}
}

// portOf is a probe's port by number or by the name of a container port.
func portOf(port intstr.IntOrString, c *corev1.Container) int {
	if port.Type == intstr.Int {
		return port.IntValue()
	}
	for _, p := range c.Ports {
		if p.Name == port.StrVal {
			return int(p.ContainerPort)
		}
	}
	return 0
}
