package kubelet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestRestartAdoptsWhatIsThereKUB7(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "conf"}, Data: map[string]string{"a": "1"}})
	b.pod("app", `{containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}, {name: kube-api-access, mountPath: /t}]}],
		volumes: [{name: v, configMap: {name: conf}}]}`)
	b.pod("gone", "containers: [{name: c, image: nginx}]")
	b.running("gone")
	before := b.running("app")
	conf := b.path("pods/uid-app/volumes/kubernetes.io~configmap/v/..data")
	link, err := os.Readlink(conf)
	if err != nil {
		t.Fatal(err)
	}
	b.stop()
	if n := len(b.clock.Upcoming(0)); n != 0 {
		t.Errorf("a stopped node left %d deadlines", n)
	}
	if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "default", "gone"); err != nil {
		t.Fatal(err)
	}
	events := len(b.events())
	b.run()
	b.eventually("a new token", func() bool { return b.read("pods/uid-app", access, "token") == "token-3" })
	b.quiet()
	if after, _ := os.Readlink(conf); after != link {
		t.Errorf("a volume that was right has been written anew")
	}
	b.eventually("the directory of the pod that vanished is gone, and its name", func() bool {
		_, err := os.Lstat(b.path("pods/uid-gone"))
		names, _ := filepath.Glob(b.path("pods/by-name/*"))
		return os.IsNotExist(err) && len(names) == 1
	})
	after := b.get("app")
	if diff := cmp.Diff(before.Status, after.Status); diff != "" {
		t.Errorf("the status changed (-before +after):\n%s", diff)
	}
	if got := len(b.events()); got != events {
		t.Errorf("the restart brought %d events: %v", got-events, b.events())
	}
}

func TestRestartAdoptsContainersWithClaims(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.create(&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv"}, Spec: corev1.PersistentVolumeSpec{
		PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/mnt/data"}},
		ClaimRef:               &corev1.ObjectReference{Namespace: "default", Name: "data", UID: "claim"},
	}})
	b.create(&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data", UID: "claim"},
		Spec: corev1.PersistentVolumeClaimSpec{VolumeName: "pv"}, Status: corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound}})
	b.pod("db", `{containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}, {name: part, mountPath: /p, subPath: a}]}],
		volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, {name: part, persistentVolumeClaim: {claimName: data}}]}`)
	before := b.running("db")
	events := len(b.events())
	b.stop()
	// A claim that is being deleted stays with the pod that uses it.
	if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims"), "default", "data"); err != nil {
		t.Fatal(err)
	}
	b.run()
	b.eventually("the container is looked after again", func() bool {
		f, _ := b.node.Find("default", "db", "c")
		return f.Handle != nil
	})
	b.quiet()
	if diff := cmp.Diff(before.Status, b.get("db").Status); diff != "" {
		t.Errorf("the status changed (-before +after):\n%s", diff)
	}
	if got := len(b.events()); got != events {
		t.Errorf("the restart brought %d events: %v", got-events, b.events())
	}
}
