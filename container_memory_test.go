package kubemint_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// statusOf is what a pod says of one of its containers.
func statusOf(p *corev1.Pod, name string) corev1.ContainerStatus {
	for _, s := range p.Status.ContainerStatuses {
		if s.Name == name {
			return s
		}
	}
	return corev1.ContainerStatus{}
}

// The container that holds more than its limit is ended and started again, as on a real node; its neighbours, in the pod and on the node, run on.
func TestAContainerBeyondItsMemoryLimitRestartsAlone(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	pods := r.Admin.CoreV1().Pods("default")
	limits := corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("24Mi")}}
	const waits = "echo up; while true; do sleep 1000; done"
	for _, p := range []*corev1.Pod{
		{ObjectMeta: metav1.ObjectMeta{Name: "two"}, Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Name: "greedy", Image: "busybox", Command: []string{"sh", "-c", "until [ -f /go/now ]; do sleep 0.1; done; rm /go/now; x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"},
				Resources: limits, VolumeMounts: []corev1.VolumeMount{{Name: "go", MountPath: "/go"}}},
			{Name: "neighbour", Image: "busybox", Command: []string{"sh", "-c", waits}, Resources: limits, VolumeMounts: []corev1.VolumeMount{{Name: "go", MountPath: "/go"}}},
		}, Volumes: []corev1.Volume{{Name: "go", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "other"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox", Command: []string{"sh", "-c", waits}}}}},
	} {
		if _, err := pods.Create(t.Context(), p, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(name string) *corev1.Pod {
		p, err := pods.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	eventually(t, "all run", func() bool {
		return statusOf(get("two"), "greedy").State.Running != nil && statusOf(get("two"), "neighbour").State.Running != nil && statusOf(get("other"), "main").State.Running != nil
	})
	before := map[string]metav1.Time{"two": statusOf(get("two"), "neighbour").State.Running.StartedAt, "other": statusOf(get("other"), "main").State.Running.StartedAt}
	r.clock(`{"do":"advance","duration":"1m"}`)
	if out, code := r.kubectl("exec", "two", "-c", "neighbour", "--", "touch", "/go/now"); code != 0 {
		t.Fatalf("code %d: %s", code, out)
	}
	eventually(t, "it has ended", func() bool { return statusOf(get("two"), "greedy").LastTerminationState.Terminated != nil })
	greedy := statusOf(get("two"), "greedy")
	if last := greedy.LastTerminationState.Terminated; last.Reason != "OOMKilled" || last.ExitCode != 137 || greedy.RestartCount != 1 {
		t.Errorf("ended with %+v, %d restarts", last, greedy.RestartCount)
	}
	eventually(t, "it runs again", func() bool { return statusOf(get("two"), "greedy").State.Running != nil })
	for pod, name := range map[string]string{"two": "neighbour", "other": "main"} {
		s, since := statusOf(get(pod), name), before[pod]
		if s.RestartCount != 0 || s.State.Running == nil || !s.State.Running.StartedAt.Equal(&since) {
			t.Errorf("%s of %s: %+v", name, pod, s)
		}
		eventually(t, pod+" has printed once", func() bool { out, code := r.kubectl("logs", pod, "-c", name); return code == 0 && out == "up\n" })
	}
	// What is run in a container counts as well, and its end is seen as the real client prints it.
	out, code := r.kubectl("exec", "two", "-c", "greedy", "--", "sh", "-c", "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done")
	if code != 137 || !strings.Contains(out, "command terminated with exit code 137") {
		t.Errorf("code %d: %s", code, out)
	}
	eventually(t, "it was ended once more", func() bool {
		return statusOf(get("two"), "greedy").RestartCount == 2 || statusOf(get("two"), "greedy").State.Waiting != nil
	})
}
