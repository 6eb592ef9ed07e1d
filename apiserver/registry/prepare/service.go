package prepare

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// updateService keeps what was allocated and an update leaves out, and drops what the new type has no use for, unless the sender
// changed it: then validation refuses it.
func updateService(o, was *corev1.Service, subresource string) {
	if subresource == "status" {
		o.Spec = was.Spec
		return
	}
	o.Status = was.Status
	keepAllocated(&o.Spec, &was.Spec)
	if o.Spec.Type != corev1.ServiceTypeLoadBalancer {
		o.Status.LoadBalancer = corev1.LoadBalancerStatus{}
	}
	if was.Spec.Type != corev1.ServiceTypeExternalName && o.Spec.Type == corev1.ServiceTypeExternalName {
		if o.Spec.ClusterIP == was.Spec.ClusterIP && slices.Equal(o.Spec.ClusterIPs, was.Spec.ClusterIPs) {
			o.Spec.ClusterIP, o.Spec.ClusterIPs = "", nil
		}
		if slices.Equal(o.Spec.IPFamilies, was.Spec.IPFamilies) {
			o.Spec.IPFamilies = nil
		}
		if equality.Semantic.DeepEqual(o.Spec.IPFamilyPolicy, was.Spec.IPFamilyPolicy) {
			o.Spec.IPFamilyPolicy = nil
		}
		if equality.Semantic.DeepEqual(o.Spec.InternalTrafficPolicy, was.Spec.InternalTrafficPolicy) {
			o.Spec.InternalTrafficPolicy = nil
		}
	}
	if hasNodePorts(&was.Spec) && !hasNodePorts(&o.Spec) && onlyPortsOf(&o.Spec, &was.Spec) {
		for i := range o.Spec.Ports {
			o.Spec.Ports[i].NodePort = 0
		}
	}
	if hasHealthPort(&was.Spec) && !hasHealthPort(&o.Spec) && o.Spec.HealthCheckNodePort == was.Spec.HealthCheckNodePort {
		o.Spec.HealthCheckNodePort = 0
	}
	if was.Spec.Type == corev1.ServiceTypeLoadBalancer && o.Spec.Type != corev1.ServiceTypeLoadBalancer {
		if equality.Semantic.DeepEqual(o.Spec.AllocateLoadBalancerNodePorts, was.Spec.AllocateLoadBalancerNodePorts) {
			o.Spec.AllocateLoadBalancerNodePorts = nil
		}
		if equality.Semantic.DeepEqual(o.Spec.LoadBalancerClass, was.Spec.LoadBalancerClass) {
			o.Spec.LoadBalancerClass = nil
		}
	}
	if reachableFromOutside(&was.Spec) && !reachableFromOutside(&o.Spec) && o.Spec.ExternalTrafficPolicy == was.Spec.ExternalTrafficPolicy {
		o.Spec.ExternalTrafficPolicy = ""
	}
}

// keepAllocated fills in addresses and ports that the server once chose and the update does not mention.
func keepAllocated(s, was *corev1.ServiceSpec) {
	if was.Type != corev1.ServiceTypeExternalName && s.Type != corev1.ServiceTypeExternalName {
		if s.ClusterIP == "" {
			s.ClusterIP = was.ClusterIP
		}
		if len(s.ClusterIPs) == 0 && s.ClusterIP == was.ClusterIP {
			s.ClusterIPs = was.ClusterIPs
		}
		if s.IPFamilyPolicy == nil {
			s.IPFamilyPolicy = was.IPFamilyPolicy
		}
		if len(s.IPFamilies) == 0 {
			s.IPFamilies = was.IPFamilies
		}
	}
	if hasNodePorts(was) && hasNodePorts(s) {
		byName, used := map[string]int32{}, map[int32]bool{}
		for _, p := range was.Ports {
			byName[p.Name] = p.NodePort
		}
		for _, p := range s.Ports {
			used[p.NodePort] = true
		}
		for i := range s.Ports {
			p := &s.Ports[i]
			if n := byName[p.Name]; p.NodePort == 0 && n != 0 && !used[n] {
				p.NodePort = n
				used[n] = true
			}
		}
	}
	if hasHealthPort(was) && hasHealthPort(s) && s.HealthCheckNodePort == 0 {
		s.HealthCheckNodePort = was.HealthCheckNodePort
	}
}

func hasNodePorts(s *corev1.ServiceSpec) bool {
	return s.Type == corev1.ServiceTypeNodePort || s.Type == corev1.ServiceTypeLoadBalancer
}

func hasHealthPort(s *corev1.ServiceSpec) bool {
	return s.Type == corev1.ServiceTypeLoadBalancer && s.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

func reachableFromOutside(s *corev1.ServiceSpec) bool {
	return hasNodePorts(s) || (s.Type == corev1.ServiceTypeClusterIP && len(s.ExternalIPs) > 0)
}

// onlyPortsOf says that s names no node port that was does not have.
func onlyPortsOf(s, was *corev1.ServiceSpec) bool {
	for _, p := range s.Ports {
		if p.NodePort != 0 && !slices.ContainsFunc(was.Ports, func(q corev1.ServicePort) bool { return q.NodePort == p.NodePort }) {
			return false
		}
	}
	return true
}
