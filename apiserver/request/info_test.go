package request_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/apiserver/request"
)

func TestParse(t *testing.T) {
	t.Parallel()
	type want struct {
		Resource                                       bool
		Verb, Group, Version, NS, Name, Res, Sub, Path string
	}
	for _, tt := range []struct {
		name, method, url string
		want              want
	}{
		{"AUTHZ-2: a version is no resource", "GET", "/api/v1", want{Verb: "get", Path: "/api/v1"}},
		{"AUTHZ-2: a group is no resource", "GET", "/apis/apps", want{Verb: "get", Path: "/apis/apps"}},
		{"AUTHZ-2: nor is a group's version", "GET", "/apis/apps/v1", want{Verb: "get", Path: "/apis/apps/v1"}},
		{"AUTHZ-3: list", "GET", "/api/v1/pods", want{true, "list", "", "v1", "", "", "pods", "", "/api/v1/pods"}},
		{"AUTHZ-3: watch by parameter", "GET", "/api/v1/pods?watch", want{true, "watch", "", "v1", "", "", "pods", "", "/api/v1/pods"}},
		{"AUTHZ-3: watch=0 is a list", "GET", "/api/v1/pods?watch=0", want{true, "list", "", "v1", "", "", "pods", "", "/api/v1/pods"}},
		{"AUTHZ-3: get", "GET", "/apis/apps/v1/namespaces/a/deployments/d", want{true, "get", "apps", "v1", "a", "d", "deployments", "", "/apis/apps/v1/namespaces/a/deployments/d"}},
		{"AUTHZ-3: deletecollection", "DELETE", "/api/v1/namespaces/a/pods", want{true, "deletecollection", "", "v1", "a", "", "pods", "", "/api/v1/namespaces/a/pods"}},
		{"AUTHZ-4: a non-resource verb is the method", "POST", "/healthz", want{Verb: "post", Path: "/healthz"}},
		{"AUTHZ-5: the old watch prefix", "GET", "/api/v1/watch/pods", want{true, "watch", "", "v1", "", "", "pods", "", "/api/v1/watch/pods"}},
		{"AUTHZ-7: a namespace", "GET", "/api/v1/namespaces/a", want{true, "get", "", "v1", "a", "a", "namespaces", "", "/api/v1/namespaces/a"}},
		{"AUTHZ-7: its status", "PUT", "/api/v1/namespaces/a/status", want{true, "update", "", "v1", "a", "a", "namespaces", "status", "/api/v1/namespaces/a/status"}},
		{"AUTHZ-9: a name by selector", "GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx", want{true, "list", "", "v1", "a", "x", "pods", "", "/api/v1/namespaces/a/pods"}},
		{"AUTHZ-9: not on deletecollection", "DELETE", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx", want{true, "deletecollection", "", "v1", "a", "", "pods", "", "/api/v1/namespaces/a/pods"}},
		{"AUTHZ-9: not a name with a slash", "GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx%2Fy", want{true, "list", "", "v1", "a", "", "pods", "", "/api/v1/namespaces/a/pods"}},
		{"AUTHZ-10: a strange method has no verb", "TRACE", "/api/v1/pods", want{true, "", "", "v1", "", "", "pods", "", "/api/v1/pods"}},
		{"AUTHZ-11: a subresource carries the parent's name", "POST", "/api/v1/namespaces/a/serviceaccounts/s/token", want{true, "create", "", "v1", "a", "s", "serviceaccounts", "token", "/api/v1/namespaces/a/serviceaccounts/s/token"}},
		{"an escaped slash is a slash for everybody", "GET", "/api/v1/namespaces/a%2Fpods/pods", want{true, "get", "", "v1", "a", "pods", "pods", "", "/api/v1/namespaces/a/pods/pods"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := request.Parse(httptest.NewRequest(tt.method, tt.url, nil))
			got := want{i.IsResource, i.Verb, i.Group, i.Version, i.Namespace, i.Name, i.Resource, i.Subresource, i.Path}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", tt.method, tt.url, diff)
			}
		})
	}
}

// FuzzParse: whatever the path, parsing ends and says of a resource request that it has a version and a resource.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"/api/v1/pods", "/apis/a/v1/namespaces/n/r/x/s", "/api/v1/watch", "//", "/api//v1//pods"} {
		f.Add("GET", s, "watch=1&fieldSelector=metadata.name=x")
	}
	f.Fuzz(func(t *testing.T, method, path, query string) {
		r, err := http.NewRequest(method, "http://h/", nil)
		if err != nil {
			t.Skip()
		}
		r.URL.Path, r.URL.RawQuery = path, query
		i := request.Parse(r)
		if i.IsResource && i.Resource == "" && !strings.Contains(path, "//") {
			t.Errorf("%q is a resource request without a resource: %+v", path, i)
		}
		if i.Path != path {
			t.Errorf("path %q became %q", path, i.Path)
		}
		_ = i.String()
		_ = i.LongRunning()
	})
}
