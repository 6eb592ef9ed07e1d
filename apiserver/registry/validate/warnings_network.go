package validate

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (w *caution) node(n *corev1.Node) {
	p := field.NewPath("spec")
	if n.Spec.ConfigSource != nil {
		w.say(p.Child("configSource"), "the feature is removed")
	}
	if n.Spec.DoNotUseExternalID != "" {
		w.say(p.Child("externalID"), "this field is deprecated, and is unused by Kubernetes")
	}
	for i, c := range n.Spec.PodCIDRs {
		w.cidr(p.Child("podCIDRs").Index(i), c)
	}
}

// service warns of fields that a service of its type ignores.
func (w *caution) service(s *corev1.Service) {
	p := field.NewPath("spec")
	if _, ok := s.Annotations[corev1.DeprecatedAnnotationTopologyAwareHints]; ok {
		w.sayf("annotation %s is deprecated, please use %s instead", corev1.DeprecatedAnnotationTopologyAwareHints, corev1.AnnotationTopologyMode)
	}
	alone := s.Spec.Type == corev1.ServiceTypeClusterIP && headless(s)
	byName := s.Spec.Type == corev1.ServiceTypeExternalName
	if !alone && !byName {
		for i, ip := range s.Spec.ClusterIPs {
			w.ip(p.Child("clusterIPs").Index(i), ip)
		}
	}
	if alone {
		if s.Spec.LoadBalancerIP != "" {
			w.sayf("spec.loadBalancerIP is ignored for headless services")
		}
		if len(s.Spec.ExternalIPs) > 0 {
			w.sayf("spec.externalIPs is ignored for headless services")
		}
		if s.Spec.SessionAffinity != corev1.ServiceAffinityNone {
			w.sayf("spec.SessionAffinity is ignored for headless services")
		}
	}
	for i, ip := range s.Spec.ExternalIPs {
		w.ip(p.Child("externalIPs").Index(i), ip)
	}
	if len(s.Spec.ExternalIPs) > 0 && !alone && !byName {
		w.sayf("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
	}
	if s.Spec.LoadBalancerIP != "" {
		w.ip(p.Child("loadBalancerIP"), s.Spec.LoadBalancerIP)
	}
	for i, c := range s.Spec.LoadBalancerSourceRanges {
		w.cidr(p.Child("loadBalancerSourceRanges").Index(i), c)
	}
	if byName && len(s.Spec.ExternalIPs) > 0 {
		w.sayf("spec.externalIPs is ignored when spec.type is %q", corev1.ServiceTypeExternalName)
	}
	if !byName && s.Spec.ExternalName != "" {
		w.sayf("spec.externalName is ignored when spec.type is not %q", corev1.ServiceTypeExternalName)
	}
	if d := s.Spec.TrafficDistribution; d != nil && *d == corev1.ServiceTrafficDistributionPreferClose {
		w.sayf("spec.trafficDistribution: %q is deprecated; use %q", corev1.ServiceTrafficDistributionPreferClose, corev1.ServiceTrafficDistributionPreferSameZone)
	}
}

func (w *caution) endpoints(e *corev1.Endpoints) {
	for i, s := range e.Subsets {
		at := field.NewPath("subsets").Index(i)
		for j, a := range s.Addresses {
			w.ip(at.Child("addresses").Index(j).Child("ip"), a.IP)
		}
		for j, a := range s.NotReadyAddresses {
			w.ip(at.Child("notReadyAddresses").Index(j).Child("ip"), a.IP)
		}
	}
}

func (w *caution) slice(s *discoveryv1.EndpointSlice, isNew bool) {
	if isNew && s.AddressType == discoveryv1.AddressTypeFQDN {
		w.say(field.NewPath("spec", "addressType"), "FQDN endpoints are deprecated")
	}
	switch s.Labels[discoveryv1.LabelManagedBy] {
	case "endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io": // they write addresses in one form
		return
	}
	for i, e := range s.Endpoints {
		for j, a := range e.Addresses {
			w.ip(field.NewPath("endpoints").Index(i).Child("addresses").Index(j), a)
		}
	}
}

func (w *caution) policy(n *networkingv1.NetworkPolicy) {
	block := func(p *field.Path, peers []networkingv1.NetworkPolicyPeer) {
		for i, peer := range peers {
			if peer.IPBlock == nil {
				continue
			}
			at := p.Index(i).Child("ipBlock")
			w.cidr(at.Child("cidr"), peer.IPBlock.CIDR)
			for j, e := range peer.IPBlock.Except {
				w.cidr(at.Child("except").Index(j), e)
			}
		}
	}
	p := field.NewPath("spec")
	for i, r := range n.Spec.Ingress {
		block(p.Child("ingress").Index(i).Child("from"), r.From)
	}
	for i, r := range n.Spec.Egress {
		block(p.Child("egress").Index(i).Child("to"), r.To)
	}
}

// quota warns of a quota whose requests could never be used up, because the limits are reached first.
func (w *caution) quota(q *corev1.ResourceQuota) {
	for _, n := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceStorage, corev1.ResourceEphemeralStorage} {
		asked := "requests." + n
		request, ok := q.Spec.Hard[asked]
		if !ok && (n == corev1.ResourceCPU || n == corev1.ResourceMemory) {
			asked = n
			request, ok = q.Spec.Hard[n]
		}
		limit, limited := q.Spec.Hard["limits."+n]
		if ok && limited && request.Cmp(limit) > 0 {
			w.sayf("ResourceQuota %s (%s) should be less than %s (%s)", asked, request.String(), "limits."+n, limit.String())
		}
	}
}
