package validate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func headless(s *corev1.Service) bool {
	return len(s.Spec.ClusterIPs) == 1 && s.Spec.ClusterIPs[0] == corev1.ClusterIPNone
}

func fromOutside(s *corev1.ServiceSpec) bool {
	return s.Type == corev1.ServiceTypeLoadBalancer || s.Type == corev1.ServiceTypeNodePort ||
		(s.Type == corev1.ServiceTypeClusterIP && len(s.ExternalIPs) > 0)
}

func healthChecked(s *corev1.ServiceSpec) bool {
	return s.Type == corev1.ServiceTypeLoadBalancer && s.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// service checks the spec; its metadata is checked by the caller.
func service(r *report, s *corev1.Service) {
	p, spec := field.NewPath("spec"), &s.Spec
	if len(spec.Ports) == 0 && !headless(s) && spec.Type != corev1.ServiceTypeExternalName {
		r.required(p.Child("ports"), "")
	}
	switch spec.Type {
	case corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort:
		if headless(s) {
			r.invalid(p.Child("clusterIPs").Index(0), spec.ClusterIPs[0], fmt.Sprintf("may not be set to 'None' for %s services", spec.Type))
		}
	case corev1.ServiceTypeExternalName:
		externalName(r, p, spec)
	}
	names := map[string]bool{}
	for i := range spec.Ports {
		servicePort(r, p.Child("ports").Index(i), &spec.Ports[i], len(spec.Ports) > 1, names)
	}
	if spec.Selector != nil {
		r.add(metav1validation.ValidateLabels(spec.Selector, p.Child("selector")))
	}
	need(r, p.Child("sessionAffinity"), spec.SessionAffinity, corev1.ServiceAffinityClientIP, corev1.ServiceAffinityNone)
	sessionAffinity(r, p.Child("sessionAffinityConfig"), spec)
	clusterIPs(r, p, s)
	for i, ip := range spec.ExternalIPs {
		before := len(r.list)
		r.ip(p.Child("externalIPs").Index(i), ip)
		if len(r.list) == before {
			r.endpointIP(p.Child("externalIPs").Index(i), ip)
		}
	}
	need(r, p.Child("type"), spec.Type, corev1.ServiceTypeClusterIP, corev1.ServiceTypeExternalName, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort)
	portUniqueness(r, p.Child("ports"), spec)
	balancerOnly(r, p, spec)
	trafficPolicies(r, p, spec)
}

func externalName(r *report, p *field.Path, s *corev1.ServiceSpec) {
	const why = "may not be set for ExternalName services"
	if len(s.ClusterIPs) > 0 {
		r.forbidden(p.Child("clusterIPs"), why)
	}
	if len(s.IPFamilies) > 0 {
		r.forbidden(p.Child("ipFamilies"), why)
	}
	unset(r, p.Child("ipFamilyPolicy"), s.IPFamilyPolicy, why)
	if name := strings.TrimSuffix(s.ExternalName, "."); name != "" {
		r.dnsSubdomain(p.Child("externalName"), name)
	} else {
		r.required(p.Child("externalName"), "")
	}
}

func servicePort(r *report, p *field.Path, port *corev1.ServicePort, named bool, names map[string]bool) {
	switch {
	case named && port.Name == "":
		r.required(p.Child("name"), "")
	case port.Name != "":
		r.dnsLabel(p.Child("name"), port.Name)
		if names[port.Name] {
			r.duplicate(p.Child("name"), port.Name)
		}
		names[port.Name] = true
	}
	r.portNumber(p.Child("port"), port.Port)
	need(r, p.Child("protocol"), port.Protocol, corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP)
	r.portOrName(p.Child("targetPort"), port.TargetPort)
	if port.AppProtocol != nil {
		r.qualified(p.Child("appProtocol"), *port.AppProtocol)
	}
}

// portUniqueness: a port of the service, and one of the nodes, means one thing.
func portUniqueness(r *report, p *field.Path, s *corev1.ServiceSpec) {
	type key struct {
		Protocol corev1.Protocol
		Port     int32
	}
	nodePorts, ports := map[key]bool{}, map[key]bool{}
	if s.Type == corev1.ServiceTypeClusterIP {
		for i, port := range s.Ports {
			if port.NodePort != 0 {
				r.forbidden(p.Index(i).Child("nodePort"), "may not be used when `type` is 'ClusterIP'")
			}
		}
	}
	for i, port := range s.Ports {
		k := key{port.Protocol, port.NodePort}
		if port.NodePort != 0 && nodePorts[k] {
			r.duplicate(p.Index(i).Child("nodePort"), port.NodePort)
		}
		nodePorts[k] = true
	}
	for i, port := range s.Ports {
		k := key{port.Protocol, port.Port}
		if ports[k] {
			r.duplicate(p.Index(i), inner{corev1.ServicePort{Protocol: port.Protocol, Port: port.Port}})
		}
		ports[k] = true
	}
}

func sessionAffinity(r *report, p *field.Path, s *corev1.ServiceSpec) {
	const most = 86400
	c := s.SessionAffinityConfig
	switch s.SessionAffinity {
	case corev1.ServiceAffinityNone:
		unset(r, p, c, "must not be set when session affinity is None")
	case corev1.ServiceAffinityClientIP:
		switch {
		case c == nil:
			r.required(p, "when session affinity type is ClientIP")
		case c.ClientIP == nil:
			r.required(p.Child("clientIP"), "when session affinity type is ClientIP")
		case c.ClientIP.TimeoutSeconds == nil:
			r.required(p.Child("clientIP", "timeoutSeconds"), "when session affinity type is ClientIP")
		case *c.ClientIP.TimeoutSeconds <= 0 || *c.ClientIP.TimeoutSeconds > most:
			r.invalid(p.Child("clientIP", "timeoutSeconds"), *c.ClientIP.TimeoutSeconds, fmt.Sprintf("must be greater than 0 and less than %d", most))
		}
	}
}

// ClusterIPs checks the addresses of a service and their families alone: who gives out addresses must know that what is asked for makes
// sense.
func ClusterIPs(s *corev1.Service) field.ErrorList {
	r := &report{}
	clusterIPs(r, field.NewPath("spec"), s)
	return r.list
}

func clusterIPs(r *report, p *field.Path, s *corev1.Service) {
	spec := &s.Spec
	if spec.Type == corev1.ServiceTypeExternalName {
		return
	}
	at := p.Child("clusterIPs")
	switch {
	case spec.ClusterIP != "" && len(spec.ClusterIPs) == 0:
		r.required(at, "")
	case spec.ClusterIP != "" && spec.ClusterIPs[0] != spec.ClusterIP:
		r.invalid(at, spec.ClusterIPs, "first value must match `clusterIP`")
	case spec.ClusterIP == "" && len(spec.ClusterIPs) > 0:
		r.invalid(at, spec.ClusterIPs, "must be empty when `clusterIP` is not specified")
	}
	seen := map[corev1.IPFamily]bool{}
	for i, f := range spec.IPFamilies {
		oneOf(r, p.Child("ipFamilies").Index(i), f, corev1.IPv4Protocol, corev1.IPv6Protocol)
		if seen[f] {
			r.duplicate(p.Child("ipFamilies").Index(i), f)
		}
		seen[f] = true
	}
	if f := spec.IPFamilyPolicy; f != nil {
		oneOf(r, p.Child("ipFamilyPolicy"), *f, corev1.IPFamilyPolicyPreferDualStack, corev1.IPFamilyPolicyRequireDualStack, corev1.IPFamilyPolicySingleStack)
	}
	for i, ip := range spec.ClusterIPs {
		if i == 0 && ip == corev1.ClusterIPNone {
			if len(spec.ClusterIPs) > 1 {
				r.invalid(at, spec.ClusterIPs, "'None' must be the first and only value")
			}
			continue
		}
		r.ip(at.Index(i), ip)
	}
	if len(spec.ClusterIPs) > 2 {
		r.invalid(at, spec.ClusterIPs, "may only hold up to 2 values")
	}
	if headless(s) {
		return
	}
	if len(spec.ClusterIPs) > 1 && addresses(spec.ClusterIPs) && !dual(spec.ClusterIPs) {
		r.invalid(at, spec.ClusterIPs, "may specify no more than one IP for each IP family")
	}
	for i, ip := range spec.ClusterIPs {
		if i >= len(spec.IPFamilies) {
			break
		}
		a, err := netip.ParseAddr(ip)
		if err != nil {
			break
		}
		switch f := spec.IPFamilies[i]; {
		case f == corev1.IPv4Protocol && a.Is6():
			r.invalid(at.Index(i), ip, fmt.Sprintf("expected an IPv4 value as indicated by `ipFamilies[%v]`", i))
		case f == corev1.IPv6Protocol && a.Is4():
			r.invalid(at.Index(i), ip, fmt.Sprintf("expected an IPv6 value as indicated by `ipFamilies[%v]`", i))
		}
	}
}

// dual says that addresses, or ranges, of both families are there.
func dual(ips []string) bool {
	var four, six bool
	for _, ip := range ips {
		ip, _, _ = strings.Cut(ip, "/")
		a, err := netip.ParseAddr(ip)
		if err != nil {
			return false
		}
		four, six = four || a.Is4(), six || a.Is6()
	}
	return four && six
}

// addresses says that all of these are addresses.
func addresses(ips []string) bool {
	return !slices.ContainsFunc(ips, func(ip string) bool {
		_, err := netip.ParseAddr(ip)
		return err != nil
	})
}

// balancerOnly are the fields of load balancers.
func balancerOnly(r *report, p *field.Path, s *corev1.ServiceSpec) {
	const only = "may only be used when `type` is 'LoadBalancer'"
	balanced := s.Type == corev1.ServiceTypeLoadBalancer
	ranges := p.Child("LoadBalancerSourceRanges")
	if len(s.LoadBalancerSourceRanges) > 0 && !balanced {
		r.forbidden(ranges, only)
	}
	for i, v := range s.LoadBalancerSourceRanges {
		r.cidr(ranges.Index(i), strings.TrimSpace(v))
	}
	if !balanced {
		unset(r, p.Child("allocateLoadBalancerNodePorts"), s.AllocateLoadBalancerNodePorts, only)
	}
	balancerClass(r, p.Child("loadBalancerClass"), s)
}

func balancerClass(r *report, p *field.Path, s *corev1.ServiceSpec) {
	if s.Type != corev1.ServiceTypeLoadBalancer {
		unset(r, p, s.LoadBalancerClass, "may only be used when `type` is 'LoadBalancer'")
	} else if s.LoadBalancerClass != nil {
		r.qualified(p, *s.LoadBalancerClass)
	}
}

func trafficPolicies(r *report, p *field.Path, s *corev1.ServiceSpec) {
	at := p.Child("externalTrafficPolicy")
	if fromOutside(s) {
		need(r, at, s.ExternalTrafficPolicy, corev1.ServiceExternalTrafficPolicyCluster, corev1.ServiceExternalTrafficPolicyLocal)
	} else if s.ExternalTrafficPolicy != "" {
		r.invalid(at, s.ExternalTrafficPolicy, "may only be set for externally-accessible services")
	}
	if healthChecked(s) && s.HealthCheckNodePort != 0 { // none is not an error: nothing here checks the health of nodes
		r.portNumber(p.Child("healthCheckNodePort"), s.HealthCheckNodePort)
	}
	if !healthChecked(s) && s.HealthCheckNodePort != 0 {
		r.invalid(p.Child("healthCheckNodePort"), s.HealthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
	}
	if s.InternalTrafficPolicy == nil {
		switch s.Type {
		case corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeClusterIP:
			r.required(p.Child("internalTrafficPolicy"), "")
		}
	} else {
		oneOf(r, p.Child("internalTrafficPolicy"), *s.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster, corev1.ServiceInternalTrafficPolicyLocal)
	}
	if d := s.TrafficDistribution; d != nil {
		oneOf(r, p.Child("trafficDistribution"), *d, corev1.ServiceTrafficDistributionPreferClose, corev1.ServiceTrafficDistributionPreferSameZone, corev1.ServiceTrafficDistributionPreferSameNode)
	}
}

// updateService: an address, once given, stays, unless the service becomes or stops being a mere name.
func updateService(r *report, s, old *corev1.Service) {
	r.metaUpdate(&s.ObjectMeta, &old.ObjectMeta)
	if s.Spec.Type != corev1.ServiceTypeExternalName && old.Spec.Type != corev1.ServiceTypeExternalName {
		if !headless(s) || !headless(old) {
			keptAddresses(r, &s.Spec, &old.Spec)
		}
		if !headless(s) && !headless(old) {
			keptFamilies(r, &s.Spec, &old.Spec)
		}
	}
	if s.Spec.Type == corev1.ServiceTypeLoadBalancer && old.Spec.Type == corev1.ServiceTypeLoadBalancer {
		now, was := s.Spec.LoadBalancerClass, old.Spec.LoadBalancerClass
		if (now == nil) != (was == nil) || (now != nil && *now != *was) {
			r.invalid(field.NewPath("spec", "loadBalancerClass"), now, "may not change once set")
		}
	}
	balancerClass(r, field.NewPath("spec", "loadBalancerClass"), &s.Spec) // once here and once with all else, as in the real server
	if healthChecked(&s.Spec) && healthChecked(&old.Spec) && s.Spec.HealthCheckNodePort != old.Spec.HealthCheckNodePort {
		r.forbidden(field.NewPath("spec", "healthCheckNodePort"), "field is immutable")
	}
	service(r, s)
}

// keptAddresses: a second address may come and go, the first may not.
func keptAddresses(r *report, s, old *corev1.ServiceSpec) {
	at, now, was := field.NewPath("spec", "clusterIPs"), s.ClusterIPs, old.ClusterIPs
	const once = "may not change once set"
	switch {
	case len(now) == len(was):
		for i := range was {
			if now[i] != was[i] {
				r.invalid(at.Index(i), now, once)
			}
		}
	case len(now) == 0:
		r.invalid(at.Index(0), now, "primary clusterIP can not be unset")
	default:
		if len(was) > 0 && now[0] != was[0] {
			r.invalid(at.Index(0), now, once)
		}
		if len(now) == 1 && len(was) > 1 && !single(s) {
			r.invalid(field.NewPath("spec", "ipFamilyPolicy"), s.IPFamilyPolicy, "must be set to 'SingleStack' when releasing the secondary clusterIP")
		}
	}
}

// keptFamilies is the same for the families of the addresses.
func keptFamilies(r *report, s, old *corev1.ServiceSpec) {
	at, now, was := field.NewPath("spec", "ipFamilies").Index(0), s.IPFamilies, old.IPFamilies
	const once = "may not change once set"
	if len(now) == len(was) {
		for i := range was {
			if now[i] != was[i] {
				r.invalid(at, now, once)
			}
		}
		return
	}
	if len(now) < len(was) && len(s.ClusterIPs) == 0 {
		r.invalid(at, now, "primary ipFamily can not be unset")
	}
	if len(now) > 0 && len(was) > 0 && now[0] != was[0] {
		r.invalid(at, s.ClusterIPs, once)
	}
	if len(now) == 1 && len(was) > 1 && !single(s) {
		r.invalid(field.NewPath("spec", "ipFamilyPolicy"), s.IPFamilyPolicy, "must be set to 'SingleStack' when releasing the secondary ipFamily")
	}
}

func single(s *corev1.ServiceSpec) bool {
	return s.IPFamilyPolicy != nil && *s.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack
}

// endpointIP refuses addresses that lead nowhere for others.
func (r *report) endpointIP(p *field.Path, ip string) {
	a, err := netip.ParseAddr(ip)
	switch {
	case err != nil:
		r.invalid(p, ip, "must be a valid IP address")
	case a.IsUnspecified():
		r.invalid(p, ip, fmt.Sprintf("may not be unspecified (%v)", ip))
	case a.IsLoopback():
		r.invalid(p, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
	case a.IsLinkLocalUnicast():
		r.invalid(p, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
	case a.IsLinkLocalMulticast():
		r.invalid(p, ip, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
	}
}
