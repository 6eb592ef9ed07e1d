package kubelet

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestRunAsNonRoot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	for _, tc := range []struct{ name, spec, why string }{
		{"root", `containers: [{name: c, image: nginx, securityContext: {runAsNonRoot: true}}]`,
			"container has runAsNonRoot and image will run as root"},
		{"pods", `{securityContext: {runAsNonRoot: true}, containers: [{name: c, image: "busybox:1.37", command: [sleep, infinity]}]}`,
			"container has runAsNonRoot and image will run as root"},
		{"zero", `{securityContext: {runAsNonRoot: true, runAsUser: 1000}, containers: [{name: c, image: acme/app, securityContext: {runAsUser: 0}}]}`,
			"container's runAsUser breaks non-root policy"},
		{"named", `containers: [{name: c, image: curlimages/curl, command: [sleep, infinity], securityContext: {runAsNonRoot: true}}]`,
			"container has runAsNonRoot and image has non-numeric user (curl_user), cannot verify user is non-root"},
	} {
		b.pod(tc.name, tc.spec)
		want := fmt.Sprintf("%s (pod: %q, container: c)", tc.why, tc.name+"_default(uid-"+tc.name+")")
		if said := b.waits(tc.name, "CreateContainerConfigError"); said != want {
			t.Errorf("%s: says %q, want %q", tc.name, said, want)
		}
		b.wantEvent("Warning|Failed|spec.containers{c}|Error: " + want)
		if s := b.get(tc.name).Status; s.Phase != corev1.PodPending {
			t.Errorf("%s: %s", tc.name, s.Phase)
		}
	}
	for name, spec := range map[string]string{
		"number":  `containers: [{name: c, image: nginxinc/nginx-unprivileged, securityContext: {runAsNonRoot: true}}]`,
		"given":   `{securityContext: {runAsUser: 1000}, containers: [{name: c, image: nginx, securityContext: {runAsNonRoot: true}}]}`,
		"unknown": `containers: [{name: c, image: acme/app, securityContext: {runAsNonRoot: true}}]`,
		"allowed": `{securityContext: {runAsNonRoot: true}, containers: [{name: c, image: nginx, securityContext: {runAsNonRoot: false}}]}`,
	} {
		b.pod(name, spec)
		b.running(name)
	}
}
