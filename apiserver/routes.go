package apiserver

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// routes lists all that is served outside the resources.
func (s *Server) routes(r chi.Router) {
	// As in a real server, most documents do not mind the method, and those of its router are for GET alone.
	read := func(pattern string, h http.HandlerFunc) { r.Handle(pattern, h) }
	get := func(pattern string, h http.HandlerFunc, types ...string) { r.Get(pattern, routed(h, types...)) }
	for _, name := range []string{"healthz", "livez", "readyz"} {
		read("/"+name, s.health.serve(name))
		read("/"+name+"/*", s.health.serve(name))
	}
	get("/version", s.version, schema.MediaTypeJSON)
	get("/version/", s.version, schema.MediaTypeJSON)
	read("/metrics", plainly(promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}), s.observe.reset))
	read("/metrics/slis", plainly(promhttp.HandlerFor(s.health.metrics, promhttp.HandlerOpts{}), s.health.reset))

	read("/", s.index)
	get("/api", s.discovery.api)
	get("/api/", s.discovery.api)
	read("/apis", s.discovery.apis)
	read("/apis/", s.discovery.apis)
	r.Get("/api/{version}", s.discovery.version)
	r.Get("/api/{version}/", s.discovery.version)
	read("/apis/{group}", s.discovery.group)
	read("/apis/{group}/", s.discovery.group)
	r.Get("/apis/{group}/{version}", s.discovery.version)
	r.Get("/apis/{group}/{version}/", s.discovery.version)

	read("/openapi/v2", s.openAPI.v2)
	read("/openapi/v3", s.openAPI.index)
	read("/openapi/v3/*", s.openAPI.v3)

	if s.OIDC != nil {
		for _, path := range []string{"/.well-known/openid-configuration", "/openid/v1/jwks"} {
			get(path, s.OIDC.ServeHTTP, oidcType(path))
			get(path+"/", s.OIDC.ServeHTTP, oidcType(path))
		}
	}
	for pattern, h := range s.Own {
		r.Handle(pattern, h)
	}

	r.Handle("/api/*", s.rest)
	r.Handle("/apis/*", s.rest)
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) { rest.NotFoundPage(w) })
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) { rest.Error(w, r, rest.NotAllowed()) })
	for _, pattern := range []string{"/api/{version}", "/api/{version}/", "/apis/{group}/{version}", "/apis/{group}/{version}/"} {
		for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} { // else the resources' route takes them
			r.Method(method, pattern, http.HandlerFunc(s.discovery.readOnly))
		}
	}
}

// anyMethod has a method that HTTP does not know (FOO) routed as one that no document is for: as in a real server, what does not mind the
// method answers it, and the others refuse it as they refuse all but GET.
func anyMethod(next http.Handler) http.Handler {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(known, r.Method) {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodTrace
		}
		next.ServeHTTP(w, r)
	})
}

// plainly answers with metrics as a real server does: no Vary for the compression, and DELETE sets them back.
func plainly(metrics http.Handler, reset func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			reset()
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = fmt.Fprintln(w, "metrics reset") // a client that went away is not our error
			return
		}
		metrics.ServeHTTP(varyless{w}, r)
		w.Header().Del("Vary") // of an answer without a word
	}
}

// varyless is an answer that does not say what it varies by.
type varyless struct{ http.ResponseWriter }

func (w varyless) WriteHeader(code int) {
	w.Header().Del("Vary")
	w.ResponseWriter.WriteHeader(code)
}

func (w varyless) Write(b []byte) (int, error) {
	w.Header().Del("Vary")
	return w.ResponseWriter.Write(b)
}

// routed answers who accepts none of a document's types as a real server's router does (API-51); none given: those of API objects.
func routed(h http.HandlerFunc, types ...string) http.HandlerFunc {
	if len(types) == 0 {
		types = []string{schema.MediaTypeJSON, schema.MediaTypeYAML, schema.MediaTypeProtobuf}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if err := schema.Route(r.Header.Get("Accept"), types...); err != nil {
			rest.Error(w, r, err)
			return
		}
		h(w, r)
	}
}

// index lists the paths (API-11).
func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	paths := []string{"/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/readyz", "/version"}
	for gv := range s.discovery.lists {
		if gv != "v1" {
			paths = append(paths, "/apis/"+gv)
		}
	}
	for g := range s.discovery.byGroup {
		paths = append(paths, "/apis/"+g)
	}
	for p := range s.Own {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	rest.JSON(w, r, http.StatusOK, map[string][]string{"paths": slices.Compact(paths)})
}

// version says what this is (API-15): the version it behaves as, and that it is kubemint.
func (s *Server) version(w http.ResponseWriter, r *http.Request) {
	major, minor := "1", s.Era.Minor()
	rest.Indented(w, r, http.StatusOK, struct {
		Major                 string `json:"major"`
		Minor                 string `json:"minor"`
		EmulationMajor        string `json:"emulationMajor,omitempty"`
		EmulationMinor        string `json:"emulationMinor,omitempty"`
		MinCompatibilityMajor string `json:"minCompatibilityMajor,omitempty"`
		MinCompatibilityMinor string `json:"minCompatibilityMinor,omitempty"`
		GitVersion            string `json:"gitVersion"`
		GitCommit             string `json:"gitCommit"`
		GitTreeState          string `json:"gitTreeState"`
		BuildDate             string `json:"buildDate"`
		GoVersion             string `json:"goVersion"`
		Compiler              string `json:"compiler"`
		Platform              string `json:"platform"`
	}{major, minor, major, minor, major, previous(minor), s.Era.GitVersion(), s.Build.Commit, s.Build.State, s.Build.Date,
		runtime.Version(), runtime.Compiler, runtime.GOOS + "/" + runtime.GOARCH})
}

func previous(minor string) string {
	n, err := strconv.Atoi(minor)
	if err != nil {
		return minor
	}
	return strconv.Itoa(n - 1)
}
