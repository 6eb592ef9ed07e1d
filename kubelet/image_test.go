package kubelet

import (
	"strings"
	"testing"
)

func TestImageNamesAreCompleted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nginx":                       "docker.io/library/nginx:latest",
		"nginx:1.27":                  "docker.io/library/nginx:1.27",
		"docker.io/nginx":             "docker.io/library/nginx:latest",
		"prom/prometheus:v3":          "docker.io/prom/prometheus:v3",
		"registry.k8s.io/pause:3.10":  "registry.k8s.io/pause:3.10",
		"localhost/app":               "localhost/app:latest",
		"registry:5000/team/app":      "registry:5000/team/app:latest",
		"nginx@sha256:0123456789abcd": "docker.io/library/nginx@sha256:0123456789abcd",
	} {
		full, id := image(name)
		if full != want {
			t.Errorf("image(%q) = %q, want %q", name, full, want)
		}
		if !strings.Contains(id, "@sha256:") {
			t.Errorf("image(%q) has id %q", name, id)
		}
	}
	_, a := image("nginx:1")
	_, b := image("nginx:2")
	if a == b {
		t.Errorf("two tags share %s", a)
	}
}
