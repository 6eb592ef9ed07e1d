package kubelet

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

func TestPodRunsWithItsTokenOnDisk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: nginx}]")
	p := b.running("app")

	for file, want := range map[string]string{"token": "token-1", "ca.crt": "pem", "namespace": "default"} {
		if got := b.read("pods", "uid-app", access, file); got != want {
			t.Errorf("%s holds %q, want %q", file, got, want)
		}
		// The same by the pod's name, and from inside of the container.
		if got := b.read("pods/by-name/default_app/containers/c/rootfs/var/run/secrets/kubernetes.io/serviceaccount", file); got != want {
			t.Errorf("%s seen from inside holds %q, want %q", file, got, want)
		}
	}
	for dir, want := range map[string]os.FileMode{"": 0o750, "volumes": 0o750, access: 0o777} {
		info, err := os.Stat(b.path("pods", "uid-app", dir))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%q has mode %v, want %v", dir, info.Mode(), want)
		}
	}

	s := p.Status
	if s.PodIP != "10.244.0.2" || s.HostIP != "172.18.0.2" || s.StartTime == nil || !s.StartTime.Equal(&metav1.Time{Time: start}) {
		t.Errorf("podIP %q, hostIP %q, startTime %v", s.PodIP, s.HostIP, s.StartTime)
	}
	var conditions []string
	for _, c := range s.Conditions {
		conditions = append(conditions, fmt.Sprint(c.Type, "=", c.Status))
	}
	want := []string{"PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"}
	if diff := cmp.Diff(conditions, want); diff != "" {
		t.Errorf("conditions, KUB-51 (-got +want):\n%s", diff)
	}
	c := s.ContainerStatuses[0]
	if !c.Ready || c.State.Running == nil || c.RestartCount != 0 || !strings.HasPrefix(c.ContainerID, "kubemint://") || *c.Started != true {
		t.Errorf("container status %+v", c)
	}
	b.wantEvent(`Normal|Pulling|spec.containers{c}|Pulling image "nginx"`)
	b.wantEvent(`Normal|Pulled|spec.containers{c}|Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72324501 bytes.`)
	b.wantEvent(`Normal|Created|spec.containers{c}|Container created`)
	b.wantEvent(`Normal|Started|spec.containers{c}|Container started`)
}

func TestMissingReferenceKeepsThePodWaiting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, secret: {secretName: late}}]}`)
	b.wantEvent(`Warning|FailedMount||MountVolume.SetUp failed for volume "v" : secret "late" not found`)
	b.quiet()
	s := b.get("app").Status
	if w := s.ContainerStatuses[0].State.Waiting; s.Phase != corev1.PodPending || w == nil || w.Reason != "ContainerCreating" {
		t.Errorf("phase %s, container %+v", s.Phase, s.ContainerStatuses[0].State)
	}
	ready := condition(s.Conditions, corev1.PodReady)
	if ready.Reason != "ContainersNotReady" || ready.Message != "containers with unready status: [c]" {
		t.Errorf("condition %+v", ready)
	}
	// Back-off: 0.5, 1, 2 ... seconds, at most 2m2s (KUB-42).
	var tries []time.Duration
	for last, i := start, 0; i < 10; i++ {
		next := b.clock.Upcoming(1, clock.Backoff)
		tries = append(tries, next[0].At.Sub(last))
		last = next[0].At
		b.advance(last.Sub(b.clock.Now()))
	}
	want := []time.Duration{500e6, 1e9, 2e9, 4e9, 8e9, 16e9, 32e9, 64e9, 122e9, 122e9}
	if diff := cmp.Diff(tries, want); diff != "" {
		t.Errorf("back-off (-got +want):\n%s", diff)
	}
	b.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "late"}, Data: map[string][]byte{"k": []byte("v")}})
	b.eventually("the node knows the Secret", func() bool {
		_, err := b.node.refs.secret(t.Context(), "default", "late")
		return err == nil
	})
	b.advance(3 * time.Minute)
	b.running("app")
	if got := b.read("pods/uid-app/volumes/kubernetes.io~secret/v/k"); got != "v" {
		t.Errorf("the file holds %q", got)
	}
}

func TestChangedConfigMapArrivesAtTheNextSyncKUB30(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "conf"}, Data: map[string]string{"a": "1"}}
	b.create(cm)
	b.run()
	b.pod("app", `{containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /one, subPath: a}]}],
		volumes: [{name: v, configMap: {name: conf}}]}`)
	b.running("app")
	cm = cm.DeepCopy()
	cm.Data = map[string]string{"a": "2"}
	if _, err := b.api.CoreV1().ConfigMaps("default").Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.eventually("a sync ahead", func() bool { return len(b.clock.Upcoming(1, clock.Other)) == 1 })
	if next := b.clock.Upcoming(1, clock.Other)[0].At.Sub(start); next < time.Minute || next > 91*time.Second {
		t.Errorf("the change is applied %v after the last sync", next)
	}
	const file = "pods/uid-app/volumes/kubernetes.io~configmap/v/a"
	if got := b.read(file); got != "1" {
		t.Errorf("the file changed at once: %q", got)
	}
	b.advance(91 * time.Second)
	if got := b.read(file); got != "2" {
		t.Errorf("the file holds %q", got)
	}
	if got := b.read("pods/uid-app/containers/c/rootfs/one"); got != "1" {
		t.Errorf("the subPath mount changed to %q (KUB-23)", got)
	}
}

func (b *bench) leap(d time.Duration) {
	b.Helper()
	if _, _, err := b.clock.Leap(d); err != nil {
		b.Fatal(err)
	}
}
