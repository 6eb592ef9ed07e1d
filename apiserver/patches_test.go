package apiserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// API-70, API-157: what a body says it is, and what a patch makes of that.
func TestWhatABodySaysItIs(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const maps, c = "/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/configmaps/c?dryRun=All"
	s.Must(t, http.MethodPost, maps, `{"metadata":{"name":"c"}}`)
	const (
		merge, operations, strategic = "application/merge-patch+json", "application/json-patch+json", "application/strategic-merge-patch+json"
		nameless                     = "the name of the object (c based on URL) was undeterminable: name must be provided"
		other                        = `X in version \"v1\" cannot be handled as a ConfigMap: no kind \"X\" is registered for version \"v1\" in scheme \"pkg/runtime/scheme.go:111\"`
	)
	for _, tt := range []struct {
		name, method, path, contentType, body string
		code                                  int
		want                                  string
	}{
		{"another case of kind", http.MethodPost, maps, "application/json", `{"kind":"ConfigMap","Kind":"X","metadata":{"name":"d"}}`, 400, other},
		{"passed over", http.MethodPost, maps + "?fieldValidation=Ignore", "application/json", `{"apiVersion":"v1","kind":"ConfigMap","KIND":"X","metadata":{"name":"d"}}`, 400, other},
		{"the same kind twice", http.MethodPost, maps + "?dryRun=All", "application/json", `{"apiVersion":"v1","kind":"X","Kind":"ConfigMap","metadata":{"name":"d"}}`, 201, `"name":"d"`},
		{"a key of data", http.MethodPost, maps + "?dryRun=All&fieldValidation=Ignore", "application/json", `{"metadata":{"name":"d"},"data":{"Kind":"X"}}`, 201, `"Kind":"X"`},
		{"apiVersion taken away", http.MethodPatch, c, merge, `{"apiVersion":null}`, 400, nameless},
		{"strictly", http.MethodPatch, c + "&fieldValidation=Strict", merge, `{"apiVersion":null}`, 422, `strict decoding error: unknown field \"metadata\"`},
		{"apiVersion emptied", http.MethodPatch, c, merge, `{"apiVersion":"","data":{"a":"b"}}`, 400, nameless},
		{"apiVersion removed", http.MethodPatch, c, operations, `[{"op":"remove","path":"/apiVersion"}]`, 400, nameless},
		{"kind taken away", http.MethodPatch, c, merge, `{"kind":null}`, 200, `"name":"c"`},
		{"a strategic patch", http.MethodPatch, c, strategic, `{"apiVersion":null}`, 200, `"name":"c"`},
		{"a link in a dry run", http.MethodPatch, c, merge, `{"metadata":{"selfLink":"/x"}}`, 200, `"selfLink":"/x","uid":`},
	} {
		w := s.Call(t, tt.method, tt.path, tt.body, "Content-Type", tt.contentType)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, w.Code, w.Body, tt.code, tt.want)
		}
	}
	if body := s.Must(t, http.MethodPatch, strings.TrimSuffix(c, "?dryRun=All"), `{"metadata":{"selfLink":"/x"}}`, "Content-Type", merge); strings.Contains(body, "selfLink") {
		t.Errorf("a link was kept: %s", body)
	}
}
