package validate

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const ingressClassAnnotation = "kubernetes.io/ingress.class"

func createIngress(r *report, g *networkingv1.Ingress) {
	ingress(r, g)
	if v, ok := g.Annotations[ingressClassAnnotation]; ok && g.Spec.IngressClassName != nil && v != *g.Spec.IngressClassName {
		r.invalid(field.NewPath("annotations").Child(ingressClassAnnotation), v, "must match `ingressClassName` when both are specified")
	}
}

func ingress(r *report, g *networkingv1.Ingress) {
	r.meta(&g.ObjectMeta, true, subdomainName)
	p, s := field.NewPath("spec"), &g.Spec
	if len(s.Rules) == 0 && s.DefaultBackend == nil {
		r.invalid(p, s.Rules, "either `defaultBackend` or `rules` must be specified")
	}
	if s.DefaultBackend != nil {
		backend(r, p.Child("defaultBackend"), s.DefaultBackend)
	}
	for i, rule := range s.Rules {
		at := p.Child("rules").Index(i)
		if rule.Host != "" {
			if _, err := netip.ParseAddr(rule.Host); err == nil {
				r.invalid(at.Child("host"), rule.Host, "must be a DNS name, not an IP address")
			}
			hostOrWildcard(r, at.Child("host"), rule.Host)
		}
		if rule.HTTP == nil {
			continue
		}
		paths := at.Child("http", "paths")
		if len(rule.HTTP.Paths) == 0 {
			r.required(paths, "")
		}
		for j := range rule.HTTP.Paths {
			ingressPath(r, paths.Index(j), &rule.HTTP.Paths[j])
		}
	}
	for i, t := range s.TLS {
		at := p.Child("tls").Index(i)
		for j, h := range t.Hosts {
			hostOrWildcard(r, at.Child("hosts").Index(j), h)
		}
		if t.SecretName != "" {
			r.invalids(at.Child("secretName"), t.SecretName, subdomainName(t.SecretName))
		}
	}
	if c := s.IngressClassName; c != nil {
		r.invalids(p.Child("ingressClassName"), *c, subdomainName(*c))
	}
}

func hostOrWildcard(r *report, p *field.Path, host string) {
	if strings.Contains(host, "*") {
		r.invalids(p, host, validation.IsWildcardDNS1123Subdomain(host))
		return
	}
	r.dnsSubdomain(p, host)
}

func ingressPath(r *report, p *field.Path, h *networkingv1.HTTPIngressPath) {
	if h.PathType == nil {
		r.required(p.Child("pathType"), "pathType must be specified")
		return
	}
	at, absolute := p.Child("path"), strings.HasPrefix(h.Path, "/")
	switch *h.PathType {
	case networkingv1.PathTypeExact, networkingv1.PathTypePrefix:
		if !absolute {
			r.invalid(at, h.Path, "must be an absolute path")
		}
		for _, bad := range []string{"//", "/./", "/../", "%2f", "%2F"} {
			if strings.Contains(h.Path, bad) {
				r.invalid(at, h.Path, fmt.Sprintf("must not contain '%s'", bad))
			}
		}
		for _, bad := range []string{"/..", "/."} {
			if strings.HasSuffix(h.Path, bad) {
				r.invalid(at, h.Path, fmt.Sprintf("cannot end with '%s'", bad))
			}
		}
	case networkingv1.PathTypeImplementationSpecific:
		if h.Path != "" && !absolute {
			r.invalid(at, h.Path, "must be an absolute path")
		}
	default:
		oneOf(r, p.Child("pathType"), *h.PathType, networkingv1.PathTypeExact, networkingv1.PathTypeImplementationSpecific, networkingv1.PathTypePrefix)
	}
	backend(r, p.Child("backend"), &h.Backend)
}

func backend(r *report, p *field.Path, b *networkingv1.IngressBackend) {
	switch {
	case b.Resource != nil && b.Service != nil:
		r.invalid(p, "", "cannot set both resource and service backends")
	case b.Resource != nil:
		reference(r, p.Child("resource"), b.Resource)
	case b.Service != nil:
		if b.Service.Name == "" {
			r.required(p.Child("service", "name"), "")
		} else {
			r.invalids(p.Child("service", "name"), b.Service.Name, labelName(b.Service.Name))
		}
		switch port := b.Service.Port; {
		case port.Name != "" && port.Number != 0:
			r.invalid(p, "", "cannot set both port name & port number")
		case port.Name != "":
			r.invalids(p.Child("service", "port", "name"), port.Name, validation.IsValidPortName(port.Name))
		case port.Number != 0:
			r.portNumber(p.Child("service", "port", "number"), port.Number)
		default:
			r.required(p, "port name or number is required")
		}
	default:
		r.invalid(p, "", "resource or service backend is required")
	}
}

func reference(r *report, p *field.Path, ref *corev1.TypedLocalObjectReference) {
	if ref.APIGroup != nil {
		r.dnsSubdomain(p.Child("apiGroup"), *ref.APIGroup)
	}
	segment(r, p.Child("kind"), ref.Kind)
	segment(r, p.Child("name"), ref.Name)
}

