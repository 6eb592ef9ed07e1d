package apiserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// check is one line of a health answer.
type check struct {
	name string
	err  func() error
}

// health answers /healthz, /livez and /readyz (API-17, API-18).
type health struct {
	checks   []check // of all three
	ready    []check // of /readyz besides
	stopping atomic.Bool
	// metrics tell of the checks that somebody asked for (/metrics/slis).
	metrics *prometheus.Registry
	last    *prometheus.GaugeVec
	counted *prometheus.CounterVec
}

func newHealth(storage func() error, roles func() error, filled func() error) *health {
	fine := func() error { return nil }
	h := &health{metrics: prometheus.NewRegistry(), checks: []check{
		{"ping", fine}, {"log", fine}, {"etcd", storage},
		{"poststarthook/start-system-namespaces-controller", roles},
		{"poststarthook/rbac/bootstrap-roles", roles},
	}}
	h.ready = []check{{"informer-sync", filled}, {"shutdown", func() error {
		if h.stopping.Load() {
			return fmt.Errorf("process is shutting down")
		}
		return nil
	}}}
	h.last = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kubernetes_healthcheck",
		Help: "[STABLE] This metric records the result of a single healthcheck."}, []string{"name", "type"})
	h.counted = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubernetes_healthchecks_total",
		Help: "[STABLE] This metric records the results of all healthcheck."}, []string{"name", "status", "type"})
	h.metrics.MustRegister(h.last, h.counted)
	return h
}

// serve answers one of the three and its single checks.
func (h *health) serve(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		checks := h.checks
		if name == "readyz" {
			checks = slices.Concat(h.checks, h.ready)
		}
		if one, single := strings.CutPrefix(r.URL.Path, "/"+name+"/"); single {
			i := slices.IndexFunc(checks, func(c check) bool { return c.name == one })
			if i < 0 {
				http.NotFound(w, r)
				return
			}
			answerOne(w, h.ask(name, checks[i]))
			return
		}
		h.answer(w, r, name, checks)
	}
}

// reset forgets what was counted.
func (h *health) reset() {
	h.last.Reset()
	h.counted.Reset()
}

// ask makes a check and counts its outcome.
func (h *health) ask(of string, c check) error {
	err := c.err()
	status, value := "success", 1.0
	if err != nil {
		status, value = "error", 0
	}
	h.last.WithLabelValues(c.name, of).Set(value)
	h.counted.WithLabelValues(c.name, status, of).Inc()
	return err
}

// answerOne tells of one check, in as few words.
func answerOne(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, fmt.Sprintf("internal server error: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprint(w, "ok")
}

func (h *health) answer(w http.ResponseWriter, r *http.Request, name string, checks []check) {
	q := r.URL.Query()
	excluded := q["exclude"]
	var out strings.Builder
	failed := false
	for _, c := range checks {
		switch {
		case slices.Contains(excluded, c.name):
			excluded = slices.DeleteFunc(slices.Clone(excluded), func(e string) bool { return e == c.name })
			fmt.Fprintf(&out, "[+]%s excluded: ok\n", c.name)
		case h.ask(name, c) != nil:
			failed = true
			fmt.Fprintf(&out, "[-]%s failed: reason withheld\n", c.name)
		default:
			fmt.Fprintf(&out, "[+]%s ok\n", c.name)
		}
	}
	if len(excluded) > 0 {
		quoted := make([]string, len(excluded))
		for i, e := range excluded {
			quoted[i] = fmt.Sprintf("%q", e)
		}
		fmt.Fprintf(&out, "warn: some health checks cannot be excluded: no matches for %s\n", strings.Join(quoted, ", "))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if failed {
		http.Error(w, out.String()+name+" check failed", http.StatusInternalServerError)
		return
	}
	if _, verbose := q["verbose"]; !verbose {
		fmt.Fprint(w, "ok")
		return
	}
	fmt.Fprintf(w, "%s%s check passed\n", out.String(), name)
}
