package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/pki"
	"github.com/kubemint/kubemint/kubelet"
)

// one is a node with a single pod whose only container has not started.
type one struct{ pod *corev1.Pod }

func (one) Name() string          { return "n1" }
func (o one) Pods() []*corev1.Pod { return []*corev1.Pod{o.pod} }
func (o one) Find(namespace, pod, _ string) (kubelet.Found, bool) {
	return kubelet.Found{Pod: o.pod}, namespace == o.pod.Namespace && pod == o.pod.Name
}

// node is a served node and how to reach it.
type node struct {
	url string
	ca  *pki.CA
	tls *tls.Config // trusts the node
	now time.Time
}

// serve serves a node whose API server knows the token "good" of ann, and lets each user do what may lists
// as VERB SUBRESOURCE.
func serve(t *testing.T, may map[string][]string, dial func(ctx context.Context, namespace, pod string, port uint16) (net.Conn, error)) *node {
	t.Helper()
	now := time.Now()
	ca, err := pki.OpenCA("", now)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Serving([]string{"127.0.0.1"}, now)
	if err != nil {
		t.Fatal(err)
	}
	api := fake.NewClientset()
	api.PrependReactor("create", "tokenreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenReview).DeepCopy()
		if review.Spec.Token == "good" {
			review.Status = authenticationv1.TokenReviewStatus{Authenticated: true, User: authenticationv1.UserInfo{Username: "ann", Groups: []string{"system:authenticated"}}}
		}
		return true, review, nil
	})
	api.PrependReactor("create", "subjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		r := review.Spec.ResourceAttributes
		if review.Spec.User == "broken" {
			return true, nil, fmt.Errorf("the server is away")
		}
		review.Status.Allowed = r.Resource == "nodes" && r.Name == "n1" && r.Version == "v1" && slices.Contains(may[review.Spec.User], r.Verb+" "+r.Subresource)
		return true, review, nil
	})
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "app", UID: "0000-1"}}
	pod.Spec.Containers = []corev1.Container{{Name: "c"}}
	s := httptest.NewUnstartedServer(New(Config{
		Node: one{pod}, Clock: clock.New(clock.Config{Now: now}), ClientCA: ca.Pool(), Client: api, DialPod: dial,
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert}
	s.StartTLS()
	t.Cleanup(s.Close)
	return &node{url: s.URL, ca: ca, tls: &tls.Config{RootCAs: ca.Pool()}, now: now}
}

// as is a client configuration with a certificate of the cluster's.
func (n *node) as(t *testing.T, user string) *tls.Config {
	t.Helper()
	certPEM, keyPEM, err := n.ca.Client(user, []string{"team"}, n.now, n.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	c := n.tls.Clone()
	c.Certificates = []tls.Certificate{pair}
	return c
}

func (n *node) get(t *testing.T, c *tls.Config, method, path string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, n.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestServerKnowsItsCallers(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{"ann": {"get proxy"}}, nil)
	other, err := pki.OpenCA("", n.now)
	if err != nil {
		t.Fatal(err)
	}
	stranger := (&node{ca: other, tls: n.tls, now: n.now}).as(t, "ann")
	block, _ := pem.Decode(n.ca.CertPEM())
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		client  *tls.Config
		headers []string
		code    int
		body    string
	}{
		{name: "nobody", client: n.tls, code: 401, body: "Unauthorized"},
		{name: "a certificate of another authority", client: stranger, code: 401, body: "Unauthorized"},
		{name: "a token that is none", client: n.tls, headers: []string{"Authorization", "Bearer bad"}, code: 401, body: "Unauthorized"},
		{name: "a password", client: n.tls, headers: []string{"Authorization", "Basic YTpi"}, code: 401, body: "Unauthorized"},
		{name: "a certificate", client: n.as(t, "ann"), code: 200, body: "ok"},
		{name: "a token", client: n.tls, headers: []string{"Authorization", "Bearer good"}, code: 200, body: "ok"},
		{name: "the certificate goes first", client: n.as(t, "bob"), headers: []string{"Authorization", "Bearer good"}, code: 403,
			body: "Forbidden (user=bob, verb=get, resource=nodes, subresource(s)=[healthz proxy])\n"},
		{name: "nobody to ask", client: n.as(t, "broken"), code: 500, body: "Authorization error (user=broken, verb=get, resource=nodes, subresource=healthz)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if code, body := n.get(t, tc.client, "GET", "/healthz", tc.headers...); code != tc.code || body != tc.body {
				t.Errorf("%d %q, want %d %q", code, body, tc.code, tc.body)
			}
		})
	}
}

