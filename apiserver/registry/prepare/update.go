package prepare

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
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Update prepares the new state of an object that is written through the given subresource, "" for the main endpoint. Both must be of
// one type; old is not changed and may end up shared with obj.
func Update(c Context, obj, old runtime.Object, subresource string) {
	gatePods(obj)
	switch o := obj.(type) {
	case *corev1.Pod:
		updatePod(o, old.(*corev1.Pod), subresource)
	case *corev1.Namespace:
		updateNamespace(o, old.(*corev1.Namespace), subresource)
	case *corev1.Node:
		was := old.(*corev1.Node)
		if was.Spec.ConfigSource == nil {
			o.Spec.ConfigSource = nil
		}
		if subresource == "status" {
			o.Spec = was.Spec
			if was.Status.Config == nil {
				o.Status.Config = nil
			}
			return
		}
		o.Status = was.Status
	case *corev1.ServiceAccount:
		namesOnly(o)
	case *corev1.Secret:
		if o.Type == "" {
			o.Type = old.(*corev1.Secret).Type
		}
	case *corev1.Service:
		updateService(o, old.(*corev1.Service), subresource)
	case *corev1.PersistentVolume:
		updateVolume(c, o, old.(*corev1.PersistentVolume), subresource)
	case *corev1.PersistentVolumeClaim:
		was := old.(*corev1.PersistentVolumeClaim)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, nil, nil)
		dataSources(&o.Spec, &was.Spec)
	case *corev1.ResourceQuota:
		was := old.(*corev1.ResourceQuota)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, nil, nil)
	case *corev1.ReplicationController:
		was := old.(*corev1.ReplicationController)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *appsv1.Deployment:
		was := old.(*appsv1.Deployment)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
		switch {
		case subresource == "status":
			o.Labels = was.Labels
		case !equality.Semantic.DeepEqual(o.Annotations, was.Annotations): // they are copied to its ReplicaSets
			o.Generation = was.Generation + 1
		}
	case *appsv1.ReplicaSet:
		was := old.(*appsv1.ReplicaSet)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *appsv1.StatefulSet:
		was := old.(*appsv1.StatefulSet)
		gateStatefulSet(&o.Spec, &was.Spec)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *appsv1.DaemonSet:
		was := old.(*appsv1.DaemonSet)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
		n := templateGeneration(was)
		if !equality.Semantic.DeepEqual(o.Spec.Template, was.Spec.Template) {
			n++
		}
		setTemplateGeneration(o, n)
	case *batchv1.Job:
		was := old.(*batchv1.Job)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *batchv1.CronJob:
		was := old.(*batchv1.CronJob)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *autoscalingv1.HorizontalPodAutoscaler:
		was := old.(*autoscalingv1.HorizontalPodAutoscaler)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, nil, nil)
	case *autoscalingv2.HorizontalPodAutoscaler:
		was := old.(*autoscalingv2.HorizontalPodAutoscaler)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, nil, nil)
	case *certificatesv1.CertificateSigningRequest:
		updateCSR(c, o, old.(*certificatesv1.CertificateSigningRequest), subresource)
	case *networkingv1.Ingress:
		was := old.(*networkingv1.Ingress)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *networkingv1.NetworkPolicy:
		was := old.(*networkingv1.NetworkPolicy)
		if !equality.Semantic.DeepEqual(o.Spec, was.Spec) {
			o.Generation = was.Generation + 1
		}
	case *networkingv1.IngressClass:
		was := old.(*networkingv1.IngressClass)
		if !equality.Semantic.DeepEqual(o.Spec, was.Spec) {
			o.Generation = was.Generation + 1
		}
	case *corev1.PodTemplate:
		was := old.(*corev1.PodTemplate)
		if !equality.Semantic.DeepEqual(o.Template, was.Template) {
			o.Generation = was.Generation + 1
		}
	case *policyv1.PodDisruptionBudget:
		was := old.(*policyv1.PodDisruptionBudget)
		keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, &o.ObjectMeta, &was.ObjectMeta)
	case *coordinationv1.Lease:
		gateLease(&o.Spec, &old.(*coordinationv1.Lease).Spec)
	case *discoveryv1.EndpointSlice:
		was := old.(*discoveryv1.EndpointSlice)
		if o.AddressType != was.AddressType || !equality.Semantic.DeepEqual(o.Endpoints, was.Endpoints) ||
			!equality.Semantic.DeepEqual(o.Ports, was.Ports) || !equality.Semantic.DeepEqual(o.Labels, was.Labels) {
			o.Generation = was.Generation + 1
		}
		dropTopology(o, was)
	}
}

