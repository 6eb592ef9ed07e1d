package image

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// Missing is the first part of names that no registry has: pulling them fails.
const Missing = "missing"

// complete adds the registry to a name that has none, and the repository of official images.
func complete(name string) string {
	first, rest, path := strings.Cut(name, "/")
	switch {
	case !path:
		return "docker.io/library/" + name
	case first == "docker.io" && !strings.Contains(rest, "/"):
		return "docker.io/library/" + rest
	case !strings.ContainsAny(first, ".:") && first != "localhost":
		return "docker.io/" + name
	}
	return name
}

// Resolve completes a name as container runtimes do: with its registry and tag, and with a digest. Images are
// simulated by their names, so the digest is that of the name.
func Resolve(name string) (full, id string) {
	full = complete(name)
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

// Parse refuses a name that is none, in the words of a kubelet.
func Parse(name string) error {
	if _, err := reference.ParseNormalizedNamed(name); err != nil {
		return fmt.Errorf("couldn't parse image name %q: %w", name, err)
	}
	return nil
}

// PullError says why an image cannot be pulled, in the words of a container runtime; nil: it can.
func PullError(name string) error {
	full, _ := Resolve(name)
	registry, rest, _ := strings.Cut(full, "/")
	host, _, _ := strings.Cut(registry, ":")
	var why string
	switch {
	case strings.HasPrefix(rest, Missing+"/"), registry == Missing:
		why = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
	case strings.HasSuffix(host, ".invalid"):
		why = fmt.Sprintf("failed to do request: Head \"https://%s/v2/%s\": dial tcp: lookup %s: no such host", registry, manifest(rest), host)
	default:
		return nil
	}
	return fmt.Errorf("failed to pull and unpack image %q: failed to resolve reference %q: %s", full, full, why)
}

// manifest is the path of a tag in a registry's API.
func manifest(rest string) string {
	if at := strings.IndexByte(rest, '@'); at >= 0 {
		return rest[:at] + "/manifests/" + rest[at+1:]
	}
	colon := strings.LastIndexByte(rest, ':')
	return rest[:colon] + "/manifests/" + rest[colon+1:]
}

// Size is how many bytes an image is said to have; for one that is not known it is made up from its name.
func Size(name string) int64 {
	if i, ok := Find(name); ok && i.Bytes > 0 {
		return i.Bytes
	}
	sum := sha256.Sum256([]byte(name))
	return 8<<20 + int64(binary.BigEndian.Uint32(sum[:4])%(150<<20))
}
