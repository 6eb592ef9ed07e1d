package kubelet

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A volume that nobody mounts is not set up, until an ephemeral container does.
func TestAVolumeOfAnEphemeralContainerAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{volumes: [{name: config, configMap: {name: later}}], containers: [{name: c, image: x, command: [sleep, infinity]}]}`)
	p := b.running("app")
	const file = "pods/uid-app/volumes/kubernetes.io~configmap/config/key"
	if _, err := os.Stat(b.path(file)); !os.IsNotExist(err) {
		t.Errorf("mounted for nobody: %v", err)
	}
	p.Generation++
	p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
		Name: "debug", Image: "busybox", Command: []string{"sh", "-c", "cat /config/key; sleep infinity"},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/config"}},
	}}}
	if _, err := b.api.CoreV1().Pods("default").UpdateEphemeralContainers(t.Context(), "app", p, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.wantEvent(`Warning|FailedMount||MountVolume.SetUp failed for volume "config" : configmap "later" not found`)
	b.quiet()
	if s := b.get("app").Status.EphemeralContainerStatuses; len(s) != 1 || s[0].State.Waiting == nil || s[0].State.Waiting.Reason != "ContainerCreating" {
		t.Errorf("without its volume: %+v", s)
	}
	b.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "later"}, Data: map[string]string{"key": "value\n"}})
	b.advance(maxMountBackoff)
	b.eventually("the ephemeral container runs", func() bool {
		s := b.get("app").Status.EphemeralContainerStatuses
		return len(s) == 1 && s[0].State.Running != nil
	})
	if got := b.read(file); got != "value\n" {
		t.Errorf("the volume has %q", got)
	}
	if got := b.read("pods/uid-app/containers/debug/rootfs/config/key"); got != "value\n" {
		t.Errorf("inside there is %q", got)
	}
	if v, ok := b.node.PodView("default", "app"); !ok || len(v.Volumes) != 2 || v.Volumes[0].Name != "config" || len(v.Volumes[0].Mounts) != 1 || v.Volumes[0].Mounts[0] != "debug:/config" {
		t.Errorf("the view has %+v", v.Volumes)
	}
}
