package schema

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

func networkTables() map[runtimeschema.GroupVersionKind]*tableKind {
	core, networking := corev1.SchemeGroupVersion, networkingv1.SchemeGroupVersion
	return map[runtimeschema.GroupVersionKind]*tableKind{
		core.WithKind("Service"): shown(columns(
			nameColumn(),
			column("Type", doc(corev1.ServiceSpec{}, "type")),
			column("Cluster-IP", doc(corev1.ServiceSpec{}, "clusterIP")),
			column("External-IP", doc(corev1.ServiceSpec{}, "externalIPs")),
			column("Port(s)", doc(corev1.ServiceSpec{}, "ports")),
			ageColumn(),
			wide(column("Selector", doc(corev1.ServiceSpec{}, "selector"))),
		), serviceCells),
		core.WithKind("Endpoints"): shown(columns(
			nameColumn(), column("Endpoints", doc(corev1.Endpoints{}, "subsets")), ageColumn(),
		), func(e *corev1.Endpoints, o *TableOptions) []any {
			return []any{e.Name, endpointsCell(e), o.age(e.CreationTimestamp)}
		}),
		discoveryv1.SchemeGroupVersion.WithKind("EndpointSlice"): shown(columns(
			nameColumn(),
			column("AddressType", doc(discoveryv1.EndpointSlice{}, "addressType")),
			column("Ports", doc(discoveryv1.EndpointSlice{}, "ports")),
			column("Endpoints", doc(discoveryv1.EndpointSlice{}, "endpoints")),
			ageColumn(),
		), endpointSliceCells),
		networking.WithKind("Ingress"): shown(columns(
			nameColumn(),
			column("Class", "The name of the IngressClass resource that should be used for additional configuration"),
			column("Hosts", "Hosts that incoming requests are matched against before the ingress rule"),
			column("Address", "Address is a list containing ingress points for the load-balancer"),
			column("Ports", "Ports of TLS configurations that open"),
			ageColumn(),
		), ingressCells),
		networking.WithKind("IngressClass"): shown(columns(
			nameColumn(),
			column("Controller", "Controller that is responsible for handling this class"),
			column("Parameters", "A reference to a resource with additional parameters"),
			ageColumn(),
		), ingressClassCells),
		networking.WithKind("NetworkPolicy"): shown(columns(
			nameColumn(), column("Pod-Selector", doc(networkingv1.NetworkPolicySpec{}, "podSelector")), ageColumn(),
		), func(p *networkingv1.NetworkPolicy, o *TableOptions) []any {
			return []any{p.Name, metav1.FormatLabelSelector(&p.Spec.PodSelector), o.age(p.CreationTimestamp)}
		}),
	}
}

// firstFew joins at most few of what a list shows and says how many more there are.
func firstFew(shown []string, few int, separator string) string {
	if len(shown) <= few {
		return strings.Join(shown, separator)
	}
	return fmt.Sprintf("%s + %d more...", strings.Join(shown[:few], separator), len(shown)-few)
}

func serviceCells(s *corev1.Service, o *TableOptions) []any {
	clusterIP := "<none>"
	if len(s.Spec.ClusterIPs) > 0 {
		clusterIP = s.Spec.ClusterIPs[0]
	}
	var ports []string
	for _, p := range s.Spec.Ports {
		if p.NodePort > 0 {
			ports = append(ports, fmt.Sprintf("%d:%d/%s", p.Port, p.NodePort, p.Protocol))
		} else {
			ports = append(ports, fmt.Sprintf("%d/%s", p.Port, p.Protocol))
		}
	}
	return []any{
		s.Name, string(s.Spec.Type), clusterIP, serviceAddress(s), orElse(strings.Join(ports, ","), "<none>"),
		o.age(s.CreationTimestamp), labels.FormatLabels(s.Spec.Selector),
	}
}

// serviceAddress is where a service can be reached from outside.
func serviceAddress(s *corev1.Service) string {
	switch s.Spec.Type {
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort:
		return orElse(strings.Join(s.Spec.ExternalIPs, ","), "<none>")
	case corev1.ServiceTypeLoadBalancer:
		var points []string
		for _, p := range s.Status.LoadBalancer.Ingress {
			points = append(points, orElse(p.IP, p.Hostname))
		}
		return orElse(strings.Join(append(balancerPoints(points), s.Spec.ExternalIPs...), ","), "<pending>")
	case corev1.ServiceTypeExternalName:
		return s.Spec.ExternalName
	}
	return "<unknown>"
}

// balancerPoints sorts the addresses of a load balancer and drops empty and repeated ones.
func balancerPoints(points []string) []string {
	points = slices.DeleteFunc(points, func(p string) bool { return p == "" })
	slices.Sort(points)
	return slices.Compact(points)
}

func endpointsCell(e *corev1.Endpoints) string {
	if len(e.Subsets) == 0 {
		return "<none>"
	}
	var all []string
	for _, subset := range e.Subsets {
		if len(subset.Ports) == 0 { // a headless service needs none
			for _, a := range subset.Addresses {
				all = append(all, a.IP)
			}
		}
		for _, port := range subset.Ports {
			for _, a := range subset.Addresses {
				all = append(all, net.JoinHostPort(a.IP, strconv.Itoa(int(port.Port))))
			}
		}
	}
	return firstFew(all, 3, ",")
}

func endpointSliceCells(s *discoveryv1.EndpointSlice, o *TableOptions) []any {
	var ports, addresses []string
	for _, p := range s.Ports {
		switch {
		case p.Port != nil:
			ports = append(ports, strconv.Itoa(int(*p.Port)))
		default:
			ports = append(ports, pointed(p.Name, "*"))
		}
	}
	for _, e := range s.Endpoints {
		addresses = append(addresses, e.Addresses...)
	}
	return []any{
		s.Name, string(s.AddressType), orElse(firstFew(ports, 3, ","), "<unset>"), orElse(firstFew(addresses, 3, ","), "<unset>"),
		o.age(s.CreationTimestamp),
	}
}

func ingressCells(i *networkingv1.Ingress, o *TableOptions) []any {
	var points []string
	for _, p := range i.Status.LoadBalancer.Ingress {
		points = append(points, orElse(p.IP, p.Hostname))
	}
	ports := "80"
	if len(i.Spec.TLS) > 0 {
		ports = "80, 443"
	}
	return []any{
		i.Name, pointed(i.Spec.IngressClassName, "<none>"), ingressHosts(i.Spec.Rules), strings.Join(balancerPoints(points), ","),
		ports, o.age(i.CreationTimestamp),
	}
}

// ingressHosts names the hosts of rules. Rules for any host are not named, but counted among those
// left out.
func ingressHosts(rules []networkingv1.IngressRule) string {
	const few = 3
	var hosts []string
	more := ""
	for _, rule := range rules {
		if len(hosts) == few {
			more = fmt.Sprintf(" + %d more...", len(rules)-few)
			break
		}
		if rule.Host != "" {
			hosts = append(hosts, rule.Host)
		}
	}
	return orElse(strings.Join(hosts, ","), "*") + more
}

func ingressClassCells(c *networkingv1.IngressClass, o *TableOptions) []any {
	name, parameters := c.Name, "<none>"
	if c.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true" {
		name += " (default)"
	}
	if p := c.Spec.Parameters; p != nil {
		parameters = p.Kind
		if p.APIGroup != nil {
			parameters += "." + *p.APIGroup
		}
		parameters += "/" + p.Name
	}
	return []any{name, c.Spec.Controller, parameters, o.age(c.CreationTimestamp)}
}
