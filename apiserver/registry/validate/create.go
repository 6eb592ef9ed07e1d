package validate

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Context is what validation needs beside the objects.
type Context struct {
	// Group is the API group of the request's path. Only events differ by it: events.k8s.io is stricter (API-226).
	Group string
}

func (c Context) strictEvents() bool { return c.Group == "events.k8s.io" }

// Create says what is wrong with a new object, which has its name, uid and namespace.
func Create(obj runtime.Object, c Context) field.ErrorList {
	r := &report{}
	create(r, obj, c)
	if len(r.list) > 0 {
		return r.list
	}
	// Some kinds check their metadata here only (a budget, a request, an event of the old API), and by the rule for path segments.
	if o, ok := obj.(metav1.ObjectMetaAccessor); ok {
		r.metaCommon(o.GetObjectMeta().(*metav1.ObjectMeta), namespaced(obj), segmentName)
	}
	return r.list
}

// namespaced is false for the kinds that belong to the cluster.
func namespaced(obj runtime.Object) bool {
	switch obj.(type) {
	case *corev1.Namespace, *corev1.Node, *corev1.PersistentVolume, *rbacv1.ClusterRole, *rbacv1.ClusterRoleBinding,
		*certificatesv1.CertificateSigningRequest, *storagev1.StorageClass, *schedulingv1.PriorityClass, *networkingv1.IngressClass:
		return false
	}
	return true
}

func create(r *report, obj runtime.Object, c Context) {
	switch o := obj.(type) {
	case *corev1.Pod:
		createPod(r, o)
	case *corev1.ServiceAccount:
		r.meta(&o.ObjectMeta, true, subdomainName)
	case *corev1.Namespace:
		namespace(r, o)
	case *corev1.Node:
		node(r, o)
	case *corev1.Secret:
		secret(r, o)
	case *corev1.ConfigMap:
		configMap(r, o)
	case *corev1.Service:
		r.meta(&o.ObjectMeta, true, labelName)
		service(r, o)
	case *corev1.Endpoints:
		endpoints(r, o)
	case *corev1.Event:
		event(r, o, c.strictEvents())
	case *corev1.PersistentVolume:
		persistentVolume(r, o)
	case *corev1.PersistentVolumeClaim:
		r.meta(&o.ObjectMeta, true, subdomainName)
		claimSpec(r, field.NewPath("spec"), &o.Spec)
	case *corev1.ResourceQuota:
		r.meta(&o.ObjectMeta, true, subdomainName)
		quotaSpec(r, &o.Spec)
	case *corev1.LimitRange:
		limitRange(r, o)
	case *corev1.ReplicationController:
		r.meta(&o.ObjectMeta, true, longName)
		replicationControllerSpec(r, &o.Spec)
	case *corev1.PodTemplate:
		r.meta(&o.ObjectMeta, true, subdomainName)
		template(r, field.NewPath("template"), &o.Template)
	default:
		createGrouped(r, obj)
	}
}

// createGrouped is create for the kinds outside the core group.
func createGrouped(r *report, obj runtime.Object) {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		r.meta(&o.ObjectMeta, true, subdomainName)
		deploymentSpec(r, &o.Spec)
	case *appsv1.ReplicaSet:
		r.meta(&o.ObjectMeta, true, subdomainName)
		replicaSetSpec(r, &o.Spec)
	case *appsv1.StatefulSet:
		r.meta(&o.ObjectMeta, true, labelName)
		statefulSetSpec(r, &o.Spec, true)
	case *appsv1.DaemonSet:
		r.meta(&o.ObjectMeta, true, subdomainName)
		daemonSetSpec(r, &o.Spec)
	case *appsv1.ControllerRevision:
		controllerRevision(r, o)
	case *batchv1.Job:
		job(r, o)
	case *batchv1.CronJob:
		createCronJob(r, o)
	case *rbacv1.Role:
		role(r, o)
	case *rbacv1.ClusterRole:
		clusterRole(r, o)
	case *rbacv1.RoleBinding:
		roleBinding(r, o)
	case *rbacv1.ClusterRoleBinding:
		clusterRoleBinding(r, o)
	case *certificatesv1.CertificateSigningRequest:
		csr(r, o, nil)
	case *coordinationv1.Lease:
		r.metaCommon(&o.ObjectMeta, true, subdomainName)
		leaseSpec(r, &o.Spec)
	case *discoveryv1.EndpointSlice:
		endpointSlice(r, o)
	case *networkingv1.Ingress:
		createIngress(r, o)
	case *networkingv1.IngressClass:
		ingressClass(r, o)
	case *networkingv1.NetworkPolicy:
		r.meta(&o.ObjectMeta, true, subdomainName)
		networkPolicySpec(r, &o.Spec)
	case *policyv1.PodDisruptionBudget:
		disruptionBudgetSpec(r, &o.Spec)
	case *schedulingv1.PriorityClass:
		priorityClass(r, o)
	case *storagev1.StorageClass:
		storageClass(r, o)
	case *autoscalingv1.HorizontalPodAutoscaler:
		r.meta(&o.ObjectMeta, true, subdomainName)
		autoscalerV1(r, &o.Spec, nil)
	case *autoscalingv2.HorizontalPodAutoscaler:
		r.meta(&o.ObjectMeta, true, subdomainName)
		autoscalerV2(r, &o.Spec, nil)
	}
}

// Scale says what is wrong with the body of a scale subresource.
func Scale(s *autoscalingv1.Scale) field.ErrorList {
	r := &report{}
	r.meta(&s.ObjectMeta, true, subdomainName)
	notNegative(r, field.NewPath("spec", "replicas"), s.Spec.Replicas)
	return r.list
}