// keep gives back what the endpoint may not change: the status on the main one, the spec on /status (API-81). With metadata given, a
// changed spec raises the generation (API-82).
func keep[Spec, Status any](subresource string, spec *Spec, oldSpec Spec, status *Status, oldStatus Status, m, old *metav1.ObjectMeta) {
	if subresource == "status" {
		*spec = oldSpec
		return
	}
	*status = oldStatus
	if m != nil && !equality.Semantic.DeepEqual(*spec, oldSpec) {
		m.Generation = old.Generation + 1
	}
}

// updateNamespace: finalizers of the spec change through /finalize alone (API-189).
func updateNamespace(o, was *corev1.Namespace, subresource string) {
	switch subresource {
	case "status":
		o.Spec = was.Spec
	case "finalize":
		o.Status = was.Status
	default:
		o.Spec.Finalizers = was.Spec.Finalizers
		o.Status = was.Status
	}
	labelNamespace(o)
}

func updateVolume(c Context, o, was *corev1.PersistentVolume, subresource string) {
	keep(subresource, &o.Spec, was.Spec, &o.Status, was.Status, nil, nil)
	if subresource != "status" {
		return
	}
	moved := o.Status.Phase != was.Status.Phase
	t, before := o.Status.LastPhaseTransitionTime, was.Status.LastPhaseTransitionTime
	switch {
	case !moved && t == nil:
		o.Status.LastPhaseTransitionTime = before
	case moved && (t == nil || t.Equal(before)):
		now := metav1.NewTime(c.Now)
		o.Status.LastPhaseTransitionTime = &now
	}
}

// updateCSR: the request never changes; /approval changes conditions, /status the certificate and other conditions (CSR-1, CSR-5).
func updateCSR(c Context, o, was *certificatesv1.CertificateSigningRequest, subresource string) {
	o.Spec = was.Spec
	switch subresource {
	case "approval":
		stampConditions(c, o, was)
		conditions := o.Status.Conditions
		o.Status = was.Status
		o.Status.Conditions = conditions
	case "status":
		keepConditions(o, was, certificatesv1.CertificateApproved)
		keepConditions(o, was, certificatesv1.CertificateDenied)
		stampConditions(c, o, was)
	default:
		o.Status = was.Status
	}
}

// keepConditions leaves conditions of a type as stored, if there are as many; if not, validation refuses the change.
func keepConditions(o, was *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) {
	indices := func(r *certificatesv1.CertificateSigningRequest) (list []int) {
		for i, c := range r.Status.Conditions {
			if c.Type == kind {
				list = append(list, i)
			}
		}
		return list
	}
	now, before := indices(o), indices(was)
	if len(now) != len(before) {
		return
	}
	for i := range now {
		o.Status.Conditions[now[i]] = was.Status.Conditions[before[i]]
	}
}

func stampConditions(c Context, o, was *certificatesv1.CertificateSigningRequest) {
	now := metav1.NewTime(c.Now)
	for i := range o.Status.Conditions {
		n := &o.Status.Conditions[i]
		if n.LastUpdateTime.IsZero() {
			n.LastUpdateTime = now
		}
		if !n.LastTransitionTime.IsZero() {
			continue
		}
		n.LastTransitionTime = now
		for _, b := range was.Status.Conditions {
			if b.Type == n.Type && b.Status == n.Status && !b.LastTransitionTime.IsZero() {
				n.LastTransitionTime = b.LastTransitionTime
				break
			}
		}
	}
}
