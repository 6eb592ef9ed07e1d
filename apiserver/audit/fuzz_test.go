package audit

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver/request"
)

// FuzzEvent: whatever a request is made of, its event is one line of JSON and shows no credential.
func FuzzEvent(f *testing.F) {
	for _, s := range []string{"/api/v1/pods?watch=1", "/a\nb", "\xff\xfe", "//", "/api/v1/namespaces/x/secrets/y/z"} {
		f.Add(s, "agent/1", "10.0.0.1, ::1,,x", "10.0.0.2:5", "why", 200)
		f.Add(s, "\x00\u2028", "\xff", "", "\"", -1)
	}
	const secret = "4-credential-of-somebody"
	f.Fuzz(func(t *testing.T, uri, agent, forwarded, remote, why string, code int) {
		r, err := http.NewRequest(http.MethodGet, "http://h/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.RequestURI, r.URL.Path, r.RemoteAddr = uri, uri, remote
		r.Header = http.Header{"User-Agent": {agent}, "X-Forwarded-For": {forwarded}, "Authorization": {"Bearer " + secret}, "Sec-Websocket-Protocol": {"base64url.bearer.authorization.k8s.io." + secret}}
		scope := &request.Scope{Info: request.Parse(r), AuditID: why}
		q := Describe(r, scope, time.Unix(0, 0))
		for _, stage := range []Stage{ResponseStarted, ResponseComplete, Panic} {
			line, err := json.Marshal(q.event(stage, Outcome{Code: code, Reason: why, Message: why, Decided: true, Why: why}, time.Unix(1, 0)))
			if err != nil {
				t.Fatal(err)
			}
			if text := string(line); strings.Contains(text, "\n") || strings.Contains(text, secret) && !strings.Contains(uri+agent+forwarded+remote+why, secret) {
				t.Errorf("the event is %s", text)
			}
		}
	})
}
