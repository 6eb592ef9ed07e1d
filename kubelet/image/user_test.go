package image

import "testing"

func TestUser(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nginx:1.27": "root", "busybox": "root", "bitnami/nginx:1": "1001", "docker.io/curlimages/curl": "curl_user", "acme/app": "",
	} {
		got, known := User(name)
		if got != want || known != (want != "") {
			t.Errorf("User(%q) = %q, %v", name, got, known)
		}
	}
	for name := range users() {
		if _, known := Find(name); !known {
			t.Errorf("%s is not in the catalogue", name)
		}
	}
}
