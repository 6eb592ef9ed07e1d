package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet"
)

// Node is what is served; *kubelet.Kubelet is one.
type Node interface {
	Name() string
	Find(namespace, pod, container string) (kubelet.Found, bool)
}

// Config says whose containers to serve, and to whom.
type Config struct {
	Node     Node
	Clock    *clock.Clock
	ClientCA *x509.CertPool       // vouches for callers
	Client   kubernetes.Interface // the node's own, to ask who may
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
		s.mux.HandleFunc(method+" /exec/{namespace}/{pod}/{container}", s.exec)
		s.mux.HandleFunc(method+" /attach/{namespace}/{pod}/{container}", s.attach)
	}
	return s
}

// ServeHTTP lets in whom it knows and who may.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, groups, err := s.authenticate(r)
	if err != nil {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	if err := s.authorize(r.Context(), user, groups, r.Method); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

var errNoCertificate = errors.New("no client certificate")

// authenticate verifies the client's certificate; TLS has only asked for one.
func (s *Server) authenticate(r *http.Request) (user string, groups []string, err error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return "", nil, errNoCertificate
	}
	between := x509.NewCertPool()
	for _, c := range r.TLS.PeerCertificates[1:] {
		between.AddCert(c)
	}
	leaf := r.TLS.PeerCertificates[0]
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots: s.cfg.ClientCA, Intermediates: between, CurrentTime: s.cfg.Clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return leaf.Subject.CommonName, leaf.Subject.Organization, err
}

// authorize asks whether a caller may use the node (get or create on nodes/proxy).
func (s *Server) authorize(ctx context.Context, user string, groups []string, method string) error {
	verb := "get"
	if method == http.MethodPost {
		verb = "create"
	}
	review, err := s.cfg.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{User: user, Groups: groups, ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: verb, Version: "v1", Resource: "nodes", Subresource: "proxy", Name: s.cfg.Node.Name(),
		}},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return fmt.Errorf("cannot ask whether %s may use node %s: %w", user, s.cfg.Node.Name(), err)
	case !review.Status.Allowed:
		return fmt.Errorf("Forbidden (user=%s, verb=%s, resource=nodes, subresource=proxy)", user, verb) //nolint:staticcheck // the text of a real node
	}
	return nil
}
