package kubemint_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint"
)

// patience is how long a test waits, in wall time, for what other goroutines do. Nothing that passes waits so long: a busy machine has its time.
const patience = 3 * time.Minute

// running is a whole cluster in this process.
type running struct {
	*kubemint.Cluster
	t      testing.TB
	Config *rest.Config
	Admin  kubernetes.Interface
	stop   func()
}

// start runs a cluster and waits until it is ready; it ends with the test. An empty configuration is an ephemeral cluster without nodes
// on a free port.
func start(t testing.TB, cfg kubemint.Config) *running {
	t.Helper()
	if cfg.DataDir == "" {
		cfg.Ephemeral = true
		cfg.DataDir = t.TempDir()
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	c, err := kubemint.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	stopped := false
	r := &running{Cluster: c, t: t}
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("the cluster ended with: %v", err)
			}
		case <-time.After(patience):
			t.Error("the cluster did not stop")
		}
	}
	t.Cleanup(r.stop)
	select {
	case <-c.Ready():
	case err := <-done:
		stopped = true
		cancel()
		t.Fatalf("the cluster did not start: %v", err)
	case <-time.After(patience):
		t.Fatal("the cluster did not get ready")
	}
	r.Config = c.RESTConfig()
	if r.Admin, err = kubernetes.NewForConfig(r.Config); err != nil {
		t.Fatal(err)
	}
	return r
}

// eventually polls until ok says so.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// with is the cluster's configuration with a bearer token in place of the administrator's certificate.
func (r *running) with(token string) *rest.Config {
	c := rest.AnonymousClientConfig(r.Config)
	c.BearerToken = token
	c.QPS = -1
	return c
}

// call sends one request and returns its code and body. token empty: as the administrator.
func (r *running) call(token, method, path, body string, headers ...string) (int, string) {
	r.t.Helper()
	cfg := r.Config
	if token != "" {
		cfg = r.with(token)
	}
	rt, err := rest.TransportFor(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.Config.Host+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
