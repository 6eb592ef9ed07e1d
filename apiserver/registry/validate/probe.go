package validate

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// lifeAndProbes checks the hooks and probes of a container that keeps running.
func (c *podCheck) lifeAndProbes(p *field.Path, ctr *corev1.Container) {
	if l := ctr.Lifecycle; l != nil {
		at := p.Child("lifecycle")
		if l.PostStart != nil {
			c.handler(at.Child("postStart"), l.PostStart.Exec, l.PostStart.HTTPGet, l.PostStart.TCPSocket, nil, l.PostStart.Sleep)
		}
		if l.PreStop != nil {
			c.handler(at.Child("preStop"), l.PreStop.Exec, l.PreStop.HTTPGet, l.PreStop.TCPSocket, nil, l.PreStop.Sleep)
		}
		if l.StopSignal != nil && c.spec.OS == nil {
			c.forbidden(at.Child("stopSignal"), "may not be set for containers with empty `spec.os.name`")
		}
	}
	c.probe(p.Child("livenessProbe"), ctr.LivenessProbe, true)
	c.probe(p.Child("readinessProbe"), ctr.ReadinessProbe, false)
	if r := ctr.ReadinessProbe; r != nil && r.TerminationGracePeriodSeconds != nil {
		c.invalid(p.Child("readinessProbe", "terminationGracePeriodSeconds"), r.TerminationGracePeriodSeconds, "must not be set for readinessProbes")
	}
	c.probe(p.Child("startupProbe"), ctr.StartupProbe, true)
}

func (c *podCheck) probe(p *field.Path, probe *corev1.Probe, once bool) {
	if probe == nil {
		return
	}
	c.handler(p, probe.Exec, probe.HTTPGet, probe.TCPSocket, probe.GRPC, nil)
	notNegative(c.report, p.Child("initialDelaySeconds"), probe.InitialDelaySeconds)
	notNegative(c.report, p.Child("timeoutSeconds"), probe.TimeoutSeconds)
	notNegative(c.report, p.Child("periodSeconds"), probe.PeriodSeconds)
	notNegative(c.report, p.Child("successThreshold"), probe.SuccessThreshold)
	notNegative(c.report, p.Child("failureThreshold"), probe.FailureThreshold)
	if g := probe.TerminationGracePeriodSeconds; g != nil && *g <= 0 {
		c.invalid(p.Child("terminationGracePeriodSeconds"), *g, "must be greater than 0")
	}
	if once && probe.SuccessThreshold != 1 {
		c.invalid(p.Child("successThreshold"), probe.SuccessThreshold, "must be 1")
	}
}

// handler: exactly one way to probe or to act.
func (c *podCheck) handler(p *field.Path, exec *corev1.ExecAction, get *corev1.HTTPGetAction, tcp *corev1.TCPSocketAction, grpc *corev1.GRPCAction, sleep *corev1.SleepAction) {
	n := 0
	first := func(name string) bool {
		n++
		if n > 1 {
			c.forbidden(p.Child(name), "may not specify more than 1 handler type")
		}
		return n == 1
	}
	if exec != nil && first("exec") && len(exec.Command) == 0 {
		c.required(p.Child("exec", "command"), "")
	}
	if get != nil && first("httpGet") {
		c.httpGet(p.Child("httpGet"), get)
	}
	if tcp != nil && first("tcpSocket") {
		c.portOrName(p.Child("tcpSocket", "port"), tcp.Port)
	}
	if grpc != nil && first("grpc") {
		c.portOrName(p.Child("grpc", "port"), intstr.FromInt32(grpc.Port))
	}
	if sleep != nil && first("sleep") {
		if g := c.spec.TerminationGracePeriodSeconds; g != nil && (sleep.Seconds < 0 || sleep.Seconds > *g) {
			c.invalid(p.Child("sleep"), sleep.Seconds, fmt.Sprintf("must be non-negative and less than terminationGracePeriodSeconds (%d)", *g))
		}
	}
	if n == 0 {
		c.required(p, "must specify a handler type")
	}
}

func (c *podCheck) httpGet(p *field.Path, get *corev1.HTTPGetAction) {
	if get.Path == "" {
		c.required(p.Child("path"), "")
	}
	c.portOrName(p.Child("port"), get.Port)
	oneOf(c.report, p.Child("scheme"), get.Scheme, corev1.URISchemeHTTP, corev1.URISchemeHTTPS)
	for _, h := range get.HTTPHeaders {
		c.invalids(p.Child("httpHeaders"), h.Name, validation.IsHTTPHeaderName(h.Name))
	}
}

// portOrName checks a port given by number or by the name it has in the container.
func (r *report) portOrName(p *field.Path, port intstr.IntOrString) {
	if port.Type == intstr.Int {
		r.invalids(p, port.IntValue(), validation.IsValidPortNum(port.IntValue()))
		return
	}
	r.invalids(p, port.StrVal, validation.IsValidPortName(port.StrVal))
}
