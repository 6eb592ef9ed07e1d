package apiserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// API-20, API-21: the documents of the core group say no apiVersion, those of the others do.
func TestDocumentsOfDiscovery(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for path, want := range map[string]string{"/api": "", "/api/v1": "", "/apis": "v1", "/apis/apps": "v1", "/apis/apps/v1": "v1"} {
		var doc struct{ Kind, APIVersion string }
		if err := json.Unmarshal([]byte(s.Must(t, http.MethodGet, path, "")), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Kind == "" || doc.APIVersion != want {
			t.Errorf("%s: kind %q, apiVersion %q, want %q", path, doc.Kind, doc.APIVersion, want)
		}
	}
}

// OIDC-2: the keys have one form only.
func TestKeysAreSentToWhoTakesThem(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	if s.Call(t, http.MethodGet, "/openid/v1/jwks", "").Code == http.StatusNotFound {
		t.Skip("this server's issuer is not discoverable")
	}
	for accept, want := range map[string]int{
		"": 200, "*/*": 200, "application/json, */*": 200, "application/jwk-set+json;q=0.9": 200, "application/json": 406, "text/html": 406,
	} {
		w := s.Call(t, http.MethodGet, "/openid/v1/jwks", "", "Accept", accept)
		if w.Code != want {
			t.Errorf("Accept %q: %d, want %d: %s", accept, w.Code, want, w.Body)
		}
	}
}

// API-233: a pod without a node has said nothing.
func TestTheLogOfAnUnscheduledPodIsEmpty(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods", `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	if w := s.Call(t, http.MethodGet, "/api/v1/namespaces/default/pods/p/log", ""); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
		t.Errorf("log: %d %q", w.Code, w.Body)
	}
}

// API-232: a log is a text, and a client that takes only texts is refused all the same.
func TestLogsAreForWhoTakesObjects(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods", `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	for accept, want := range map[string]string{
		"": "", "application/json, */*": "", "application/json": "",
		"text/plain": "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
		"image/png":  "406: Not Acceptable\n\nAvailable representations: text/plain, application/json, application/yaml, application/vnd.kubernetes.protobuf",
	} {
		w := s.Call(t, http.MethodGet, "/api/v1/namespaces/default/pods/p/log", "", "Accept", accept)
		var status struct{ Message string }
		if w.Code == http.StatusNotAcceptable {
			if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
				t.Fatal(err)
			}
		}
		if status.Message != want || want == "" && w.Code != http.StatusNoContent {
			t.Errorf("Accept %q: %d %q", accept, w.Code, w.Body)
		}
	}
}

// API-57, API-60: what is made for the answer alone has metadata, but no columns.
func TestReviewsAreNoTables(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for accept, want := range map[string]string{
		"application/json;as=Table;v=v1;g=meta.k8s.io":                 "only the following media types are accepted",
		"application/json;as=Table;v=v1;g=meta.k8s.io,*/*":             `"kind":"SelfSubjectReview"`,
		"application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io": `"kind":"PartialObjectMetadata"`,
	} {
		if w := s.Call(t, http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", `{}`, "Accept", accept); !strings.Contains(w.Body.String(), want) {
			t.Errorf("Accept %q: %d %s", accept, w.Code, w.Body)
		}
	}
}

// API-23: evictions are taken in their beta version too.
func TestEvictionInItsBetaVersion(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods", `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods/p/eviction", `{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"p"}}`)
	if w := s.Call(t, http.MethodPost, "/api/v1/namespaces/default/pods/p/eviction", `{"apiVersion":"policy/v1alpha1","kind":"Eviction","metadata":{"name":"p"}}`); w.Code != http.StatusBadRequest {
		t.Errorf("alpha: %d %s", w.Code, w.Body)
	}
}

