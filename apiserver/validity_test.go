package apiserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// API-205, API-220: what a real server finds wrong, and what it lets fall without a word.
func TestWhatIsWrongAndWhatIsDropped(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/pods", `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	const (
		jobs   = "/apis/batch/v1/namespaces/default/jobs?dryRun=All"
		status = "/api/v1/namespaces/default/pods/p/status?dryRun=All"
		none   = "must match the name of an entry in `spec.resourceClaims`"
	)
	long := strings.Repeat("a", 64)
	job := func(name, labels string) string {
		return `{"metadata":{"name":"` + name + `"},"spec":{"template":{"metadata":{"labels":` + labels + `},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}`
	}
	for _, tt := range []struct {
		name, method, path, body string
		code                     int
		has, hasNot              string
	}{
		{"a long name", http.MethodPost, jobs, job(long, `null`), 422, "spec.template.labels: Invalid value", "metadata.labels: Invalid value"},
		{"a long name with labels", http.MethodPost, jobs, job(long, `{"a":"b"}`), 422, "metadata.labels: Invalid value", "metadata.name"},
		{"a good name", http.MethodPost, jobs, job("j", `null`), 201, `"labels":{"batch.kubernetes.io/controller-uid"`, "Invalid"},
		{"a status of no claim", http.MethodPatch, status, `{"status":{"resourceClaimStatuses":[{"name":"x"}]}}`, 422, "status.resourceClaimStatuses[0].name: Invalid value: \\\"x\\\": " + none, "Duplicate"},
		{"two of them", http.MethodPatch, status, `{"status":{"resourceClaimStatuses":[{"name":"x"},{"name":"x"}]}}`, 422, "status.resourceClaimStatuses[1].name: Duplicate value", "resourceClaimName"},
		{"a bad claim", http.MethodPatch, status, `{"status":{"resourceClaimStatuses":[{"name":"x","resourceClaimName":"Bad_"}]}}`, 422, "status.resourceClaimStatuses[0].resourceClaimName: Invalid value", "Duplicate"},
		{"a node's old configuration", http.MethodPost, "/api/v1/nodes?dryRun=All", `{"metadata":{"name":"n"},"spec":{"configSource":{}}}`, 201, `"name":"n"`, "configSource"},
	} {
		w := s.Call(t, tt.method, tt.path, tt.body, "Content-Type", map[string]string{http.MethodPatch: "application/merge-patch+json"}[tt.method])
		text := w.Body.String()
		if w.Code != tt.code || !strings.Contains(text, tt.has) || strings.Contains(strings.ReplaceAll(text, "f:configSource", ""), tt.hasNot) || w.Header().Get("Warning") != "" {
			t.Errorf("%s: %d %v %s, want %d with %q and without %q", tt.name, w.Code, w.Header()["Warning"], text, tt.code, tt.has, tt.hasNot)
		}
	}
}
