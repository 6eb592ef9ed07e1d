package image

import (
	"slices"
	"strings"
)

// bare are repositories that are known to hold a program, maybe what it needs, and neither a shell nor tools.
func bare() []string {
	return []string{
		"registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google-containers/pause", "hello-world",
		"us-docker.pkg.dev/google-samples/containers/gke/hello-app",
		"hashicorp/http-echo", "traefik/whoami", "containous/whoami", "kicbase/echo-server",
		"coredns/coredns", "registry.k8s.io/coredns/coredns", "registry.k8s.io/etcd", "registry.k8s.io/kube-apiserver",
		"registry.k8s.io/kube-controller-manager", "registry.k8s.io/kube-scheduler", "registry.k8s.io/kube-proxy",
		"registry.k8s.io/metrics-server/metrics-server", "registry.k8s.io/kube-state-metrics/kube-state-metrics",
		"quay.io/jetstack/cert-manager-controller", "quay.io/jetstack/cert-manager-webhook", "quay.io/jetstack/cert-manager-cainjector",
	}
}

// Bare says whether an image is known to have no shell and no tools. The distroless ones have them under their debug tags alone.
func Bare(name string) bool {
	repository := repositoryOf(name)
	if strings.HasPrefix(repository, "gcr.io/distroless/") {
		return !strings.Contains(strings.TrimPrefix(name, repository), "debug")
	}
	return slices.ContainsFunc(bare(), func(n string) bool { return repositoryOf(n) == repository })
}
