package validate

import (
	"net/netip"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// updateStatus checks a change by a subresource; false means that the main endpoint's rules hold for it.
func updateStatus(r *report, obj, old runtime.Object, m, was *metav1.ObjectMeta, subresource string) bool {
	switch o := obj.(type) {
	case *corev1.Pod:
		switch subresource {
		case "ephemeralcontainers":
			updateEphemeral(r, o, old.(*corev1.Pod))
		case "status":
			updatePodStatus(r, o, old.(*corev1.Pod))
		default:
			return false
		}
		return true
	case *corev1.Namespace:
		updateNamespace(r, o, old.(*corev1.Namespace), subresource)
		return true
	case *certificatesv1.CertificateSigningRequest:
		updateCSR(r, o, old.(*certificatesv1.CertificateSigningRequest), subresource)
		return true
	case *corev1.Node:
		updateNode(r, o, old.(*corev1.Node))
		return true
	}
	if subresource != "status" {
		return false
	}
	switch o := obj.(type) {
	case *batchv1.Job:
		updateJobStatus(r, o, old.(*batchv1.Job))
		return true
	case *batchv1.CronJob: // nothing: not even metadata
		return true
	case *policyv1.PodDisruptionBudget:
		disruptionBudgetStatus(r, &o.Status)
		return true
	}
	r.metaUpdate(m, was)
	if c, ok := obj.(*corev1.PersistentVolumeClaim); ok {
		claimStatus(r, &c.Status)
		return true
	}
	statusNumbers(r, obj, old)
	return true
}

// statusNumbers checks what the statuses of the remaining kinds count.
func statusNumbers(r *report, obj, old runtime.Object) {
	p := field.NewPath("status")
	switch o := obj.(type) {
	case *appsv1.Deployment:
		s := &o.Status
		notNegative(r, p.Child("observedGeneration"), s.ObservedGeneration)
		counts(r, "readyReplicas", s.Replicas, count{"updatedReplicas", s.UpdatedReplicas}, count{"readyReplicas", s.ReadyReplicas}, count{"availableReplicas", s.AvailableReplicas})
		notNegative(r, p.Child("unavailableReplicas"), s.UnavailableReplicas)
		notNegativePtr(r, p.Child("terminatingReplicas"), s.TerminatingReplicas)
		collisions(r, s.CollisionCount, old.(*appsv1.Deployment).Status.CollisionCount)
	case *appsv1.ReplicaSet:
		s := &o.Status
		counts(r, "readyReplicas", s.Replicas, count{"fullyLabeledReplicas", s.FullyLabeledReplicas}, count{"readyReplicas", s.ReadyReplicas}, count{"availableReplicas", s.AvailableReplicas})
		notNegative(r, p.Child("observedGeneration"), s.ObservedGeneration)
		notNegativePtr(r, p.Child("terminatingReplicas"), s.TerminatingReplicas)
	case *corev1.ReplicationController:
		s := &o.Status
		counts(r, "readyReplicas", s.Replicas, count{"fullyLabeledReplicas", s.FullyLabeledReplicas}, count{"readyReplicas", s.ReadyReplicas}, count{"availableReplicas", s.AvailableReplicas})
		notNegative(r, p.Child("observedGeneration"), s.ObservedGeneration)
	case *appsv1.StatefulSet:
		s := &o.Status
		counts(r, "status.readyReplicas", s.Replicas, count{"readyReplicas", s.ReadyReplicas}, count{"currentReplicas", s.CurrentReplicas}, count{"updatedReplicas", s.UpdatedReplicas}, count{"availableReplicas", s.AvailableReplicas})
		notNegative(r, p.Child("observedGeneration"), s.ObservedGeneration)
		collisions(r, s.CollisionCount, old.(*appsv1.StatefulSet).Status.CollisionCount)
	case *appsv1.DaemonSet:
		s := &o.Status
		for _, c := range []count{
			{"currentNumberScheduled", s.CurrentNumberScheduled}, {"numberMisscheduled", s.NumberMisscheduled},
			{"desiredNumberScheduled", s.DesiredNumberScheduled}, {"numberReady", s.NumberReady},
		} {
			notNegative(r, p.Child(c.name), c.n)
		}
		notNegative(r, p.Child("observedGeneration"), s.ObservedGeneration)
		for _, c := range []count{
			{"updatedNumberScheduled", s.UpdatedNumberScheduled}, {"numberAvailable", s.NumberAvailable}, {"numberUnavailable", s.NumberUnavailable},
		} {
			notNegative(r, p.Child(c.name), c.n)
		}
		collisions(r, s.CollisionCount, old.(*appsv1.DaemonSet).Status.CollisionCount)
	case *autoscalingv1.HorizontalPodAutoscaler:
		notNegative(r, p.Child("currentReplicas"), o.Status.CurrentReplicas)
		notNegative(r, p.Child("desiredReplicas"), o.Status.DesiredReplicas)
	case *autoscalingv2.HorizontalPodAutoscaler:
		notNegative(r, p.Child("currentReplicas"), o.Status.CurrentReplicas)
		notNegative(r, p.Child("desiredReplicas"), o.Status.DesiredReplicas)
	case *corev1.ResourceQuota:
		quotaAmounts(r, p.Child("hard"), o.Status.Hard)
		quotaAmounts(r, p.Child("used"), o.Status.Used)
	case *networkingv1.Ingress:
		for i, b := range o.Status.LoadBalancer.Ingress {
			balancer(r, p.Child("loadBalancer", "ingress").Index(i), b.IP, b.Hostname)
		}
	case *corev1.Service:
		at := p.Child("loadBalancer", "ingress")
		if len(o.Status.LoadBalancer.Ingress) > 0 && o.Spec.Type != corev1.ServiceTypeLoadBalancer {
			r.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")
			return
		}
		for i, b := range o.Status.LoadBalancer.Ingress {
			balancerMode(r, at.Index(i), b)
			balancer(r, at.Index(i), b.IP, b.Hostname)
		}
	}
}

// balancerMode says how traffic to an address arrives, and so makes no sense without one.
func balancerMode(r *report, p *field.Path, b corev1.LoadBalancerIngress) {
	switch {
	case b.IPMode == nil && b.IP != "":
		r.required(p.Child("ipMode"), "must be specified when `ip` is set")
	case b.IPMode != nil && b.IP == "":
		r.forbidden(p.Child("ipMode"), "may not be specified when `ip` is not set")
	case b.IPMode != nil:
		oneOf(r, p.Child("ipMode"), *b.IPMode, corev1.LoadBalancerIPModeProxy, corev1.LoadBalancerIPModeVIP)
	}
}

// collisions only ever grow: they are part of the names of generated objects.
func collisions(r *report, now, was *int32) {
	p := field.NewPath("status", "collisionCount")
	notNegativePtr(r, p, now)
	if was == nil || (now != nil && *now >= *was) {
		return
	}
	var value int32
	if now != nil {
		value = *now
	}
	r.invalid(p, value, "cannot be decremented")
}

// balancer checks where a load balancer can be reached.
func balancer(r *report, p *field.Path, ip, host string) {
	if ip != "" {
		r.ip(p.Child("ip"), ip)
	}
	if host == "" {
		return
	}
	r.dnsSubdomain(p.Child("hostname"), host)
	if _, err := netip.ParseAddr(host); err == nil {
		r.invalid(p.Child("hostname"), host, "must be a DNS name, not an IP address")
	}
}
