package image

import "testing"

func TestImagesWithoutAShell(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"registry.k8s.io/pause:3.10": true, "registry.k8s.io/pause": true, "hashicorp/http-echo:1.0": true, "docker.io/traefik/whoami": true,
		"gcr.io/distroless/static-debian12": true, "gcr.io/distroless/base:nonroot": true, "gcr.io/distroless/base:debug": false,
		"gcr.io/distroless/static@sha256:0123456789012345678901234567890123456789012345678901234567890123": true,
		"nginx": false, "busybox:1.36": false, "example.com/pause": false, "who/knows": false, "hello-world": true,
	} {
		if got := Bare(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
