package kubelet

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// image is a container image as the status of a running container names it: with its registry and
// tag, and by a digest. Images are simulated by their names, so the digest is that of the name.
func image(name string) (full, id string) {
	full = name
	first, rest, path := strings.Cut(full, "/")
	switch {
	case !path:
		full = "docker.io/library/" + full
	case first == "docker.io" && !strings.Contains(rest, "/"):
		full = "docker.io/library/" + rest
	case !strings.ContainsAny(first, ".:") && first != "localhost":
		full = "docker.io/" + full
	}
	repository := full
	if at := strings.IndexByte(full, '@'); at >= 0 {
		return full, full
	}
	if colon := strings.LastIndexByte(full, ':'); colon > strings.LastIndexByte(full, '/') {
		repository = full[:colon]
	} else {
		full += ":latest"
	}
	sum := sha256.Sum256([]byte(full))
	return full, repository + "@sha256:" + hex.EncodeToString(sum[:])
}
