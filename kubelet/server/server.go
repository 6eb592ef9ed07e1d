package server

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet"
)

// Node is what is served; *kubelet.Kubelet is one.
type Node interface {
	Name() string
	Find(namespace, pod, container string) (kubelet.Found, bool)
	// Pods are those of the node, as it last saw them: shared, never changed.
	Pods() []*corev1.Pod
}

// Config says whose containers to serve, and to whom.
type Config struct {
	Node     Node
	Clock    *clock.Clock
	ClientCA *x509.CertPool       // vouches for callers
	Client   kubernetes.Interface // the node's own, to ask who somebody is and what they may
	// DialPod connects to a port of a pod's loopback address; an error says why, as a dialer does. Nil: nobody
	// listens anywhere.
	DialPod func(ctx context.Context, namespace, pod string, port uint16) (net.Conn, error)
}

// Server is the node's handler.
type Server struct {
	cfg Config
	mux *http.ServeMux
}

// New returns a handler that starts nothing.
func New(c Config) *Server {
	s := &Server{cfg: c, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", s.logs)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, uid := range []string{"", "{uid}/"} {
			s.mux.HandleFunc(method+" /exec/{namespace}/{pod}/"+uid+"{container}", s.exec)
			s.mux.HandleFunc(method+" /attach/{namespace}/{pod}/"+uid+"{container}", s.attach)
		}
		s.mux.HandleFunc(method+" /portForward/{namespace}/{pod}", s.portForward)
		s.mux.HandleFunc(method+" /portForward/{namespace}/{pod}/{uid}", s.portForward)
	}
	s.mux.HandleFunc("POST /run/{namespace}/{pod}/{container}", s.run)
	s.mux.HandleFunc("POST /run/{namespace}/{pod}/{uid}/{container}", s.run)
	s.mux.HandleFunc("GET /pods", s.pods)
	s.mux.HandleFunc("GET /pods/{$}", s.pods)
	s.mux.HandleFunc("GET /runningpods/{$}", s.runningPods)
	s.mux.HandleFunc("GET /metrics", s.metrics)
	s.mux.HandleFunc("GET /configz", s.configuration)
	for _, name := range []string{"/healthz", "/healthz/{$}", "/healthz/ping", "/healthz/log", "/healthz/syncloop"} {
		s.mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	}
	return s
}

// ServeHTTP lets in whom it knows and who may.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, err := s.authenticate(r)
	if err != nil {
		plain(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	if code, refusal := s.authorize(r, user); code != 0 {
		plain(w, code, refusal)
		return
	}
	// What proves an identity is of no use to the steps below.
	r.Header.Del("Authorization")
	s.mux.ServeHTTP(w, r)
}

// plain answers with a text as it is.
func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text) // a caller that has gone needs none
}