func TestServerAsksForTheFinestRight(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{
		"pods": {"get pods"}, "health": {"get healthz"}, "metrics": {"get metrics"}, "config": {"get configz"},
		"proxy": {"get proxy", "create proxy"}, "reader": {"get proxy"}, "log": {"get log"},
	}, nil)
	for _, tc := range []struct {
		user, method, path string
		code               int
		subresources       string // those of a refusal
	}{
		{"pods", "GET", "/pods", 200, ""},
		{"pods", "GET", "/runningpods/", 200, ""},
		{"pods", "GET", "/healthz", 403, "[healthz proxy]"},
		{"pods", "GET", "/containerLogs/default/app/c", 403, "[proxy]"},
		{"pods", "POST", "/exec/default/app/c?command=id", 403, "[proxy]"},
		{"pods", "GET", "/pods/../exec/default/app/c", 403, "[proxy]"},
		{"health", "GET", "/healthz", 200, ""},
		{"health", "GET", "/healthz/ping", 200, ""},
		{"health", "GET", "/pods", 403, "[pods proxy]"},
		{"config", "GET", "/configz", 200, ""},
		{"config", "GET", "/flagz", 404, ""},
		{"metrics", "GET", "/metrics", 200, ""},
		{"proxy", "GET", "/metrics", 403, "[metrics]"},
		{"proxy", "GET", "/logs/", 403, "[log]"},
		{"log", "GET", "/logs/", 404, ""},
		{"proxy", "GET", "/stats/summary", 403, "[stats]"},
		{"proxy", "GET", "/pods", 200, ""},
		{"proxy", "GET", "/configz", 200, ""},
		{"proxy", "GET", "/containerLogs/default/nobody/c", 404, ""},
		{"proxy", "POST", "/run/default/nobody/c?cmd=id", 404, ""},
		{"proxy", "GET", "/containerLogs/default/app/c", 400, ""},
		{"reader", "POST", "/run/default/app/c?cmd=id", 403, "[proxy]"},
		{"reader", "DELETE", "/pods", 403, "[pods proxy]"},
		{"reader", "GET", "/portForward/default/nobody", 404, ""},
	} {
		t.Run(tc.user+" "+tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			code, body := n.get(t, n.as(t, tc.user), tc.method, tc.path)
			if code != tc.code {
				t.Errorf("%d %q, want %d", code, body, tc.code)
			}
			if tc.subresources == "" {
				return
			}
			verb := map[string]string{"GET": "get", "POST": "create", "DELETE": "delete"}[tc.method]
			if want := fmt.Sprintf("Forbidden (user=%s, verb=%s, resource=nodes, subresource(s)=%s)\n", tc.user, verb, tc.subresources); body != want {
				t.Errorf("refused with %q, want %q", body, want)
			}
		})
	}
}

func TestServerTellsOfItsPods(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{"ann": {"get proxy", "get metrics"}}, nil)
	for path, want := range map[string]string{
		"/pods":         `"items":[{"metadata":{"name":"app","namespace":"default"`,
		"/runningpods/": `"items":[]`,
		"/metrics":      "kubelet_node_name{node=\"n1\"} 1\n",
		"/configz":      `"anonymous":{"enabled":false}`,
	} {
		if code, body := n.get(t, n.as(t, "ann"), "GET", path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, body := n.get(t, n.as(t, "ann"), "GET", "/containerLogs/default/app/c"); code != 400 || strings.TrimSpace(body) != `container "c" in pod "app" is waiting to start: ContainerCreating` {
		t.Errorf("%d %q", code, body)
	}
}
