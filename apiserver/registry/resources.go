package registry

import (
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// row fills what follows from a kind's names.
func row[T, L any, PT interface {
	*T
	runtime.Object
}, PL interface {
	*L
	runtime.Object
}](r Resource) Resource {
	r.New = func() runtime.Object { return PT(new(T)) }
	r.List = func() runtime.Object { return PL(new(L)) }
	r.Stored = true
	if r.Verbs == nil {
		r.Verbs = Standard
	}
	return r
}

// review is a row of a kind that is computed and never stored.
func review[T any, PT interface {
	*T
	runtime.Object
}](group, name, singular, kind string, namespaced bool) Resource {
	return Resource{Group: group, Version: "v1", Name: name, Singular: singular, Kind: kind, Namespaced: namespaced,
		Verbs: []string{"create"}, New: func() runtime.Object { return PT(new(T)) }}
}

func body[T any, PT interface {
	*T
	runtime.Object
}]() func() runtime.Object {
	return func() runtime.Object { return PT(new(T)) }
}

var (
	getPatchUpdate = []string{"get", "patch", "update"}
	proxied        = []string{"create", "delete", "get", "patch", "update"}
	status         = Subresource{Name: "status", Verbs: getPatchUpdate}
	scale          = Subresource{Name: "scale", Group: "autoscaling", Version: "v1", Kind: "Scale", Verbs: getPatchUpdate, New: body[autoscalingv1.Scale]()}
	all            = []string{"all"}
)

// Table lists every kind that is served. A new kind is a row here and, where it behaves, a strategy.
func Table() []Resource {
	rows := []Resource{
		row[corev1.Namespace, corev1.NamespaceList](Resource{Version: "v1", Name: "namespaces", Singular: "namespace", Kind: "Namespace", ShortNames: []string{"ns"},
			Verbs: []string{"create", "delete", "get", "list", "patch", "update", "watch"}, Hot: true, DeleteReturnsObject: true,
			Subresources: []Subresource{{Name: "finalize", Verbs: []string{"update"}}, status}}),
		row[corev1.ServiceAccount, corev1.ServiceAccountList](Resource{Version: "v1", Name: "serviceaccounts", Singular: "serviceaccount", Kind: "ServiceAccount", ShortNames: []string{"sa"},
			Namespaced: true, Hot: true, DeleteReturnsObject: true,
			Subresources: []Subresource{{Name: "token", Group: "authentication.k8s.io", Version: "v1", Kind: "TokenRequest", Verbs: []string{"create"}, New: body[authenticationv1.TokenRequest]()}}}),
		row[corev1.Pod, corev1.PodList](Resource{Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", ShortNames: []string{"po"}, Categories: all,
			Namespaced: true, Hot: true, DeleteReturnsObject: true,
			Subresources: []Subresource{
				{Name: "attach", Kind: "PodAttachOptions", Verbs: []string{"create", "get"}},
				{Name: "binding", Kind: "Binding", Verbs: []string{"create"}, New: body[corev1.Binding]()},
				{Name: "ephemeralcontainers", Verbs: getPatchUpdate},
				{Name: "eviction", Group: "policy", Version: "v1", Kind: "Eviction", Verbs: []string{"create"}, New: body[policyv1.Eviction]()},
				{Name: "exec", Kind: "PodExecOptions", Verbs: []string{"create", "get"}},
				{Name: "log", Verbs: []string{"get"}},
				{Name: "portforward", Kind: "PodPortForwardOptions", Verbs: []string{"create", "get"}},
				{Name: "proxy", Kind: "PodProxyOptions", Verbs: proxied},
				status}}),
		row[corev1.Secret, corev1.SecretList](Resource{Version: "v1", Name: "secrets", Singular: "secret", Kind: "Secret", Namespaced: true}),
		row[corev1.ConfigMap, corev1.ConfigMapList](Resource{Version: "v1", Name: "configmaps", Singular: "configmap", Kind: "ConfigMap", ShortNames: []string{"cm"}, Namespaced: true}),
		row[corev1.Node, corev1.NodeList](Resource{Version: "v1", Name: "nodes", Singular: "node", Kind: "Node", ShortNames: []string{"no"}, Hot: true, Subresources: []Subresource{{Name: "proxy", Kind: "NodeProxyOptions", Verbs: proxied}, status}}),
		row[corev1.Event, corev1.EventList](Resource{Version: "v1", Name: "events", Singular: "event", Kind: "Event", ShortNames: []string{"ev"}, Namespaced: true, CreateOnUpdate: true}),
		row[corev1.Service, corev1.ServiceList](Resource{Version: "v1", Name: "services", Singular: "service", Kind: "Service", ShortNames: []string{"svc"}, Categories: all,
			Namespaced: true, CreateOnUpdate: true, DeleteReturnsObject: true, Subresources: []Subresource{{Name: "proxy", Kind: "ServiceProxyOptions", Verbs: proxied}, status}}),
		row[corev1.Endpoints, corev1.EndpointsList](Resource{Version: "v1", Name: "endpoints", Singular: "endpoints", Kind: "Endpoints", ShortNames: []string{"ep"}, Namespaced: true, CreateOnUpdate: true,
			Deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"}),
		row[corev1.PersistentVolume, corev1.PersistentVolumeList](Resource{Version: "v1", Name: "persistentvolumes", Singular: "persistentvolume", Kind: "PersistentVolume", ShortNames: []string{"pv"},
			DeleteReturnsObject: true, Subresources: []Subresource{status}}),
		row[corev1.PersistentVolumeClaim, corev1.PersistentVolumeClaimList](Resource{Version: "v1", Name: "persistentvolumeclaims", Singular: "persistentvolumeclaim", Kind: "PersistentVolumeClaim", ShortNames: []string{"pvc"},
			Namespaced: true, DeleteReturnsObject: true, Subresources: []Subresource{status}}),
		row[corev1.ResourceQuota, corev1.ResourceQuotaList](Resource{Version: "v1", Name: "resourcequotas", Singular: "resourcequota", Kind: "ResourceQuota", ShortNames: []string{"quota"},
			Namespaced: true, DeleteReturnsObject: true, Subresources: []Subresource{status}}),
		row[corev1.LimitRange, corev1.LimitRangeList](Resource{Version: "v1", Name: "limitranges", Singular: "limitrange", Kind: "LimitRange", ShortNames: []string{"limits"}, Namespaced: true, CreateOnUpdate: true}),
		row[corev1.ReplicationController, corev1.ReplicationControllerList](Resource{Version: "v1", Name: "replicationcontrollers", Singular: "replicationcontroller", Kind: "ReplicationController", ShortNames: []string{"rc"}, Categories: all,
			Namespaced: true, Subresources: []Subresource{scale, status}}),
		row[corev1.PodTemplate, corev1.PodTemplateList](Resource{Version: "v1", Name: "podtemplates", Singular: "podtemplate", Kind: "PodTemplate", Namespaced: true, DeleteReturnsObject: true}),

		row[appsv1.Deployment, appsv1.DeploymentList](Resource{Group: "apps", Version: "v1", Name: "deployments", Singular: "deployment", Kind: "Deployment", ShortNames: []string{"deploy"}, Categories: all, Namespaced: true, Subresources: []Subresource{scale, status}}),
		row[appsv1.ReplicaSet, appsv1.ReplicaSetList](Resource{Group: "apps", Version: "v1", Name: "replicasets", Singular: "replicaset", Kind: "ReplicaSet", ShortNames: []string{"rs"}, Categories: all, Namespaced: true, Subresources: []Subresource{scale, status}}),
		row[appsv1.StatefulSet, appsv1.StatefulSetList](Resource{Group: "apps", Version: "v1", Name: "statefulsets", Singular: "statefulset", Kind: "StatefulSet", ShortNames: []string{"sts"}, Categories: all, Namespaced: true, Subresources: []Subresource{scale, status}}),
		row[appsv1.DaemonSet, appsv1.DaemonSetList](Resource{Group: "apps", Version: "v1", Name: "daemonsets", Singular: "daemonset", Kind: "DaemonSet", ShortNames: []string{"ds"}, Categories: all, Namespaced: true, Subresources: []Subresource{status}}),
		row[appsv1.ControllerRevision, appsv1.ControllerRevisionList](Resource{Group: "apps", Version: "v1", Name: "controllerrevisions", Singular: "controllerrevision", Kind: "ControllerRevision", Namespaced: true}),

		row[batchv1.Job, batchv1.JobList](Resource{Group: "batch", Version: "v1", Name: "jobs", Singular: "job", Kind: "Job", Categories: all, Namespaced: true, Subresources: []Subresource{status}}),
		row[batchv1.CronJob, batchv1.CronJobList](Resource{Group: "batch", Version: "v1", Name: "cronjobs", Singular: "cronjob", Kind: "CronJob", ShortNames: []string{"cj"}, Categories: all, Namespaced: true, Subresources: []Subresource{status}}),

		row[rbacv1.Role, rbacv1.RoleList](Resource{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "roles", Singular: "role", Kind: "Role", Namespaced: true, Hot: true, CreateOnUpdate: true}),
		row[rbacv1.RoleBinding, rbacv1.RoleBindingList](Resource{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "rolebindings", Singular: "rolebinding", Kind: "RoleBinding", Namespaced: true, Hot: true, CreateOnUpdate: true}),
		row[rbacv1.ClusterRole, rbacv1.ClusterRoleList](Resource{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterroles", Singular: "clusterrole", Kind: "ClusterRole", Hot: true, CreateOnUpdate: true}),
		row[rbacv1.ClusterRoleBinding, rbacv1.ClusterRoleBindingList](Resource{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterrolebindings", Singular: "clusterrolebinding", Kind: "ClusterRoleBinding", Hot: true, CreateOnUpdate: true}),

		row[coordinationv1.Lease, coordinationv1.LeaseList](Resource{Group: "coordination.k8s.io", Version: "v1", Name: "leases", Singular: "lease", Kind: "Lease", Namespaced: true, CreateOnUpdate: true, Locked: true}),
		row[certificatesv1.CertificateSigningRequest, certificatesv1.CertificateSigningRequestList](Resource{Group: "certificates.k8s.io", Version: "v1", Name: "certificatesigningrequests", Singular: "certificatesigningrequest", Kind: "CertificateSigningRequest", ShortNames: []string{"csr"},
			Subresources: []Subresource{{Name: "approval", Verbs: getPatchUpdate}, status}}),
		row[eventsv1.Event, eventsv1.EventList](Resource{Group: "events.k8s.io", Version: "v1", Name: "events", Singular: "event", Kind: "Event", ShortNames: []string{"ev"}, Namespaced: true, CreateOnUpdate: true, StoredAs: &schema.GroupVersionResource{Version: "v1", Resource: "events"}}),
		row[discoveryv1.EndpointSlice, discoveryv1.EndpointSliceList](Resource{Group: "discovery.k8s.io", Version: "v1", Name: "endpointslices", Singular: "endpointslice", Kind: "EndpointSlice", Namespaced: true}),
		row[networkingv1.Ingress, networkingv1.IngressList](Resource{Group: "networking.k8s.io", Version: "v1", Name: "ingresses", Singular: "ingress", Kind: "Ingress", ShortNames: []string{"ing"}, Namespaced: true, Subresources: []Subresource{status}}),
		row[networkingv1.IngressClass, networkingv1.IngressClassList](Resource{Group: "networking.k8s.io", Version: "v1", Name: "ingressclasses", Singular: "ingressclass", Kind: "IngressClass"}),
		row[networkingv1.NetworkPolicy, networkingv1.NetworkPolicyList](Resource{Group: "networking.k8s.io", Version: "v1", Name: "networkpolicies", Singular: "networkpolicy", Kind: "NetworkPolicy", ShortNames: []string{"netpol"}, Namespaced: true}),
		row[policyv1.PodDisruptionBudget, policyv1.PodDisruptionBudgetList](Resource{Group: "policy", Version: "v1", Name: "poddisruptionbudgets", Singular: "poddisruptionbudget", Kind: "PodDisruptionBudget", ShortNames: []string{"pdb"}, Namespaced: true, Locked: true, Subresources: []Subresource{status}}),
		row[storagev1.StorageClass, storagev1.StorageClassList](Resource{Group: "storage.k8s.io", Version: "v1", Name: "storageclasses", Singular: "storageclass", Kind: "StorageClass", ShortNames: []string{"sc"}, DeleteReturnsObject: true}),
		row[schedulingv1.PriorityClass, schedulingv1.PriorityClassList](Resource{Group: "scheduling.k8s.io", Version: "v1", Name: "priorityclasses", Singular: "priorityclass", Kind: "PriorityClass", ShortNames: []string{"pc"}, Hot: true}),
		row[autoscalingv2.HorizontalPodAutoscaler, autoscalingv2.HorizontalPodAutoscalerList](Resource{Group: "autoscaling", Version: "v2", Name: "horizontalpodautoscalers", Singular: "horizontalpodautoscaler", Kind: "HorizontalPodAutoscaler", ShortNames: []string{"hpa"}, Categories: all, Namespaced: true, Subresources: []Subresource{status}}),
		row[autoscalingv1.HorizontalPodAutoscaler, autoscalingv1.HorizontalPodAutoscalerList](Resource{Group: "autoscaling", Version: "v1", Name: "horizontalpodautoscalers", Singular: "horizontalpodautoscaler", Kind: "HorizontalPodAutoscaler", ShortNames: []string{"hpa"}, Categories: all, Namespaced: true, Subresources: []Subresource{status},
			StoredAs: &schema.GroupVersionResource{Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"}}),

		{Version: "v1", Name: "bindings", Singular: "binding", Kind: "Binding", Namespaced: true, Verbs: []string{"create"}, New: body[corev1.Binding]()},
		review[authenticationv1.TokenReview]("authentication.k8s.io", "tokenreviews", "tokenreview", "TokenReview", false),
		review[authenticationv1.SelfSubjectReview]("authentication.k8s.io", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", false),
		review[authorizationv1.SubjectAccessReview]("authorization.k8s.io", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", false),
		review[authorizationv1.SelfSubjectAccessReview]("authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", false),
		review[authorizationv1.LocalSubjectAccessReview]("authorization.k8s.io", "localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview", true),
		review[authorizationv1.SelfSubjectRulesReview]("authorization.k8s.io", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", false),
	}
	return rows
}
