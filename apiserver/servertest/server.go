package servertest

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/pki"
	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"
)

// The bearer tokens of a Server: one of system:masters, and one of somebody who may do nothing.
const (
	AdminToken  = "admin-token"
	NobodyToken = "nobody-token"
)

// Server is an API server over storage in memory, without controllers.
type Server struct {
	*apiserver.Server
	Storage storage.Store
	Clock   *clock.Clock
	// Now is what the clock says, which stands still.
	Now time.Time

	authority *pki.CA
}

// Start runs a server until the test ends; change, if there is one, adapts its configuration. The system's namespaces, roles and the
// default namespace are there.
func Start(t testing.TB, change ...func(*apiserver.Config)) *Server {
	t.Helper()
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &Server{Storage: memory.New(), Clock: clock.New(clock.Config{Now: now, Paused: true}), Now: now}
	signer, err := pki.NewSigningKey("ES256")
	fail(err)
	keys, err := token.NewKeySet(signer)
	fail(err)
	ca, err := pki.OpenCA("", now)
	fail(err)
	s.authority = ca
	people, err := authn.ParseStaticTokens(strings.NewReader(AdminToken + ",admin,1,system:masters\n" + NobodyToken + ",nobody,2\n"))
	fail(err)
	cfg := apiserver.Config{
		Storage: s.Storage, Clock: s.Clock, Era: era.Default, Log: slog.New(slog.DiscardHandler),
		ClientCA: ca.Pool(), StaticTokens: people, Keys: keys, Issuers: []string{"https://kubernetes.default.svc"}, Address: "127.0.0.1:6443",
	}
	for _, f := range change {
		f(&cfg)
	}
	s.Server, err = apiserver.New(cfg)
	fail(err)
	ctx, cancel := context.WithCancel(context.Background())
	fail(s.Load(ctx))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		s.Clock.Close()
		if err := cfg.Storage.Close(); err != nil {
			t.Error(err)
		}
	})
	fail(s.Prepare(ctx, ca.CertPEM()))
	return s
}

// Request makes a request as the administrator. Headers come in pairs of name and value; a body without a Content-Type is JSON.
func Request(ctx context.Context, method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+AdminToken)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// Do sends one request, past the network.
func (s *Server) Do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// Call is Do of a Request.
func (s *Server) Call(t testing.TB, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return s.Do(Request(t.Context(), method, path, body, headers...))
}

// Must is Call of a request that has to succeed; it returns the body.
func (s *Server) Must(t testing.TB, method, path, body string, headers ...string) string {
	t.Helper()
	w := s.Call(t, method, path, body, headers...)
	if w.Code >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.String()
}

// Listen serves on the network as a cluster does, by TLS with HTTP/2 and HTTP/1.1, until the test ends. It returns the address, and what a
// client must trust. Little is on its way on its connections, so that a test need not send much to find out what happens when nobody
// reads.
func (s *Server) Listen(t testing.TB, c apiserver.Connections) (address string, trust *tls.Config) {
	t.Helper()
	cert, err := s.authority.Serving([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := c.Server(s.Handler())
	srv.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	done := make(chan error, 1)
	go func() { done <- srv.ServeTLS(small{ln}, "", "") }()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the listener ended with: %v", err)
		}
	})
	return ln.Addr().String(), &tls.Config{RootCAs: s.authority.Pool(), MinVersion: tls.VersionTLS12}
}

// small is a listener whose connections buffer little of what is sent.
type small struct{ net.Listener }

func (l small) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return c, c.(*net.TCPConn).SetWriteBuffer(64 << 10)
}
