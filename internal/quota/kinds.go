package quota

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The kinds whose objects use more than their number.
var (
	Pods     = schema.GroupResource{Resource: "pods"}
	Services = schema.GroupResource{Resource: "services"}
	Claims   = schema.GroupResource{Resource: "persistentvolumeclaims"}
)

const (
	countPrefix    = "count/"
	requestsPrefix = "requests."
	classSuffix    = ".storageclass.storage.k8s.io/"
)

// KindOf returns the kind that a name on a quota counts: "pods" and "limits.cpu" are about pods, "count/deployments.apps" is about
// deployments. false: nothing that is known uses it.
func KindOf(name corev1.ResourceName) (schema.GroupResource, bool) {
	s := string(name)
	if counted, ok := strings.CutPrefix(s, countPrefix); ok {
		gr := schema.ParseGroupResource(counted)
		return gr, !Ignored(gr)
	}
	switch name {
	case corev1.ResourcePods, corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage,
		corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory, corev1.ResourceRequestsEphemeralStorage,
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceLimitsEphemeralStorage:
		return Pods, true
	case corev1.ResourceServices, corev1.ResourceServicesNodePorts, corev1.ResourceServicesLoadBalancers:
		return Services, true
	case corev1.ResourcePersistentVolumeClaims, corev1.ResourceRequestsStorage:
		return Claims, true
	case corev1.ResourceConfigMaps, corev1.ResourceSecrets, corev1.ResourceReplicationControllers, corev1.ResourceQuotas:
		return schema.GroupResource{Resource: s}, true
	}
	if _, what, ok := strings.Cut(s, classSuffix); ok {
		return Claims, what == string(corev1.ResourcePersistentVolumeClaims) || what == string(corev1.ResourceRequestsStorage)
	}
	if strings.HasPrefix(s, corev1.ResourceHugePagesPrefix) || strings.HasPrefix(s, corev1.ResourceRequestsHugePagesPrefix) {
		return Pods, true
	}
	if extended, ok := strings.CutPrefix(s, requestsPrefix); ok && isExtended(extended) {
		return Pods, true
	}
	return schema.GroupResource{}, false
}

// Of returns the part of hard that counts objects of a kind.
func Of(gr schema.GroupResource, hard corev1.ResourceList) corev1.ResourceList {
	part := corev1.ResourceList{}
	for k, v := range hard {
		if kind, ok := KindOf(k); ok && kind == gr {
			part[k] = v
		}
	}
	return part
}

// Kinds lists the kinds that hard counts.
func Kinds(hard corev1.ResourceList) []schema.GroupResource {
	var kinds []schema.GroupResource
	for _, k := range Names(hard) {
		if gr, ok := KindOf(k); ok && !slices.Contains(kinds, gr) {
			kinds = append(kinds, gr)
		}
	}
	return kinds
}

// Ignored says that objects of a kind are never counted: events, and what is not stored.
func Ignored(gr schema.GroupResource) bool {
	switch gr.Group {
	case "":
		return gr.Resource == "events" || gr.Resource == "bindings" || gr.Resource == "componentstatuses"
	case "events.k8s.io":
		return gr.Resource == "events"
	case "authentication.k8s.io", "authorization.k8s.io":
		return true
	}
	return false
}

// isExtended says that a resource is one that nodes offer besides those that Kubernetes itself knows: example.com/dongle.
func isExtended(name string) bool {
	return strings.Contains(name, "/") && !strings.Contains(name, "kubernetes.io/")
}

// counter is the name by which any kind's objects are counted, and alias the older one that some have besides.
func counter(gr schema.GroupResource) corev1.ResourceName {
	return corev1.ResourceName(countPrefix + gr.String())
}

func alias(gr schema.GroupResource) (corev1.ResourceName, bool) {
	if gr.Group != "" {
		return "", false
	}
	switch name := corev1.ResourceName(gr.Resource); name {
	case corev1.ResourceConfigMaps, corev1.ResourceSecrets, corev1.ResourceReplicationControllers, corev1.ResourceQuotas:
		return name, true
	}
	return "", false
}
