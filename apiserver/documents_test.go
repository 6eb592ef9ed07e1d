package apiserver_test

import (
	"encoding/json"
	"net/http"
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
