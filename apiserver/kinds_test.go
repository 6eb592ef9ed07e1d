package apiserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// API-205 to API-222: what single kinds do with what they are sent.
func TestWhatKindsMakeOfWhatIsSent(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const ns = "/api/v1/namespaces/default"
	s.Must(t, http.MethodPost, ns+"/serviceaccounts", `{"metadata":{"name":"default"}}`)
	s.Call(t, http.MethodPost, "/apis/scheduling.k8s.io/v1/priorityclasses", `{"metadata":{"name":"system-node-critical"},"value":2000001000}`)
	s.Must(t, http.MethodPost, ns+"/services", `{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}`)
	merge := []string{"Content-Type", "application/merge-patch+json"}
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		code                     int
		want, without            string
	}{
		{"null is no bytes", "POST", ns + "/secrets?dryRun=All", `{"metadata":{"name":"x"},"data":{"a":null}}`, nil, 201, `"data":{"a":""}`, ""},
		{"an election's gate is off", "POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", `{"metadata":{"name":"l"},"spec":{"strategy":"x","preferredHolder":"a","holderIdentity":"b"}}`, nil, 201,
			`"spec":{"holderIdentity":"b"}`, `"strategy":"`},
		{"nor can it be put on later", "PATCH", "/apis/coordination.k8s.io/v1/namespaces/default/leases/l", `{"spec":{"strategy":"OldestEmulationVersion"}}`, merge, 200, `"spec":{"holderIdentity":"b"}`, `"strategy":"`},
		{"a name has no address", "POST", ns + "/services", `{"metadata":{"name":"n"},"spec":{"type":"ExternalName","externalName":"a.b","clusterIP":"10.96.3.3"}}`, nil, 422,
			"spec.clusterIPs: Forbidden: may not be set for ExternalName services", ""},
		{"nor traffic of its own", "PATCH", ns + "/services/s", `{"spec":{"type":"ExternalName","externalName":"a.b"}}`, merge, 200, `"type":"ExternalName"`, "internalTrafficPolicy\":\""},
		{"the system's own priorities stay", "DELETE", "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical", "", nil, 403, "this is a system priority class and cannot be deleted", ""},
		{"since when a pod is gated", "POST", ns + "/pods?dryRun=All", `{"metadata":{"name":"g"},"spec":{"schedulingGates":[{"name":"a.b/c"}],"containers":[{"name":"c","image":"i"}]}}`, nil, 201,
			`"type":"PodScheduled","status":"False","lastProbeTime":null,"lastTransitionTime":"2`, ""},
		{"no dry run of a stream", "POST", ns + "/pods/none/exec?dryRun=All", "", nil, 400, "dryRun is not supported", ""},
		{"how a set is updated, in the words of the server's inside", "POST", "/apis/apps/v1/namespaces/default/statefulsets?dryRun=All",
			`{"metadata":{"name":"s"},"spec":{"serviceName":"x","selector":{"matchLabels":{"a":"b"}},"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":0}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}`, nil, 422,
			`Invalid value: {\"Partition\":0,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'`, ""},
	} {
		w := s.Call(t, tt.method, tt.path, tt.body, tt.headers...)
		got := w.Body.String()
		if w.Code != tt.code || !strings.Contains(got, tt.want) || tt.without != "" && strings.Contains(got, tt.without) {
			t.Errorf("%s: %d %s\nwant %d …%s…", tt.name, w.Code, got, tt.code, tt.want)
		}
	}
}

// API-10: what a path does not offer is not deprecated.
func TestOnlyWhatIsOfferedWarns(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for method, want := range map[string]int{http.MethodGet: 1, http.MethodPut: 0} {
		if w := s.Call(t, method, "/api/v1/namespaces/default/endpoints", "{}"); len(w.Header().Values("Warning")) != want {
			t.Errorf("%s: %d %v", method, w.Code, w.Header().Values("Warning"))
		}
	}
}