// segment is a required name that may stand in a URL.
func segment(r *report, p *field.Path, name string) {
	if name == "" {
		r.required(p, "")
		return
	}
	r.invalids(p, name, segmentName(name))
}

// mostController is how long the name of an ingress controller may be.
const mostController = 250

func ingressClass(r *report, c *networkingv1.IngressClass) {
	r.meta(&c.ObjectMeta, false, subdomainName)
	p := field.NewPath("spec")
	if len(c.Spec.Controller) > mostController {
		r.tooLong(p.Child("controller"), mostController)
	}
	r.add(validation.IsDomainPrefixedPath(p.Child("controller"), c.Spec.Controller))
	q := c.Spec.Parameters
	if q == nil {
		return
	}
	p = p.Child("parameters")
	if q.APIGroup != nil {
		r.dnsSubdomain(p.Child("apiGroup"), *q.APIGroup)
	}
	segment(r, p.Child("kind"), q.Kind)
	segment(r, p.Child("name"), q.Name)
	if q.Scope == nil {
		r.required(p.Child("scope"), "")
		return
	}
	switch at := p.Child("namespace"); *q.Scope {
	case networkingv1.IngressClassParametersReferenceScopeNamespace:
		if q.Namespace == nil {
			r.required(at, "`parameters.scope` is set to 'Namespace'")
		} else {
			r.invalids(at, *q.Namespace, namespaceName(*q.Namespace))
		}
	case networkingv1.IngressClassParametersReferenceScopeCluster:
		if q.Namespace != nil {
			r.forbidden(at, "`parameters.scope` is set to 'Cluster'")
		}
	default:
		oneOf(r, p.Child("scope"), *q.Scope, networkingv1.IngressClassParametersReferenceScopeCluster, networkingv1.IngressClassParametersReferenceScopeNamespace)
	}
}

func networkPolicySpec(r *report, s *networkingv1.NetworkPolicySpec) {
	p := field.NewPath("spec")
	r.selector(p.Child("podSelector"), &s.PodSelector)
	for i, rule := range s.Ingress {
		at := p.Child("ingress").Index(i)
		policyPorts(r, at.Child("ports"), rule.Ports)
		peers(r, at.Child("from"), rule.From)
	}
	for i, rule := range s.Egress {
		at := p.Child("egress").Index(i)
		policyPorts(r, at.Child("ports"), rule.Ports)
		peers(r, at.Child("to"), rule.To)
	}
	if len(s.PolicyTypes) > 2 {
		r.invalid(p.Child("policyTypes"), s.PolicyTypes, "may not specify more than two policyTypes")
		return
	}
	for i, t := range s.PolicyTypes {
		oneOf(r, p.Child("policyTypes").Index(i), t, networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress)
	}
}

func policyPorts(r *report, p *field.Path, list []networkingv1.NetworkPolicyPort) {
	for i, port := range list {
		at := p.Index(i)
		if port.Protocol != nil {
			oneOf(r, at.Child("protocol"), *port.Protocol, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP)
		}
		end := at.Child("endPort")
		switch {
		case port.Port == nil:
			if port.EndPort != nil {
				r.invalid(end, *port.EndPort, "may not be specified when `port` is not specified")
			}
		case port.Port.Type == intstr.Int:
			r.portNumber(at.Child("port"), port.Port.IntVal)
			if port.EndPort != nil {
				if *port.EndPort < port.Port.IntVal {
					r.invalid(end, port.Port.IntVal, "must be greater than or equal to `port`")
				}
				r.portNumber(end, *port.EndPort)
			}
		default:
			if port.EndPort != nil {
				r.invalid(end, *port.EndPort, "may not be specified when `port` is non-numeric")
			}
			r.invalids(at.Child("port"), port.Port.StrVal, validation.IsValidPortName(port.Port.StrVal))
		}
	}
}

func peers(r *report, p *field.Path, list []networkingv1.NetworkPolicyPeer) {
	for i, peer := range list {
		at, n := p.Index(i), 0
		if peer.PodSelector != nil {
			n++
			r.selector(at.Child("podSelector"), peer.PodSelector)
		}
		if peer.NamespaceSelector != nil {
			n++
			r.selector(at.Child("namespaceSelector"), peer.NamespaceSelector)
		}
		if peer.IPBlock != nil {
			n++
			ipBlock(r, at.Child("ipBlock"), peer.IPBlock)
		}
		switch {
		case n == 0:
			r.required(at, "must specify a peer")
		case n > 1 && peer.IPBlock != nil:
			r.forbidden(at, "may not specify both ipBlock and another peer")
		}
	}
}

func ipBlock(r *report, p *field.Path, b *networkingv1.IPBlock) {
	if b.CIDR == "" {
		r.required(p.Child("cidr"), "")
		return
	}
	r.cidr(p.Child("cidr"), b.CIDR)
	whole, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		return
	}
	for i, e := range b.Except {
		at := p.Child("except").Index(i)
		r.cidr(at, e)
		part, err := netip.ParsePrefix(e)
		if err == nil && (!whole.Contains(part.Addr()) || whole.Bits() >= part.Bits()) {
			r.invalid(at, e, "must be a strict subset of `cidr`")
		}
	}
}