// API-10, API-15: what does not mind the method answers one that HTTP does not know, and what is not served is not found by any.
func TestAnyMethodFindsTheSameDocuments(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for path, want := range map[string]int{
		"/apis": 200, "/apis/apps": 200, "/openapi/v3": 200, "/healthz": 200, "/livez/ping": 200, "/metrics": 200, "/metrics/slis": 200, "/": 200,
		"/api": 405, "/api/v1": 405, "/apis/apps/v1": 405, "/version": 405, "/api/v1/nodes": 405,
		"/apis/nope": 404, "/apis/nope/v1": 404, "/apis/nope/v1/foos": 404, "/apis/apps/v9": 404, "/api/v9": 404, "/nope": 404, "/logs": 404,
	} {
		for _, method := range []string{"FOO", http.MethodTrace, http.MethodOptions, http.MethodPut} {
			if w := s.Call(t, method, path, ""); w.Code != want {
				t.Errorf("%s %s: %d, want %d: %.80s", method, path, w.Code, want, w.Body)
			}
		}
	}
}

// API-17: the checks that somebody asked for are counted until somebody sets them back.
func TestHealthIsCounted(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodGet, "/livez/ping", "")
	s.Must(t, http.MethodGet, "/readyz", "")
	for _, tt := range []struct{ method, has, hasNot string }{
		{http.MethodGet, `kubernetes_healthcheck{name="ping",type="livez"} 1`, `name="log",type="livez"`},
		{http.MethodGet, `kubernetes_healthchecks_total{name="etcd",status="success",type="readyz"} 1`, `type="healthz"`},
		{http.MethodDelete, "metrics reset\n", "ping"},
		{http.MethodGet, "", "ping"},
	} {
		w := s.Call(t, tt.method, "/metrics/slis", "")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), tt.has) || strings.Contains(w.Body.String(), tt.hasNot) || w.Header().Get("Vary") != "" {
			t.Errorf("%s: %d %v %s, want %q and not %q", tt.method, w.Code, w.Header(), w.Body, tt.has, tt.hasNot)
		}
	}
	if w := s.Call(t, http.MethodDelete, "/metrics", ""); w.Body.String() != "metrics reset\n" {
		t.Errorf("DELETE /metrics: %d %s", w.Code, w.Body)
	}
}

// API-35, API-36: the documents of OpenAPI say what they are of, and tell of those that are no API objects.
func TestOpenAPISaysItsVersion(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for path, want := range map[string]string{
		"/openapi/v2":                                  `"/.well-known/openid-configuration/"`,
		"/openapi/v3/apis/apps/v1":                     `"/apis/apps/v1/"`,
		"/openapi/v3/version":                          `"/version/"`,
		"/openapi/v3/openid/v1/jwks":                   `"application/jwk-set+json":{"schema":{"type":"string"}}`,
		"/openapi/v3/.well-known/openid-configuration": `"components":{"securitySchemes"`,
	} {
		var doc struct {
			Info struct{ Title, Version string }
		}
		text := s.Must(t, http.MethodGet, path, "")
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Info.Title != "Kubernetes" || doc.Info.Version != "1.36" || !strings.Contains(text, want) {
			t.Errorf("%s: %+v, or without %s", path, doc.Info, want)
		}
	}
	// What names no media type at all is answered with nothing.
	if w := s.Call(t, http.MethodGet, "/openapi/v3/version", "", "Accept", "json"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("Accept json: %d %s", w.Code, w.Body)
	}
}

// API-232: a log has no metadata.
func TestALogHasNoMetadata(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods", `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	for _, tt := range []struct {
		as, path string
		code     int
		want     string
	}{
		{"PartialObjectMetadata", "p/log", 500, "object does not implement the Object interfaces"},
		{"PartialObjectMetadataList", "p/log", 406, "you requested PartialObjectMetadataList, but the requested object is not a list (*rest.LocationStreamer)"},
		{"PartialObjectMetadata", "q/log", 404, `pods \"q\" not found`},
		{"PartialObjectMetadata", "p/log?container=x", 400, "container x is not valid for pod p"},
	} {
		w := s.Call(t, http.MethodGet, "/api/v1/namespaces/default/pods/"+tt.path, "", "Accept", "application/json;as="+tt.as+";v=v1;g=meta.k8s.io")
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s %s: %d %s, want %d %s", tt.as, tt.path, w.Code, w.Body, tt.code, tt.want)
		}
	}
}
