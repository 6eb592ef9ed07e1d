package authn

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/pki"
)

const api = "https://kubernetes.default.svc.cluster.local"

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }
func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// world holds one account, ci/robot, and whatever Secrets a test puts in.
type world struct{ secrets map[string]*corev1.Secret }

func missing(resource, name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)
}
func (*world) ServiceAccount(ns, name string) (*corev1.ServiceAccount, error) {
	if ns != "ci" || name != "robot" {
		return nil, missing("serviceaccounts", name)
	}
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, UID: "sa-1"}}, nil
}
func (*world) Pod(_, name string) (*corev1.Pod, error) { return nil, missing("pods", name) }
func (*world) Node(name string) (*corev1.Node, error)  { return nil, missing("nodes", name) }
func (w *world) Secret(ns, name string) (*corev1.Secret, error) {
	if s, ok := w.secrets[ns+"/"+name]; ok {
		return s, nil
	}
	return nil, missing("secrets", name)
}

type scene struct {
	*Authenticator
	*world
	clock  *hands
	ca     *pki.CA
	issuer *token.Issuer
}

func newScene(t testing.TB) *scene {
	t.Helper()
	key, err := pki.NewSigningKey(pki.ES256)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.NewKeySet(key)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := pki.OpenCA("", start)
	if err != nil {
		t.Fatal(err)
	}
	static, err := ParseStaticTokens(strings.NewReader("bobs-token,bob,42,\"developers,ops\"\nnodots,nina,7\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{world: &world{secrets: map[string]*corev1.Secret{}}, clock: &hands{now: start}, ca: ca}
	s.issuer = &token.Issuer{Keys: keys, Name: api}
	s.Authenticator = New(Config{
		ClientCA: ca.Pool(), Static: static, Bootstrap: true, Clock: s.clock,
		Tokens: token.NewVerifier(token.Config{Keys: keys, Issuers: []string{api}, Getter: s.world, Clock: s.clock}),
	})
	return s
}

// account mints a token of ci/robot for an hour.
func (s *scene) account(t testing.TB, audiences ...string) string {
	t.Helper()
	if audiences == nil {
		audiences = []string{api}
	}
	raw, _, err := s.issuer.Mint(token.Request{
		Namespace: "ci", Account: token.Ref{Name: "robot", UID: "sa-1"}, Audiences: audiences, Seconds: 3600,
	}, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// certificate makes a client certificate by ca, good for an hour.
func certificate(t testing.TB, ca *pki.CA, cn string, orgs ...string) *x509.Certificate {
	t.Helper()
	data, _, err := ca.Client(cn, orgs, start, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// ask makes a request with a certificate (may be nil) and headers, name and value in turn.
func ask(cert *x509.Certificate, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/v1/pods", nil)
	if cert != nil {
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}
