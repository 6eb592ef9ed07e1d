package audit

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/apiserver/request"
)

var at = time.Date(2026, 11, 23, 8, 30, 0, 123456000, time.UTC)

func describe(method, url string, change func(*http.Request, *request.Scope)) *Request {
	r := httptest.NewRequest(method, url, nil)
	r.RequestURI, r.RemoteAddr = url, "127.0.0.1:50000"
	r.Header.Set("User-Agent", "kubectl/v1.36.2")
	s := &request.Scope{Info: request.Parse(r), AuditID: "1-2-3", User: &request.User{Name: "jane", Groups: []string{"dev"}}}
	if change != nil {
		change(r, s)
	}
	return Describe(r, s, at)
}

func TestEvent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		req     *Request
		outcome Outcome
		want    string
	}{
		{"API-250: a denied list", describe("GET", "/api/v1/namespaces/a/pods?limit=500", nil),
			Outcome{Code: 403, Reason: "Forbidden", Message: "no", Decided: true, Why: ""},
			`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1-2-3","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods?limit=500","verb":"list","user":{"username":"jane","groups":["dev"]},"sourceIPs":["127.0.0.1"],"userAgent":"kubectl/v1.36.2","objectRef":{"resource":"pods","namespace":"a","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","message":"no","reason":"Forbidden","code":403},"requestReceivedTimestamp":"2026-11-23T08:30:00.123456Z","stageTimestamp":"2026-11-23T08:30:00.123456Z","annotations":{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}}`},
		{"API-253: a non-resource request has no objectRef", describe("GET", "/version", nil), Outcome{Code: 200, Decided: true, Allowed: true, Why: "RBAC: allowed by …"},
			`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1-2-3","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"jane","groups":["dev"]},"sourceIPs":["127.0.0.1"],"userAgent":"kubectl/v1.36.2","responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T08:30:00.123456Z","stageTimestamp":"2026-11-23T08:30:00.123456Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by …"}}`},
		{"IMP-11: impersonation, by a constrained mode", describe("GET", "/api", func(_ *http.Request, s *request.Scope) {
			s.Real, s.Constraint = &request.User{Name: "boss"}, "impersonate:user-info"
		}), Outcome{Code: 200},
			`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1-2-3","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{"username":"boss"},"impersonatedUser":{"username":"jane","groups":["dev"]},"authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"},"sourceIPs":["127.0.0.1"],"userAgent":"kubectl/v1.36.2","responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T08:30:00.123456Z","stageTimestamp":"2026-11-23T08:30:00.123456Z"}`},
		{"a 401 says what was tried and never the token", describe("GET", "/api", func(r *http.Request, s *request.Scope) {
			s.User = nil
			r.Header.Set("Authorization", "Bearer very-secret")
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{}}}
			r.Header.Set("X-Forwarded-For", "10.1.1.1, 10.2.2.2")
		}), Outcome{Code: 401, Reason: "Unauthorized", Message: "Unauthorized"},
			`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1-2-3","stage":"ResponseStarted","requestURI":"/api","verb":"get","user":{},"sourceIPs":["10.1.1.1","10.2.2.2","127.0.0.1"],"userAgent":"kubectl/v1.36.2","responseStatus":{"metadata":{},"status":"Failure","message":"Authentication failed, attempted: bearer, x509","reason":"Unauthorized","code":401},"requestReceivedTimestamp":"2026-11-23T08:30:00.123456Z","stageTimestamp":"2026-11-23T08:30:00.123456Z"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tt.req.event(ResponseComplete, tt.outcome, at))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAttempted(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":              "Authentication failed, no credentials provided",
		"Bearer x":      "Authentication failed, attempted: bearer",
		"Basic amFuZTp": "Authentication failed, no credentials provided",
		"Basic YTpi":    "Authentication failed, attempted: basic",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		if got := attempted(r); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// Whatever comes side by side is in the file when Run has returned, each event in one piece; nobody else may read it.
func TestLogWritesWholeLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Open(path, func() time.Time { return at }, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	q := describe("GET", "/api/v1/"+strings.Repeat("x", 2000), nil)
	const writers, each = 8, 200
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range each {
				l.Add(q, ResponseComplete, Outcome{Code: 200})
			}
		})
	}
	group.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	l.Add(q, ResponseComplete, Outcome{Code: 200}) // late: nothing happens
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the log's mode is %v", info.Mode())
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
	}
	if n != writers*each+1 {
		t.Errorf("%d lines, want %d", n, writers*each+1)
	}
}

// blocked is a disk that takes nothing until it is released.
type blocked struct{ release chan struct{} }

func (b blocked) Write(p []byte) (int, error) { <-b.release; return len(p), nil }
func (blocked) Close() error                  { return nil }

func TestASlowDiskBoundsWhatWaits(t *testing.T) {
	t.Parallel()
	disk := blocked{make(chan struct{})}
	l := newLog(disk, func() time.Time { return at }, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	q := describe("GET", "/"+strings.Repeat("x", 1<<20), nil)
	added := make(chan struct{}, 64)
	var group sync.WaitGroup
	group.Go(func() {
		for range 32 {
			l.Add(q, ResponseComplete, Outcome{Code: 200})
			added <- struct{}{}
		}
	})
	for range 8 { // these fit
		<-added
	}
	close(disk.release)
	group.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
