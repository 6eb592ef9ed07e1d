package defaults

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// namespace gives a namespace the label with its own name, whatever was sent (API-183).
func namespace(n *corev1.Namespace) {
	set(&n.Status.Phase, corev1.NamespaceActive)
	if n.Name == "" { // the name is still to be generated
		return
	}
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelMetadataName] = n.Name
}

func node(n *corev1.Node) {
	// podCIDR is an older name of the first of podCIDRs, and wins over it.
	switch list := n.Spec.PodCIDRs; {
	case n.Spec.PodCIDR != "" && (len(list) == 0 || list[0] != n.Spec.PodCIDR):
		n.Spec.PodCIDRs = []string{n.Spec.PodCIDR}
	case n.Spec.PodCIDR == "" && len(list) > 0:
		n.Spec.PodCIDR = list[0]
	}
	if n.Status.Allocatable == nil && n.Status.Capacity != nil {
		n.Status.Allocatable = n.Status.Capacity.DeepCopy()
	}
	round(n.Status.Capacity)
	round(n.Status.Allocatable)
}

func service(s *corev1.Service) {
	spec := &s.Spec
	set(&spec.SessionAffinity, corev1.ServiceAffinityNone)
	switch spec.SessionAffinity {
	case corev1.ServiceAffinityNone:
		spec.SessionAffinityConfig = nil
	case corev1.ServiceAffinityClientIP:
		c := spec.SessionAffinityConfig
		if c == nil || c.ClientIP == nil || c.ClientIP.TimeoutSeconds == nil {
			seconds := corev1.DefaultClientIPServiceAffinitySeconds
			spec.SessionAffinityConfig = &corev1.SessionAffinityConfig{ClientIP: &corev1.ClientIPConfig{TimeoutSeconds: &seconds}}
		}
	}
	set(&spec.Type, corev1.ServiceTypeClusterIP)
	for i := range spec.Ports {
		p := &spec.Ports[i]
		set(&p.Protocol, corev1.ProtocolTCP)
		if p.TargetPort == intstr.FromInt32(0) || p.TargetPort == intstr.FromString("") {
			p.TargetPort = intstr.FromInt32(p.Port)
		}
	}
	balanced := spec.Type == corev1.ServiceTypeLoadBalancer
	outside := balanced || spec.Type == corev1.ServiceTypeNodePort || (spec.Type == corev1.ServiceTypeClusterIP && len(spec.ExternalIPs) > 0)
	if outside {
		set(&spec.ExternalTrafficPolicy, corev1.ServiceExternalTrafficPolicyCluster)
	}
	switch spec.Type {
	case corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeClusterIP:
		setPtr(&spec.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster)
	}
	if balanced {
		setPtr(&spec.AllocateLoadBalancerNodePorts, true)
		for i := range s.Status.LoadBalancer.Ingress {
			if s.Status.LoadBalancer.Ingress[i].IP != "" {
				setPtr(&s.Status.LoadBalancer.Ingress[i].IPMode, corev1.LoadBalancerIPModeVIP)
			}
		}
	}
}

// secret moves what may be sent as text into data, over which it wins, and which alone is kept (API-210). It is done this
// early so that the managed fields name data.
func secret(s *corev1.Secret) {
	set(&s.Type, corev1.SecretTypeOpaque)
	if len(s.StringData) > 0 && s.Data == nil {
		s.Data = make(map[string][]byte, len(s.StringData))
	}
	for k, v := range s.StringData {
		s.Data[k] = []byte(v)
	}
	s.StringData = nil
	for k, v := range s.Data {
		if v == nil { // null says no bytes
			s.Data[k] = []byte{}
		}
	}
}

func endpoints(e *corev1.Endpoints) {
	for i := range e.Subsets {
		for j := range e.Subsets[i].Ports {
			set(&e.Subsets[i].Ports[j].Protocol, corev1.ProtocolTCP)
		}
	}
}

// limitRange completes container limits: the default limit is the maximum, the default request the default limit, else the minimum.
func limitRange(l *corev1.LimitRange) {
	for i := range l.Spec.Limits {
		item := &l.Spec.Limits[i]
		if item.Type == corev1.LimitTypeContainer {
			if item.Default == nil {
				item.Default = corev1.ResourceList{}
			}
			if item.DefaultRequest == nil {
				item.DefaultRequest = corev1.ResourceList{}
			}
			complete(item.Default, item.Max)
			complete(item.DefaultRequest, item.Default)
			complete(item.DefaultRequest, item.Min)
		}
		for _, list := range []corev1.ResourceList{item.Max, item.Min, item.Default, item.DefaultRequest, item.MaxLimitRequestRatio} {
			round(list)
		}
	}
}

func complete(list, from corev1.ResourceList) {
	for k, v := range from {
		if _, ok := list[k]; !ok {
			list[k] = v.DeepCopy()
		}
	}
}

func replicationController(r *corev1.ReplicationController) {
	setPtr(&r.Spec.Replicas, 1)
	if r.Spec.Template == nil {
		return
	}
	if labels := r.Spec.Template.Labels; labels != nil {
		if len(r.Spec.Selector) == 0 {
			r.Spec.Selector = maps.Clone(labels)
		}
		if len(r.Labels) == 0 {
			r.Labels = maps.Clone(labels)
		}
	}
	podSpec(&r.Spec.Template.Spec)
}
