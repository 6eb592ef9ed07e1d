package prepare

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
)

// gatePods drops from an object's pods the fields that a server of this era knows and keeps shut behind feature gates.
func gatePods(obj runtime.Object) {
	s := podSpec(obj)
	if s == nil {
		return
	}
	s.SchedulingGroup = nil
	for i := range s.InitContainers {
		dropStopSignal(&s.InitContainers[i].Lifecycle)
	}
	for i := range s.Containers {
		dropStopSignal(&s.Containers[i].Lifecycle)
	}
	for i := range s.EphemeralContainers {
		dropStopSignal(&s.EphemeralContainers[i].Lifecycle)
	}
	for i := range s.Volumes {
		if p := s.Volumes[i].Projected; p != nil {
			for j := range p.Sources {
				p.Sources[j].ClusterTrustBundle, p.Sources[j].PodCertificate = nil, nil
			}
		}
	}
}

// gatePodStatus drops from what a node tells what is behind the same gates.
func gatePodStatus(s *corev1.PodStatus) {
	s.NodeAllocatableResourceClaimStatuses = nil
	for _, list := range [][]corev1.ContainerStatus{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses} {
		for _, c := range list {
			for i := range c.VolumeMounts {
				c.VolumeMounts[i].VolumeStatus = nil
			}
		}
	}
}

func dropStopSignal(l **corev1.Lifecycle) {
	if *l == nil || (*l).StopSignal == nil {
		return
	}
	if (*l).StopSignal = nil; **l == (corev1.Lifecycle{}) {
		*l = nil
	}
}

// podSpec is the pod in an object, or nil.
func podSpec(obj runtime.Object) *corev1.PodSpec {
	switch o := obj.(type) {
	case *corev1.Pod:
		return &o.Spec
	case *corev1.PodTemplate:
		return &o.Template.Spec
	case *corev1.ReplicationController:
		if o.Spec.Template != nil {
			return &o.Spec.Template.Spec
		}
	case *appsv1.ReplicaSet:
		return &o.Spec.Template.Spec
	case *appsv1.Deployment:
		return &o.Spec.Template.Spec
	case *appsv1.StatefulSet:
		return &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return &o.Spec.Template.Spec
	case *batchv1.Job:
		return &o.Spec.Template.Spec
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return nil
}

// dropTopology: the old form of an endpoint's place is not written any more.
func dropTopology(s, old *discoveryv1.EndpointSlice) {
	if old != nil && equality.Semantic.DeepEqual(old.Endpoints, s.Endpoints) {
		return
	}
	for i := range s.Endpoints {
		s.Endpoints[i].DeprecatedTopology = nil
	}
}
