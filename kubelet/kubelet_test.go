package kubelet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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
	b.wantEvent(`Normal|Pulled|spec.containers{c}|Container image "nginx" already present on machine`)
	b.wantEvent(`Normal|Created|spec.containers{c}|Container created`)
	b.wantEvent(`Normal|Started|spec.containers{c}|Container started`)
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: nginx}]")
	b.running("app")
	data := b.path("pods/uid-app", access, "..data")
	before, err := os.Readlink(data)
	if err != nil {
		t.Fatal(err)
	}
	view, ok := b.node.PodView("default", "app")
	if !ok {
		t.Fatal("no view of the pod")
	}
	token := view.Volumes[0].Sources[2]
	if token.Path != "token" || token.From != "serviceAccountToken" || token.RefreshAt == nil || token.ExpiresAt == nil {
		t.Fatalf("view of the token: %+v", token)
	}
	if at := token.RefreshAt.Sub(start); at < 2877*time.Second || at > (2886+91)*time.Second {
		t.Errorf("the refresh is foretold %v after issue (KUB-4, KUB-8)", at)
	}
	if next := b.clock.Upcoming(1, clock.Refresh); len(next) != 1 || next[0].What != "pod default/app" || !next[0].At.Equal(*token.RefreshAt) {
		t.Errorf("the clock foretells %+v, the view %v", next, token.RefreshAt)
	}

	report := b.advance(50 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-2" {
		t.Errorf("after 50 minutes the file holds %q", got)
	}
	if after, _ := os.Readlink(data); after == before {
		t.Errorf("..data still points to %s", after)
	}
	if len(report.Stops) != 1 || report.Stops[0].Kind != clock.Refresh || !report.Stops[0].At.Equal(*token.RefreshAt) {
		t.Errorf("stops %+v", report.Stops)
	}
	if p := b.get("app"); p.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Errorf("the container was restarted (KUB-9)")
	}
}

func TestFailingRefreshKeepsTheOldTokenKUB5(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: nginx}]")
	b.running("app")
	b.refuse(errors.New("the server is away"))
	b.advance(50 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-1" {
		t.Errorf("the file holds %q", got)
	}
	for _, e := range b.events() {
		if strings.Contains(e, "FailedMount") {
			t.Errorf("an event though the token is still good: %s", e)
		}
	}
	if next := b.clock.Upcoming(1, clock.Backoff); len(next) != 1 || next[0].At.Sub(b.clock.Now()) > 91*time.Second {
		t.Errorf("the next try: %+v", next)
	}
	// Past the end of the token (KUB-44).
	b.advance(12 * time.Minute)
	found := false
	for _, e := range b.events() {
		// The entry itself may have been dropped by then (KUB-6), which changes the words.
		found = found || strings.HasPrefix(e, `Warning|FailedMount||MountVolume.SetUp failed for volume "kube-api-access" : `) &&
			(strings.HasSuffix(e, "expired and refresh failed: the server is away") || strings.HasSuffix(e, ": failed to fetch token: the server is away"))
	}
	if !found {
		t.Errorf("no event about the expired token: %v", b.events())
	}
	if b.get("app").Status.Phase != corev1.PodRunning {
		t.Errorf("the pod does not run on")
	}
	b.refuse(nil)
	b.advance(5 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-2" {
		t.Errorf("with the server back the file holds %q", got)
	}
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

func TestDeletionLeavesNothingBehindKUB55(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, command string
		wait          bool // for the grace period
		code          int32
	}{
		{"a container that heeds TERM", "[nginx]", false, 0},
		{"a container that does not", "[sleep, infinity]", true, 137},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run()
			p := b.pod("app", "containers: [{name: c, image: x, command: "+tc.command+"}]")
			p = b.running(p.Name)
			var last *corev1.PodStatus
			p = p.DeepCopy()
			now := metav1.NewTime(b.clock.Now().Add(30 * time.Second))
			grace := int64(30)
			p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &now, &grace
			if err := b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), p, "default"); err != nil {
				t.Fatal(err)
			}
			b.wantEvent("Normal|Killing|spec.containers{c}|Stopping container c")
			if tc.wait {
				b.quiet()
				if next := b.clock.Upcoming(1, clock.Grace); len(next) != 1 || next[0].At.Sub(b.clock.Now()) != 30*time.Second {
					t.Errorf("the grace period: %+v", next)
				}
				b.read("pods/uid-app", access, "token")
				b.advance(30 * time.Second)
			}
			b.eventually("deletion", func() bool {
				p, err := b.api.CoreV1().Pods("default").Get(context.Background(), "app", metav1.GetOptions{})
				if err == nil {
					last = &p.Status
				}
				return err != nil
			})
			b.quiet()
			b.mu.Lock()
			deletes := b.deletes
			b.mu.Unlock()
			if diff := cmp.Diff(deletes, []string{"delete app uid=uid-app grace=0"}); diff != "" {
				t.Errorf("deletes (-got +want):\n%s", diff)
			}
			b.eventually("nothing on disk", func() bool {
				entries, err := os.ReadDir(b.path("pods"))
				names, _ := os.ReadDir(b.path("pods/by-name"))
				return err == nil && len(entries) == 1 && len(names) == 0
			})
			if tc.wait && last != nil && last.ContainerStatuses[0].State.Terminated != nil {
				if e := last.ContainerStatuses[0].State.Terminated; e.ExitCode != tc.code || last.Phase != corev1.PodFailed {
					t.Errorf("last words %+v, phase %s", e, last.Phase)
				}
			}
			if n := b.node.tokens.Len(); n != 0 {
				t.Errorf("%d tokens are left in the cache (KUB-6)", n)
			}
			if got := b.node.Informers(); len(got) != 1 {
				t.Errorf("watches are left: %v", got)
			}
		})
	}
}

func TestForcedDeletionKillsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: x, command: [sleep, infinity]}]")
	b.running("app")
	if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "default", "app"); err != nil {
		t.Fatal(err)
	}
	b.eventually("nothing on disk", func() bool {
		_, err := os.Lstat(b.path("pods/uid-app"))
		return os.IsNotExist(err)
	})
	b.quiet()
	if len(b.deletes) != 0 {
		t.Errorf("the object that is gone was deleted: %v", b.deletes)
	}
	if len(b.clock.Upcoming(0)) != 0 {
		t.Errorf("deadlines are left: %+v", b.clock.Upcoming(0))
	}
}

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

func TestInitContainersRunInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{initContainers: [{name: i1, image: x, command: [sleep, "5"]}, {name: i2, image: x, command: [sh, -c, "echo made it; exit 0"]}], containers: [{name: c, image: x}]}`)
	b.wantEvent("Normal|Started|spec.initContainers{i1}|Container started")
	b.quiet()
	s := b.get("app").Status
	if c := condition(s.Conditions, corev1.PodInitialized); s.Phase != corev1.PodPending || c.Reason != "ContainersNotInitialized" || c.Message != "containers with incomplete status: [i1 i2]" {
		t.Errorf("%s, %+v", s.Phase, c)
	}
	if w := s.ContainerStatuses[0].State.Waiting; w == nil || w.Reason != "PodInitializing" {
		t.Errorf("main container %+v", s.ContainerStatuses[0].State)
	}
	b.leap(5 * time.Second)
	s = b.running("app").Status
	if e := s.InitContainerStatuses[0].State.Terminated; e == nil || e.Reason != "Completed" || !s.InitContainerStatuses[0].Ready {
		t.Errorf("init container %+v", s.InitContainerStatuses[0])
	}
	if got := b.read("pods/uid-app/containers/i2/logs/0.log"); got != "2026-11-23T08:30:05Z stdout F made it\n" {
		t.Errorf("log %q", got)
	}
}

func (b *bench) leap(d time.Duration) {
	b.Helper()
	if _, _, err := b.clock.Leap(d); err != nil {
		b.Fatal(err)
	}
}

func TestRestartPolicyAndBackoff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("crash", `containers: [{name: c, image: x, command: ["false"]}]`)
	b.pod("once", `{restartPolicy: Never, containers: [{name: c, image: x, command: ["false"]}]}`)
	b.pod("done", `{restartPolicy: OnFailure, containers: [{name: c, image: x, command: ["true"]}]}`)

	s := b.phase("once", corev1.PodFailed).Status
	if e := s.ContainerStatuses[0].State.Terminated; e == nil || e.ExitCode != 1 || e.Reason != "Error" {
		t.Errorf("once: %+v", s.ContainerStatuses[0].State)
	}
	s = b.phase("done", corev1.PodSucceeded).Status
	if c := condition(s.Conditions, corev1.PodReady); c.Reason != "PodCompleted" {
		t.Errorf("done: %+v", c)
	}
	if _, err := os.Lstat(b.path("pods/uid-done", access)); !os.IsNotExist(err) {
		t.Errorf("the volume of a finished pod is still mounted")
	}

	b.eventually("CrashLoopBackOff", func() bool {
		w := b.get("crash").Status.ContainerStatuses
		return len(w) == 1 && w[0].State.Waiting != nil && w[0].State.Waiting.Reason == "CrashLoopBackOff"
	})
	b.quiet()
	s = b.get("crash").Status
	c := s.ContainerStatuses[0]
	if s.Phase != corev1.PodRunning || c.RestartCount != 1 || c.State.Waiting.Message != "back-off 10s restarting failed container=c pod=crash_default(uid-crash)" || c.LastTerminationState.Terminated == nil {
		t.Errorf("crash: %s %+v", s.Phase, c)
	}
	b.wantEvent("Warning|BackOff|spec.containers{c}|Back-off restarting failed container c in pod crash_default(uid-crash)")
	var pauses []time.Duration
	for range 7 {
		next := b.clock.Upcoming(1, clock.Backoff)[0].At.Sub(b.clock.Now())
		pauses = append(pauses, next)
		b.advance(next)
	}
	want := []time.Duration{10e9, 20e9, 40e9, 80e9, 160e9, 300e9, 300e9}
	if diff := cmp.Diff(pauses, want); diff != "" {
		t.Errorf("pauses (-got +want):\n%s", diff)
	}
	if n := b.get("crash").Status.ContainerStatuses[0].RestartCount; n != 8 {
		t.Errorf("%d restarts", n)
	}
}

func TestActiveDeadlineEndsThePod(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `{activeDeadlineSeconds: 60, containers: [{name: c, image: x}]}`)
	b.running("app")
	b.advance(time.Minute)
	s := b.phase("app", corev1.PodFailed).Status
	if s.Reason != "DeadlineExceeded" || s.Message != "Pod was active on the node longer than the specified deadline" {
		t.Errorf("%s: %s", s.Reason, s.Message)
	}
}

func TestEnvironmentIsResolved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `containers: [{name: c, image: x, envFrom: [{configMapRef: {name: none, optional: true}}],
		env: [{name: A, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: nokey}}}]}]`)
	b.wantEvent("Warning|Failed|spec.containers{c}|Error: couldn't find key nokey in ConfigMap default/kube-root-ca.crt")
	b.quiet()
	if w := b.get("app").Status.ContainerStatuses[0].State.Waiting; w == nil || w.Reason != "CreateContainerConfigError" {
		t.Errorf("%+v", w)
	}
	p := b.pod("good", `containers: [{name: c, image: x, env: [{name: CA, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: ca.crt}}},
		{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: BOTH, value: "$(CA) on $(NODE), $$(CA), $(NOBODY)"}]}]`)
	b.running("good")
	b.node.mu.Lock()
	state := b.node.pods[p.UID]
	b.node.mu.Unlock()
	env, err := b.node.environment(t.Context(), state, p, &p.Spec.Containers[0])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range env {
		got[v.Name] = v.Value
	}
	if got["BOTH"] != "pem on node-1, $(CA), $(NOBODY)" || got["KUBERNETES_SERVICE_HOST"] != "10.96.0.1" || got["KUBERNETES_PORT_443_TCP_PROTO"] != "tcp" {
		t.Errorf("environment %v", got)
	}
}

func TestNodeRegistersAndRenewsItsLease(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.eventually("lease", func() bool {
		_, err := b.api.CoordinationV1().Leases("kube-node-lease").Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil
	})
	node, err := b.api.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if node.Labels["kubernetes.io/hostname"] != "node-1" || node.Labels["beta.kubernetes.io/os"] != "linux" || node.Status.Capacity.Pods().Value() != 250 {
		t.Errorf("node %+v", node)
	}
	renewed := func() time.Time {
		l, err := b.api.CoordinationV1().Leases("kube-node-lease").Get(t.Context(), "node-1", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if *l.Spec.HolderIdentity != "node-1" || *l.Spec.LeaseDurationSeconds != 40 {
			t.Errorf("lease %+v", l.Spec)
		}
		return l.Spec.RenewTime.Time
	}
	b.leap(10 * time.Second)
	b.eventually("renewal", func() bool { return renewed().Equal(start.Add(10 * time.Second)) })
	b.leap(3 * time.Second)
	b.node.Heartbeat(t.Context())
	if got := renewed(); !got.Equal(start.Add(13 * time.Second)) {
		t.Errorf("after a heartbeat the lease is of %v", got)
	}
	b.leap(5 * time.Minute)
	b.eventually("a new status", func() bool {
		node, err := b.api.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{})
		return err == nil && node.Status.Conditions[0].LastHeartbeatTime.After(start.Add(5*time.Minute)) &&
			node.Status.Conditions[0].LastTransitionTime.Time.Equal(start)
	})
}

func TestNothingIsLeftAfterManyPods(t *testing.T) {
	// Not parallel: it counts goroutines.
	b := newBench(t)
	b.run()
	b.pod("first", "containers: [{name: c, image: x}]")
	b.running("first")
	goroutines := runtime.NumGoroutine()
	const many = 200
	for i := range many { // one by one: the simulated API panics when a watch lags behind
		b.pod(fmt.Sprint("p", i), "containers: [{name: c, image: x}]")
		b.running(fmt.Sprint("p", i))
	}
	if n := runtime.NumGoroutine() - goroutines; n > 5 {
		t.Errorf("%d pods at rest cost %d goroutines", many, n)
	}
	for i := range many {
		if err := b.api.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "default", fmt.Sprint("p", i)); err != nil {
			t.Fatal(err)
		}
		b.eventually("its directory is gone", func() bool {
			_, err := os.Lstat(b.path("pods", fmt.Sprint("uid-p", i)))
			return os.IsNotExist(err)
		})
	}
	b.eventually("one pod on disk", func() bool {
		entries, err := os.ReadDir(b.path("pods"))
		return err == nil && len(entries) == 2
	})
	b.quiet()
	if n := b.node.tokens.Len(); n != 1 {
		t.Errorf("%d tokens", n)
	}
	if n := len(b.clock.Upcoming(0)); n != 1 {
		t.Errorf("%d deadlines", n)
	}
	if n := runtime.NumGoroutine() - goroutines; n > 5 {
		t.Errorf("%d goroutines are left", n)
	}
}
