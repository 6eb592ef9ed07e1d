package validate

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func endpoints(r *report, e *corev1.Endpoints) {
	r.meta(&e.ObjectMeta, true, subdomainName)
	for i, s := range e.Subsets {
		at := field.NewPath("subsets").Index(i)
		if len(s.Addresses) == 0 && len(s.NotReadyAddresses) == 0 {
			r.required(at, "must specify `addresses` or `notReadyAddresses`")
		}
		for j := range s.Addresses {
			endpointAddress(r, at.Child("addresses").Index(j), &s.Addresses[j])
		}
		for j := range s.NotReadyAddresses {
			endpointAddress(r, at.Child("notReadyAddresses").Index(j), &s.NotReadyAddresses[j])
		}
		for j, port := range s.Ports {
			p := at.Child("ports").Index(j)
			if len(s.Ports) > 1 && port.Name == "" {
				r.required(p.Child("name"), "")
			} else if port.Name != "" {
				r.dnsLabel(p.Child("name"), port.Name)
			}
			r.portNumber(p.Child("port"), port.Port)
			need(r, p.Child("protocol"), port.Protocol, corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP)
			if port.AppProtocol != nil {
				r.qualified(p.Child("appProtocol"), *port.AppProtocol)
			}
		}
	}
}

func endpointAddress(r *report, p *field.Path, a *corev1.EndpointAddress) {
	r.ip(p.Child("ip"), a.IP)
	if a.Hostname != "" {
		r.dnsLabel(p.Child("hostname"), a.Hostname)
	}
	if a.NodeName != nil {
		r.invalids(p.Child("nodeName"), *a.NodeName, subdomainName(*a.NodeName))
	}
	r.endpointIP(p.Child("ip"), a.IP)
}

// Sizes of an endpoint slice.
const (
	mostEndpoints = 1000
	mostAddresses = 100
	mostPorts     = 20000
	mostHints     = 8
)

func endpointSlice(r *report, s *discoveryv1.EndpointSlice) {
	r.meta(&s.ObjectMeta, true, subdomainName)
	need(r, field.NewPath("addressType"), s.AddressType, discoveryv1.AddressTypeFQDN, discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6)
	slicePorts(r, field.NewPath("ports"), s.Ports)
	p := field.NewPath("endpoints")
	if len(s.Endpoints) > mostEndpoints {
		r.tooMany(p, len(s.Endpoints), mostEndpoints)
		return
	}
	for i := range s.Endpoints {
		e, at := &s.Endpoints[i], p.Index(i)
		switch n := len(e.Addresses); {
		case n == 0:
			r.required(at.Child("addresses"), "must contain at least 1 address")
		case n > mostAddresses:
			r.tooMany(at.Child("addresses"), n, mostAddresses)
		}
		for j, a := range e.Addresses {
			sliceAddress(r, at.Child("addresses"), at.Child("addresses").Index(j), s.AddressType, a)
		}
		if e.NodeName != nil {
			r.invalids(at.Child("nodeName"), *e.NodeName, subdomainName(*e.NodeName))
		}
		r.add(metav1validation.ValidateLabels(e.DeprecatedTopology, at.Child("deprecatedTopology")))
		if e.Hostname != nil {
			r.dnsLabel(at.Child("hostname"), *e.Hostname)
		}
		if e.Hints != nil {
			sliceHints(r, at.Child("hints"), e.Hints)
		}
	}
}

func sliceHints(r *report, p *field.Path, h *discoveryv1.EndpointHints) {
	zones := make([]string, len(h.ForZones))
	for i, z := range h.ForZones {
		zones[i] = z.Name
	}
	if !hintNames(r, p.Child("forZones"), zones, validation.IsValidLabelValue) {
		return
	}
	nodes := make([]string, len(h.ForNodes))
	for i, n := range h.ForNodes {
		nodes[i] = n.Name
	}
	hintNames(r, p.Child("forNodes"), nodes, subdomainName)
}

// hintNames checks the names of zones or nodes; false if there are too many to look at.
func hintNames(r *report, p *field.Path, names []string, rule nameRule) bool {
	if len(names) > mostHints {
		r.tooMany(p, len(names), mostHints)
		return false
	}
	seen := map[string]bool{}
	for i, name := range names {
		at := p.Index(i).Child("name")
		if seen[name] {
			r.duplicate(at, name)
		}
		seen[name] = true
		r.invalids(at, name, rule(name))
	}
	return true
}

func sliceAddress(r *report, all, p *field.Path, kind discoveryv1.AddressType, address string) {
	switch kind {
	case discoveryv1.AddressTypeFQDN:
		r.add(validation.IsFullyQualifiedDomainName(p, address))
		return
	case discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6:
	default: // refused already
		return
	}
	before := len(r.list)
	r.ip(p, address)
	if len(r.list) > before {
		return
	}
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
	case kind == discoveryv1.AddressTypeIPv4 && !a.Is4():
		r.invalid(all, address, "must be an IPv4 address")
	case kind == discoveryv1.AddressTypeIPv6 && !a.Is6():
		r.invalid(all, address, "must be an IPv6 address")
	}
	r.endpointIP(p, address)
}

func slicePorts(r *report, p *field.Path, ports []discoveryv1.EndpointPort) {
	if len(ports) > mostPorts {
		r.tooMany(p, len(ports), mostPorts)
		return
	}
	seen := map[string]bool{}
	for i, port := range ports {
		at, name := p.Index(i), ""
		if port.Name != nil {
			name = *port.Name
		}
		if name != "" {
			r.dnsLabel(at.Child("name"), name)
		}
		if seen[name] {
			r.duplicate(at.Child("name"), name)
		}
		seen[name] = true
		if port.Protocol == nil {
			r.required(at.Child("protocol"), "")
		} else {
			oneOf(r, at.Child("protocol"), *port.Protocol, corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP)
		}
		if port.AppProtocol != nil {
			r.qualified(at.Child("appProtocol"), *port.AppProtocol)
		}
	}
}
