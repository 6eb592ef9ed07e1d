package kubemint_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint"
)

// TestABodyThatDoesNotComeIsNotWaitedFor: the time of a request ends also while its body is being read.
func TestABodyThatDoesNotComeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	transport, err := rest.TransportFor(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	never, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.Config.Host+"/api/v1/namespaces/default/configmaps?timeout=100ms",
		struct {
			io.Reader
			io.Closer
		}{io.MultiReader(strings.NewReader(`{"metadata":`), never), never})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	answer, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusGatewayTimeout || time.Since(begin) > patience {
		t.Errorf("got %d after %v, want 504 soon", answer.StatusCode, time.Since(begin))
	}
	if code, body := r.call("", http.MethodGet, "/api/v1/namespaces?timeout=soon", ""); code != http.StatusBadRequest || !strings.Contains(body, "invalid timeout specified in the request URL - ") {
		t.Errorf("a time-out that is none: %d %s", code, body)
	}
}
