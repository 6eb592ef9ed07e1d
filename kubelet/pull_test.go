package kubelet

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// waits polls until the container of a pod waits for this reason, and returns what it says of it.
func (b *bench) waits(name, reason string) string {
	b.Helper()
	var said string
	b.eventually(name+" waits for "+reason, func() bool {
		s := b.get(name).Status.ContainerStatuses
		if len(s) == 0 || s[0].State.Waiting == nil || s[0].State.Waiting.Reason != reason {
			return false
		}
		said = s[0].State.Waiting.Message
		return true
	})
	b.quiet()
	return said
}

func TestAnImageThatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", `containers: [{name: c, image: missing/app, imagePullPolicy: Always}]`)
	const why = `failed to pull and unpack image "docker.io/missing/app:latest": failed to resolve reference "docker.io/missing/app:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
	if said := b.waits("app", "ErrImagePull"); said != why {
		t.Errorf("says %q", said)
	}
	b.wantEvent(`Normal|Pulling|spec.containers{c}|Pulling image "missing/app"`)
	b.wantEvent(`Warning|Failed|spec.containers{c}|Failed to pull image "missing/app": ` + why)
	b.wantEvent(`Warning|Failed|spec.containers{c}|Error: ErrImagePull`)
	b.advance(pullShows)
	if said := b.waits("app", "ImagePullBackOff"); said != `Back-off pulling image "missing/app": ErrImagePull: `+why {
		t.Errorf("says %q", said)
	}
	b.wantEvent(`Normal|BackOff|spec.containers{c}|Back-off pulling image "missing/app"`)
	b.wantEvent(`Warning|Failed|spec.containers{c}|Error: ImagePullBackOff`)
	b.advance(pullBackoff - pullShows)
	b.waits("app", "ErrImagePull")
	b.advance(2*pullBackoff - time.Second) // the second pause is twice the first
	b.waits("app", "ImagePullBackOff")
	b.advance(time.Second)
	b.waits("app", "ErrImagePull")
	if s := b.get("app").Status; s.Phase != corev1.PodPending || s.ContainerStatuses[0].RestartCount != 0 {
		t.Errorf("phase %s, restarts %d", s.Phase, s.ContainerStatuses[0].RestartCount)
	}
}

func TestImagePolicies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("first", `containers: [{name: a, image: "busybox:1.37", command: [sleep, infinity], imagePullPolicy: IfNotPresent}]`)
	b.running("first")
	b.wantEvent(`Normal|Pulled|spec.containers{a}|Successfully pulled image "busybox:1.37" in 0s (0s including waiting). Image size: 2224358 bytes.`)
	b.pod("second", `containers: [{name: b, image: "busybox:1.37", command: [sleep, infinity], imagePullPolicy: IfNotPresent}]`)
	b.running("second")
	b.wantEvent(`Normal|Pulled|spec.containers{b}|Container image "busybox:1.37" already present on machine`)
	b.pod("third", `containers: [{name: c, image: "busybox:1.37", command: [sleep, infinity], imagePullPolicy: Always}]`)
	b.running("third")
	b.wantEvent(`Normal|Pulled|spec.containers{c}|Successfully pulled image "busybox:1.37" in 0s (0s including waiting). Image size: 2224358 bytes.`)
	b.pod("own", `containers: [{name: d, image: "my/build:1", command: [sleep, infinity], imagePullPolicy: Never}]`)
	b.running("own")
	b.wantEvent(`Normal|Pulled|spec.containers{d}|Container image "my/build:1" already present on machine`)
	b.pod("never", `containers: [{name: e, image: "missing/build:1", imagePullPolicy: Never}]`)
	if said := b.waits("never", "ErrImageNeverPull"); said != `Container image "missing/build:1" is not present with pull policy of Never` {
		t.Errorf("says %q", said)
	}
	b.wantEvent(`Warning|ErrImageNeverPull|spec.containers{e}|Container image "missing/build:1" is not present with pull policy of Never`)
	b.pod("wrong", `containers: [{name: f, image: Nginx}]`)
	const wrong = `Failed to apply default image tag "Nginx": couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`
	if said := b.waits("wrong", "InvalidImageName"); said != wrong {
		t.Errorf("says %q", said)
	}
	b.wantEvent(`Warning|InspectFailed|spec.containers{f}|` + wrong)
	b.wantEvent(`Warning|Failed|spec.containers{f}|Error: InvalidImageName`)
	if slices.ContainsFunc(b.events(), func(e string) bool { return strings.Contains(e, `Pulling image "Nginx"`) }) {
		t.Errorf("pulled what has no name")
	}
}
