package apiserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
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
}

func newHealth(storage func() error, roles func() error, filled func() error) *health {
	fine := func() error { return nil }
	h := &health{checks: []check{
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
			answerOne(w, checks[i])
			return
		}
		h.answer(w, r, name, checks)
	}
}

// answerOne tells of one check, in as few words.
func answerOne(w http.ResponseWriter, c check) {
	if err := c.err(); err != nil {
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
		case c.err() != nil:
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
