package kubemint_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubemint/kubemint"
)

// TestTenThousandMalformedRequests: whatever comes, the server answers it with an error of the client's and then the next good request.
func TestTenThousandMalformedRequests(t *testing.T) {
	t.Parallel()
	const token = "malformed-token"
	tokens := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(tokens, []byte(token+",someone,1,system:masters\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, kubemint.Config{TokenAuthFile: tokens})
	handler := r.Server().Handler()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	noise := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.IntN(256))
		}
		return string(b)
	}
	failed := 0
	for range 10_000 {
		body := pick(
			"", "null", "[]", "{", `{"kind":`, `{"kind":"Secret"}`, `{"metadata":{"name":"\ud800"}}`, `{"metadata":{"labels":{"a":1}}}`, noise(64), "k8s\x00"+noise(40),
			strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), "a: &a [*a,*a]", "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]", "- - - -\n"+strings.Repeat(" -", 5_000),
			`[{"op":"copy","from":"/metadata","path":"/metadata/x"}]`, `[{"op":"remove"}]`, `{"metadata":{"managedFields":[{"fieldsV1":{"f:":{}}}]}}`)
		path := pick(
			"/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/configmaps/x", "/api/v1/namespaces/default/pods/x/binding", "/apis/apps/v1/namespaces/default/deployments/x/scale",
			"/api/v1/namespaces/%2e%2e/pods", "/api/v1/namespaces//pods", "/apis/nothing/v1/x", "/api/v1/nodes/kube-root-ca.crt/status") +
			pick("", "?limit=x", "?dryRun=some", "?fieldManager=%00", "?labelSelector=%21%21", "?fieldSelector=a%3D%3Db%3D", "?continue=AAAA", "?resourceVersion=-1", "?force=true", "?fieldManager=m&force=true")
		req := httptest.NewRequestWithContext(t.Context(), pick("POST", "PUT", "PATCH", "DELETE", "BREW"), path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", pick("", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json", "application/merge-patch+json",
			"application/strategic-merge-patch+json", "application/apply-patch+yaml", "text/plain", ";;"))
		req.Header.Set("Accept", pick("", "*/*", "application/json", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/yaml", "image/png", ";"))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if answer.Code >= 400 {
			failed++
		}
		if strings.Contains(answer.Body.String(), "caused apiserver to panic") {
			t.Fatalf("%s %s with %.80q as %s: it panicked", req.Method, path, body, req.Header.Get("Content-Type"))
		}
	}
	if failed < 9_000 {
		t.Errorf("only %d of the malformed requests were refused", failed)
	}
	if code, body := r.call("", http.MethodGet, "/api/v1/namespaces/default", ""); code != http.StatusOK {
		t.Errorf("the next good request: %d %s", code, body)
	}
}
