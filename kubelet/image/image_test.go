package image

import (
	"slices"
	"strings"
	"testing"
)

func TestNamesAreCompleted(t *testing.T) {
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
		full, id := Resolve(name)
		if full != want {
			t.Errorf("Resolve(%q) = %q, want %q", name, full, want)
		}
		if !strings.Contains(id, "@sha256:") {
			t.Errorf("Resolve(%q) has id %q", name, id)
		}
	}
	_, a := Resolve("nginx:1")
	_, b := Resolve("nginx:2")
	if a == b {
		t.Errorf("two tags share %s", a)
	}
}

func TestNamesAreRefused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nginx": "", "nginx:1.27": "", "localhost:5000/a/b@sha256:" + strings.Repeat("a", 64): "",
		"Nginx":     `couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`,
		"nginx:a b": `couldn't parse image name "nginx:a b": invalid reference format`,
		":latest":   `couldn't parse image name ":latest": invalid reference format`,
	} {
		got := ""
		if err := Parse(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Parse(%q): %q, want %q", name, got, want)
		}
	}
}

func TestPulls(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nginx": "", "acme/app:1": "", "acme/missing": "",
		"missing/app":               `failed to pull and unpack image "docker.io/missing/app:latest": failed to resolve reference "docker.io/missing/app:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
		"registry.invalid:5000/a:1": `failed to pull and unpack image "registry.invalid:5000/a:1": failed to resolve reference "registry.invalid:5000/a:1": failed to do request: Head "https://registry.invalid:5000/v2/a/manifests/1": dial tcp: lookup registry.invalid: no such host`,
	} {
		got := ""
		if err := PullError(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("PullError(%q): %q, want %q", name, got, want)
		}
	}
	if a := Size("acme/app:1"); a < 8<<20 || a != Size("acme/app:1") || a == Size("acme/app:2") {
		t.Errorf("size %d", a)
	}
}

func TestKnownImages(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, i := range All() {
		for _, name := range append([]string{i.Name}, i.Aliases...) {
			if err := Parse(name); err != nil || seen[repositoryOf(name)] {
				t.Errorf("%s: %v, or twice", name, err)
			}
			seen[repositoryOf(name)] = true
			if got, ok := Find(name + ":1.2"); !ok || got.Name != i.Name {
				t.Errorf("Find(%s) = %q, %v", name, got.Name, ok)
			}
		}
		if i.Does == "" || i.Bytes == 0 || len(Argv(i, nil, nil)) == 0 {
			t.Errorf("%s is not complete: %+v", i.Name, i)
		}
	}
	for _, unknown := range []string{"acme/nginx", "example.com/nginx", "nginx2", ""} {
		if i, ok := Find(unknown); ok {
			t.Errorf("%q is taken for %s", unknown, i.Name)
		}
	}
}

func TestArgv(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		image, command, args, want string
	}{
		{"nginx", "", "", "nginx|-g|daemon off;"},
		{"nginx", "sleep|9", "", "sleep|9"},
		{"nginx", "", "sleep|9", "sleep|9"},
		{"busybox", "", "", "sh"},
		{"busybox", "", "echo|hi", "echo|hi"},
		{"curlimages/curl", "", "", "curl"},
		{"curlimages/curl", "", "-s|https://kubernetes", "curl|-s|https://kubernetes"},
		{"curlimages/curl", "", "https://kubernetes", "curl|https://kubernetes"},
		{"curlimages/curl", "", "curl|-s", "curl|-s"},
		{"curlimages/curl", "", "sleep|3600", "sleep|3600"},
		{"curlimages/curl", "sh|-c", "id", "sh|-c|id"},
		{"bitnami/kubectl", "", "get|pods", "kubectl|get|pods"},
		{"bitnami/kubectl", "", "", "kubectl|--help"},
		{"redis", "", "--appendonly|yes", "redis-server|--appendonly|yes"},
		{"prom/prometheus", "", "--web.listen-address=:1", "/bin/prometheus|--web.listen-address=:1"},
		{"acme/app", "", "", ""},
		{"acme/app", "", "serve", "serve"},
	} {
		split := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, "|")
		}
		i, _ := Find(tc.image)
		if got := Argv(i, split(tc.command), split(tc.args)); !slices.Equal(got, split(tc.want)) {
			t.Errorf("%s with %q and %q runs %q, want %q", tc.image, tc.command, tc.args, got, tc.want)
		}
	}
}
