package kubemint_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint"
)

// The way into a container without a shell is a container beside it, as the tutorials have it.
func TestDebugAContainerWithoutAShell(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("ephemeral-demo", corev1.PodRunning, "registry.k8s.io/pause:3.1")
	out, code := r.kubectl("exec", "ephemeral-demo", "--", "sh")
	const refused = "error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \""
	if code != 1 || !strings.HasPrefix(out, refused) || !strings.HasSuffix(out, `OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown`+"\n") {
		t.Errorf("code %d: %s", code, out)
	}
	out, code = r.kubectl("debug", "ephemeral-demo", "--image=busybox:1.28", "--target=ephemeral-demo", "--attach", "--", "sh", "-c", "hostname; echo done")
	if code != 0 || !strings.HasPrefix(out, `Targeting container "ephemeral-demo".`) {
		t.Errorf("code %d: %s", code, out)
	}
}
