package defaults

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Apply fills in the defaults of one object, in place. Kinds without defaults, and unknown ones, stay as they are.
func Apply(obj runtime.Object) {
	switch o := obj.(type) {
	case *corev1.Pod:
		pod(o)
	case *corev1.PodTemplate:
		podSpec(&o.Template.Spec)
	case *corev1.ReplicationController:
		replicationController(o)
	case *corev1.Service:
		service(o)
	case *corev1.Endpoints:
		endpoints(o)
	case *corev1.Secret:
		secret(o)
	case *corev1.Namespace:
		namespace(o)
	case *corev1.Node:
		node(o)
	case *corev1.PersistentVolume:
		persistentVolume(o)
	case *corev1.PersistentVolumeClaim:
		set(&o.Status.Phase, corev1.ClaimPending)
		claimSpec(&o.Spec)
	case *corev1.LimitRange:
		limitRange(o)
	case *corev1.ResourceQuota:
		round(o.Spec.Hard)
		round(o.Status.Hard)
		round(o.Status.Used)
	case *appsv1.Deployment:
		deployment(o)
	case *appsv1.ReplicaSet:
		setPtr(&o.Spec.Replicas, 1)
		podSpec(&o.Spec.Template.Spec)
	case *appsv1.StatefulSet:
		statefulSet(o)
	case *appsv1.DaemonSet:
		daemonSet(o)
	case *batchv1.Job:
		job(o)
	case *batchv1.CronJob:
		cronJob(o)
	case *autoscalingv1.HorizontalPodAutoscaler:
		setPtr(&o.Spec.MinReplicas, 1)
		setPtr(&o.Spec.TargetCPUUtilizationPercentage, defaultCPU)
	case *autoscalingv2.HorizontalPodAutoscaler:
		autoscaler(o)
	case *networkingv1.NetworkPolicy:
		networkPolicy(o)
	case *networkingv1.IngressClass:
		if p := o.Spec.Parameters; p != nil {
			setPtr(&p.Scope, networkingv1.IngressClassParametersReferenceScopeCluster)
		}
	case *rbacv1.RoleBinding: // RBAC-7
		set(&o.RoleRef.APIGroup, rbacv1.GroupName)
		subjects(o.Subjects)
	case *rbacv1.ClusterRoleBinding:
		set(&o.RoleRef.APIGroup, rbacv1.GroupName)
		subjects(o.Subjects)
	case *schedulingv1.PriorityClass:
		setPtr(&o.PreemptionPolicy, corev1.PreemptLowerPriority)
	case *storagev1.StorageClass:
		setPtr(&o.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete)
		setPtr(&o.VolumeBindingMode, storagev1.VolumeBindingImmediate)
	case *discoveryv1.EndpointSlice:
		for i := range o.Ports {
			setPtr(&o.Ports[i].Name, "")
			setPtr(&o.Ports[i].Protocol, corev1.ProtocolTCP)
		}
	}
}

// set gives a field its default if it has the zero value.
func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// setPtr gives an optional field its default if it is nil.
func setPtr[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}
