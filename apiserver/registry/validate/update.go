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

// Update says what is wrong with a changed object. subresource is "" for the main endpoint. obj and old are of one type.
//
// As in a real server the metadata is checked once for all kinds and again by most kinds, so that a cause may be listed twice.
func Update(obj, old runtime.Object, subresource string, c Context) field.ErrorList {
	r := &report{}
	a, ok := obj.(metav1.ObjectMetaAccessor)
	b, also := old.(metav1.ObjectMetaAccessor)
	if !ok || !also {
		return nil
	}
	m, was := a.GetObjectMeta().(*metav1.ObjectMeta), b.GetObjectMeta().(*metav1.ObjectMeta)
	r.metaCommon(m, namespaced(obj), segmentName)
	r.metaUpdateCommon(m, was)
	if subresource != "" && updateStatus(r, obj, old, m, was, subresource) {
		return r.list
	}
	update(r, obj, old, m, was, c)
	return r.list
}

// update checks a change by the main endpoint. Each case begins with what the kind adds before the metadata, as the order is visible.
func update(r *report, obj, old runtime.Object, m, was *metav1.ObjectMeta, c Context) {
	switch o := obj.(type) {
	case *corev1.Pod:
		updatePod(r, o, old.(*corev1.Pod))
	case *corev1.ServiceAccount:
		r.metaUpdate(m, was)
		r.meta(m, true, subdomainName)
	case *corev1.Namespace:
		namespace(r, o)
		updateNamespace(r, o, old.(*corev1.Namespace), "")
	case *corev1.Node:
		node(r, o)
		updateNode(r, o, old.(*corev1.Node))
	case *corev1.Secret:
		updateSecret(r, o, old.(*corev1.Secret))
	case *corev1.ConfigMap:
		updateConfigMap(r, o, old.(*corev1.ConfigMap))
	case *corev1.Service:
		updateService(r, o, old.(*corev1.Service))
	case *corev1.Endpoints:
		r.metaUpdate(m, was)
		endpoints(r, o)
	case *corev1.Event:
		updateEvent(r, o, old.(*corev1.Event), c.strictEvents())
	case *corev1.PersistentVolume:
		updateVolume(r, o, old.(*corev1.PersistentVolume))
	case *corev1.PersistentVolumeClaim:
		updateClaim(r, o, old.(*corev1.PersistentVolumeClaim))
	case *corev1.ResourceQuota:
		updateQuota(r, o, old.(*corev1.ResourceQuota))
	case *corev1.LimitRange:
		limitRange(r, o)
	case *corev1.ReplicationController:
		r.metaUpdate(m, was)
		replicationControllerSpec(r, &o.Spec)
	case *corev1.PodTemplate:
		r.metaUpdate(m, was)
		template(r, field.NewPath("template"), &o.Template)
	default:
		updateGrouped(r, obj, old, m, was)
	}
}

// updateGrouped is update for the kinds outside the core group.
func updateGrouped(r *report, obj, old runtime.Object, m, was *metav1.ObjectMeta) {
	selector := field.NewPath("spec", "selector")
	switch o := obj.(type) {
	case *appsv1.Deployment:
		r.metaUpdate(m, was)
		deploymentSpec(r, &o.Spec)
		r.immutable(selector, o.Spec.Selector, old.(*appsv1.Deployment).Spec.Selector)
	case *appsv1.ReplicaSet:
		r.metaUpdate(m, was)
		replicaSetSpec(r, &o.Spec)
		r.immutable(selector, o.Spec.Selector, old.(*appsv1.ReplicaSet).Spec.Selector)
	case *appsv1.StatefulSet:
		r.metaUpdate(m, was)
		statefulSetSpec(r, &o.Spec, false)
		statefulSetUpdate(r, &o.Spec, &old.(*appsv1.StatefulSet).Spec)
	case *appsv1.DaemonSet:
		r.metaUpdate(m, was)
		r.immutable(selector, o.Spec.Selector, old.(*appsv1.DaemonSet).Spec.Selector)
		daemonSetSpec(r, &o.Spec)
	case *appsv1.ControllerRevision:
		r.metaUpdate(m, was)
		updateControllerRevision(r, o, old.(*appsv1.ControllerRevision))
	case *batchv1.Job:
		job(r, o)
		updateJob(r, o, old.(*batchv1.Job))
	case *batchv1.CronJob:
		r.metaUpdate(m, was)
		cronJobSpec(r, &o.Spec, &old.(*batchv1.CronJob).Spec)
	case *certificatesv1.CertificateSigningRequest:
		updateCSR(r, o, old.(*certificatesv1.CertificateSigningRequest), "")
	case *coordinationv1.Lease:
		r.metaUpdateCommon(m, was)
		leaseSpec(r, &o.Spec)
	case *discoveryv1.EndpointSlice:
		endpointSlice(r, o)
		r.immutable(field.NewPath("addressType"), o.AddressType, old.(*discoveryv1.EndpointSlice).AddressType)
	case *networkingv1.Ingress:
		r.metaUpdate(m, was)
		ingress(r, o)
	case *networkingv1.IngressClass:
		r.metaUpdate(m, was)
		r.immutable(field.NewPath("spec", "controller"), o.Spec.Controller, old.(*networkingv1.IngressClass).Spec.Controller)
		ingressClass(r, o)
	case *networkingv1.NetworkPolicy:
		r.metaUpdate(m, was)
		networkPolicySpec(r, &o.Spec)
	case *policyv1.PodDisruptionBudget:
		disruptionBudgetSpec(r, &o.Spec)
	case *schedulingv1.PriorityClass:
		updatePriorityClass(r, o, old.(*schedulingv1.PriorityClass))
	case *storagev1.StorageClass:
		storageClass(r, o)
		updateStorageClass(r, o, old.(*storagev1.StorageClass))
	case *autoscalingv1.HorizontalPodAutoscaler:
		r.metaUpdate(m, was)
		autoscalerV1(r, &o.Spec, &old.(*autoscalingv1.HorizontalPodAutoscaler).Spec)
	case *autoscalingv2.HorizontalPodAutoscaler:
		r.metaUpdate(m, was)
		autoscalerV2(r, &o.Spec, &old.(*autoscalingv2.HorizontalPodAutoscaler).Spec)
	default:
		updatePolicy(r, obj, old, m, was)
	}
}

// updatePolicy is update for roles and bindings (VAL-12).
func updatePolicy(r *report, obj, old runtime.Object, m, was *metav1.ObjectMeta) {
	switch o := obj.(type) {
	case *rbacv1.Role:
		role(r, o)
		r.metaUpdate(m, was)
	case *rbacv1.ClusterRole:
		clusterRole(r, o)
		r.metaUpdate(m, was)
	case *rbacv1.RoleBinding:
		roleBinding(r, o)
		r.metaUpdate(m, was)
		roleRefUpdate(r, o.RoleRef, old.(*rbacv1.RoleBinding).RoleRef)
	case *rbacv1.ClusterRoleBinding:
		clusterRoleBinding(r, o)
		r.metaUpdate(m, was)
		roleRefUpdate(r, o.RoleRef, old.(*rbacv1.ClusterRoleBinding).RoleRef)
	}
}
