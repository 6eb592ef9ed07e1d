package kubemint_test

import (
	"slices"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint"
)

// warned collects the warnings of a client.
type warned struct {
	mu    sync.Mutex
	texts []string
}

func (w *warned) HandleWarningHeader(_ int, _ string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

// API-98
func TestEndpointsAreDeprecated(t *testing.T) {
	t.Parallel()
	for minor, want := range map[string][]string{
		"1.36": {"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
		"1.30": nil,
	} {
		t.Run(minor, func(t *testing.T) {
			t.Parallel()
			r := start(t, kubemint.Config{EmulatedVersion: minor})
			var w warned
			cfg := r.RESTConfig()
			cfg.WarningHandler = &w
			c, err := kubernetes.NewForConfig(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.CoreV1().Endpoints("default").List(t.Context(), metav1.ListOptions{}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(w.texts, want) {
				t.Errorf("warnings %q, want %q", w.texts, want)
			}
		})
	}
}
