package prepare

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// gated is a pod with everything that a server of this era drops, beside something that it keeps.
func gated() corev1.PodSpec {
	term, group := corev1.SIGTERM, "g"
	return corev1.PodSpec{
		SchedulingGroup: &corev1.PodSchedulingGroup{PodGroupName: &group},
		InitContainers:  []corev1.Container{{Name: "i", Lifecycle: &corev1.Lifecycle{StopSignal: &term}}},
		Containers: []corev1.Container{{Name: "c", Lifecycle: &corev1.Lifecycle{
			StopSignal: &term, PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 1}},
		}}},
		Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ClusterTrustBundle: &corev1.ClusterTrustBundleProjection{Path: "p"}}, {PodCertificate: &corev1.PodCertificateProjection{SignerName: "a/b"}},
		}}}}},
	}
}

func left() corev1.PodSpec {
	return corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "i"}},
		Containers: []corev1.Container{{Name: "c", Lifecycle: &corev1.Lifecycle{
			PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 1}},
		}}},
		Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: make([]corev1.VolumeProjection, 2)}}}},
	}
}

func TestGatedFieldsOfPodsAreDropped(t *testing.T) {
	t.Parallel()
	template := corev1.PodTemplateSpec{Spec: gated()}
	for _, obj := range []runtime.Object{
		&corev1.Pod{Spec: gated()}, &corev1.PodTemplate{Template: template}, &corev1.ReplicationController{Spec: corev1.ReplicationControllerSpec{Template: &template}},
		&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template}}, &appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Template: template}},
		&appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Template: template}}, &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: template}},
		&batchv1.Job{Spec: batchv1.JobSpec{Template: template}},
		&batchv1.CronJob{Spec: batchv1.CronJobSpec{JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}}}},
	} {
		created, updated := obj.DeepCopyObject(), obj.DeepCopyObject()
		Create(Context{Now: now}, created)
		Update(Context{Now: now}, updated, created, "")
		for what, o := range map[string]runtime.Object{"created": created, "updated": updated} {
			if d := cmp.Diff(left(), *podSpec(o)); d != "" {
				t.Errorf("%T %s: %s", obj, what, d)
			}
		}
	}
}

func TestGatedFieldsOfPodStatusAreDropped(t *testing.T) {
	t.Parallel()
	status := func(v *corev1.VolumeStatus) []corev1.ContainerStatus {
		return []corev1.ContainerStatus{{Name: "c", VolumeMounts: []corev1.VolumeMountStatus{{Name: "v", VolumeStatus: v}}}}
	}
	set, none := status(&corev1.VolumeStatus{}), status(nil)
	p := &corev1.Pod{Status: corev1.PodStatus{
		QOSClass: corev1.PodQOSBestEffort, ContainerStatuses: set, InitContainerStatuses: status(&corev1.VolumeStatus{}), EphemeralContainerStatuses: status(&corev1.VolumeStatus{}),
		NodeAllocatableResourceClaimStatuses: []corev1.NodeAllocatableResourceClaimStatus{{ResourceClaimName: "a"}},
	}}
	Update(Context{Now: now}, p, &corev1.Pod{}, "status")
	want := corev1.PodStatus{QOSClass: corev1.PodQOSBestEffort, ContainerStatuses: none, InitContainerStatuses: none, EphemeralContainerStatuses: none}
	if d := cmp.Diff(want, p.Status); d != "" {
		t.Error(d)
	}
}

func TestTopologyOfEndpointsIsNotWritten(t *testing.T) {
	t.Parallel()
	slice := func(zone string) *discoveryv1.EndpointSlice {
		return &discoveryv1.EndpointSlice{Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.0.0.1"}, DeprecatedTopology: map[string]string{"zone": zone}}}}
	}
	created := slice("a")
	Create(Context{Now: now}, created)
	if got := created.Endpoints[0].DeprecatedTopology; got != nil {
		t.Errorf("created with %v", got)
	}
	for _, tc := range []struct {
		name, zone string
		kept       bool
		generation int64
	}{{"as it was", "a", true, 0}, {"changed", "b", false, 1}} {
		s := slice(tc.zone)
		Update(Context{Now: now}, s, slice("a"), "")
		if got := s.Endpoints[0].DeprecatedTopology; (got != nil) != tc.kept || s.Generation != tc.generation {
			t.Errorf("%s: %v, generation %d", tc.name, got, s.Generation)
		}
	}
}
