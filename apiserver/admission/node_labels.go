package admission

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// kubeletLabels are those of the kubernetes.io and k8s.io domains that a node may put on itself (NODE-13).
var kubeletLabels = map[string]bool{
	corev1.LabelHostname:                true,
	corev1.LabelTopologyZone:            true,
	corev1.LabelTopologyRegion:          true,
	corev1.LabelFailureDomainBetaZone:   true,
	corev1.LabelFailureDomainBetaRegion: true,
	corev1.LabelInstanceType:            true,
	corev1.LabelInstanceTypeStable:      true,
	corev1.LabelOSStable:                true,
	corev1.LabelArchStable:              true,
	"beta.kubernetes.io/os":             true,
	"beta.kubernetes.io/arch":           true,
}

// node: only its own Node; taints, owners and most labels of Kubernetes' domains stay as they are (NODE-12, NODE-13).
func (p *nodeRestriction) node(node string, a *Attributes) error {
	name := a.Name
	if a.Operation == Create && name == "" {
		name = p.nameOf(a)
	}
	if name != node {
		return forbiddenf(a, "node %q is not allowed to modify node %q", node, name)
	}
	switch a.Operation {
	case Create:
		n, ok := a.Object.(*corev1.Node)
		if !ok {
			return wrongType(a, a.Object)
		}
		if n.Spec.ConfigSource != nil {
			return forbiddenf(a, "node %q is not allowed to create pods with a non-nil configSource", node) // upstream says pods
		}
		if bad := forbiddenLabels(n.Labels, nil); len(bad) > 0 {
			return forbiddenf(a, "node %q is not allowed to set the following labels: %s", node, strings.Join(bad, ", "))
		}
	case Update:
		n, ok := a.Object.(*corev1.Node)
		if !ok {
			return wrongType(a, a.Object)
		}
		old, ok := a.Old.(*corev1.Node)
		if !ok {
			return wrongType(a, a.Old)
		}
		switch {
		case n.Spec.ConfigSource != nil && !equality.Semantic.DeepEqual(n.Spec.ConfigSource, old.Spec.ConfigSource):
			return forbiddenf(a, "node %q is not allowed to update configSource to a new non-nil configSource", node)
		case !equality.Semantic.DeepEqual(n.Spec.Taints, old.Spec.Taints):
			return forbiddenf(a, "node %q is not allowed to modify taints", node)
		case !equality.Semantic.DeepEqual(n.OwnerReferences, old.OwnerReferences):
			return forbiddenf(a, "node %q is not allowed to modify ownerReferences", node)
		}
		if bad := forbiddenLabels(n.Labels, old.Labels); len(bad) > 0 {
			return forbiddenf(a, "is not allowed to modify labels: %s", strings.Join(bad, ", "))
		}
	}
	return nil
}

// forbiddenLabels are the changed labels that are not a kubelet's to change, sorted.
func forbiddenLabels(now, before map[string]string) []string {
	var bad []string
	look := func(key string) {
		domain, _, prefixed := strings.Cut(key, "/")
		if !prefixed {
			return
		}
		restricted := within(domain, corev1.LabelNamespaceNodeRestriction)
		kubernetes := within(domain, "kubernetes.io") || within(domain, "k8s.io")
		kubelet := kubeletLabels[key] || within(domain, corev1.LabelNamespaceSuffixKubelet) || within(domain, corev1.LabelNamespaceSuffixNode)
		if restricted || (kubernetes && !kubelet) {
			bad = append(bad, key)
		}
	}
	for k, v := range now {
		if was, ok := before[k]; !ok || was != v {
			look(k)
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok {
			look(k)
		}
	}
	slices.Sort(bad)
	return bad
}

// within says whether a DNS name is the domain or below it.
func within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}
