package kubemint_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint"
)

// whoami is who a way in is.
func whoami(t *testing.T, cfg *rest.Config) (authenticationv1.UserInfo, error) {
	t.Helper()
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	self, err := client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return self.Status.UserInfo, nil
}

// TestACertificateByHand: key and request made by openssl, approved, signed with the wanted life, good, and over at the cluster's time
// (CSR-1 to CSR-8, USR-2, design decision D6).
func TestACertificateByHand(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	key := r.read("testdata", "openssl", "jane.key")
	request := r.read("testdata", "openssl", "jane.csr") // openssl req -new -key jane.key -subj /O=dev/O=ops/CN=jane
	seconds := int32(3600)
	csrs := r.Admin.CertificatesV1().CertificateSigningRequests()
	csr, err := csrs.Create(t.Context(), &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "jane"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request: []byte(request), SignerName: certificatesv1.KubeAPIServerClientSignerName,
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}, ExpirationSeconds: &seconds,
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if csr.Spec.Username != "kubernetes-admin" {
		t.Errorf("asked for by %q", csr.Spec.Username)
	}
	csr.Status.Conditions = append(csr.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "KubectlApprove", Message: "by hand",
	})
	if _, err := csrs.UpdateApproval(t.Context(), "jane", csr, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	var cert []byte
	eventually(t, "the request is signed", func() bool {
		csr, err := csrs.Get(t.Context(), "jane", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cert = csr.Status.Certificate
		return len(cert) > 0
	})
	jane := rest.AnonymousClientConfig(r.Config)
	jane.CertData, jane.KeyData = cert, []byte(key)
	who, err := whoami(t, jane)
	if err != nil {
		t.Fatal(err)
	}
	if who.Username != "jane" || strings.Join(who.Groups, ",") != "dev,ops,system:authenticated" {
		t.Errorf("the certificate is %+v", who)
	}
	if id := who.Extra["authentication.kubernetes.io/credential-id"]; len(id) != 1 || !strings.HasPrefix(id[0], "X509SHA256=") {
		t.Errorf("USR-2: its credential is %v", id)
	}
	r.clock(`{"do":"advance","duration":"50m"}`)
	if _, err := whoami(t, jane); err != nil {
		t.Errorf("after 50 minutes: %v", err)
	}
	r.clock(`{"do":"advance","duration":"11m"}`)
	if who, err := whoami(t, jane); err == nil {
		t.Errorf("after its end it is still %+v", who)
	}
}

// TestCertificateAndToken: a good certificate wins over any bearer token; a bad one alone is a 401, and with a good token that counts
// (AUTH-3).
func TestCertificateAndToken(t *testing.T) {
	t.Parallel()
	r, other := start(t, kubemint.Config{}), start(t, kubemint.Config{})
	token := r.mint("default", authenticationv1.TokenRequestSpec{})
	send := func(cert *rest.Config, bearer string) int {
		t.Helper()
		tlsConfig, err := rest.TLSConfigFor(r.Config)
		if err != nil {
			t.Fatal(err)
		}
		tlsConfig = tlsConfig.Clone()
		tlsConfig.GetClientCertificate = nil
		tlsConfig.Certificates = nil
		if cert != nil {
			pair, err := tls.X509KeyPair(cert.CertData, cert.KeyData)
			if err != nil {
				t.Fatal(err)
			}
			tlsConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", r.Config.Host+"/api/v1/namespaces/default/secrets", nil)
		if err != nil {
			t.Fatal(err)
		}
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		client := &http.Transport{TLSClientConfig: tlsConfig, ForceAttemptHTTP2: true}
		defer client.CloseIdleConnections()
		resp, err := client.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, tt := range []struct {
		name   string
		cert   *rest.Config
		bearer string
		want   int
	}{
		{"the administrator's certificate", r.Config, "", 200},
		{"and a token that may not", r.Config, token, 200},
		{"and a bad token", r.Config, "nonsense", 200},
		{"a foreign certificate", other.Config, "", 401},
		{"and a good token, which may not", other.Config, token, 403},
		{"neither", nil, "", 403},
		{"a bad token", nil, "nonsense", 401},
	} {
		if got := send(tt.cert, tt.bearer); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestTheStaticTokenFile: opaque, without an end, read once (USR-5).
func TestTheStaticTokenFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(file, []byte("one,jane,7,\"dev,ops\"\n,nobody,1\ntwo,bob,8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, kubemint.Config{TokenAuthFile: file})
	who, err := whoami(t, r.with("one"))
	if err != nil || who.Username != "jane" || who.UID != "7" || strings.Join(who.Groups, ",") != "dev,ops,system:authenticated" || len(who.Extra) != 0 {
		t.Errorf("the first line is %+v (%v)", who, err)
	}
	if err := os.WriteFile(file, []byte("three,eve,9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.leap("100000h")
	r.accepted("ten years later", "two")
	r.refused("a line added while it runs", "three", "invalid bearer token")
	if c, err := kubemint.New(kubemint.Config{TokenAuthFile: filepath.Join(t.TempDir(), "none"), Ephemeral: true, Listen: "127.0.0.1:0"}); err != nil {
		t.Error(err)
	} else if err := c.Run(t.Context()); err == nil {
		t.Error("a token file that is not there stops nobody")
	}
}

// TestBootstrapTokens live in Secrets of kube-system, and end when those say (USR-8).
func TestBootstrapTokens(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	end := r.Clock().Now().Add(time.Hour).UTC().Format(time.RFC3339)
	secrets := r.Admin.CoreV1().Secrets("kube-system")
	if _, err := secrets.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-abcdef"}, Type: "bootstrap.kubernetes.io/token",
		StringData: map[string]string{"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
			"expiration": end, "auth-extra-groups": "system:bootstrappers:rack-1"},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const token = "abcdef.0123456789abcdef"
	who, err := whoami(t, r.with(token))
	if err != nil || who.Username != "system:bootstrap:abcdef" || strings.Join(who.Groups, ",") != "system:bootstrappers,system:bootstrappers:rack-1,system:authenticated" {
		t.Errorf("it is %+v (%v)", who, err)
	}
	r.refused("another secret", "abcdef.fedcba9876543210", "invalid bearer token")
	r.clock(`{"do":"advance","duration":"61m"}`)
	if code, _ := r.call(token, "GET", "/api", ""); code != 401 {
		t.Errorf("past its end: %d", code)
	}
	if err := secrets.Delete(t.Context(), "bootstrap-token-abcdef", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestImpersonation: only whom RBAC allows, each header for itself, and nobody's rights but those of the one impersonated (USR-20 to
// USR-24).
func TestImpersonation(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	as := func(cfg *rest.Config, who rest.ImpersonationConfig) (authenticationv1.UserInfo, error) {
		c := rest.CopyConfig(cfg)
		c.Impersonate = who
		return whoami(t, c)
	}
	who, err := as(r.Config, rest.ImpersonationConfig{UserName: "jane", UID: "7", Groups: []string{"dev"}, Extra: map[string][]string{"reason": {"test"}}})
	if err != nil || who.Username != "jane" || who.UID != "7" || strings.Join(who.Groups, ",") != "dev,system:authenticated" || who.Extra["reason"][0] != "test" {
		t.Errorf("the administrator becomes %+v (%v)", who, err)
	}
	who, err = as(r.Config, rest.ImpersonationConfig{UserName: "system:serviceaccount:default:robot"})
	if err != nil || strings.Join(who.Groups, ",") != "system:serviceaccounts,system:serviceaccounts:default,system:authenticated" {
		t.Errorf("as an account: %+v (%v)", who, err)
	}
	const (
		classic     = `users "jane" is forbidden: User "system:serviceaccount:default:default" cannot impersonate resource "users" in API group "" at the cluster scope`
		constrained = `cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`
	)
	for _, tt := range []struct {
		cluster *running
		want    string
	}{{r, constrained}, {start(t, kubemint.Config{EmulatedVersion: "1.35"}), classic}} { // USR-21, USR-24
		token := tt.cluster.mint("default", authenticationv1.TokenRequestSpec{})
		if _, err := as(tt.cluster.with(token), rest.ImpersonationConfig{UserName: "jane"}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("an account becomes jane: %v, want %s", err, tt.want)
		}
	}
	code, body := r.call("", "GET", "/api", "", "Impersonate-Group", "dev")
	if code != 400 && code != 500 || !strings.Contains(body, "without impersonating a user name") {
		t.Errorf("a group without a user: %d %s", code, body)
	}
	code, body = r.call("", "GET", "/api/v1/namespaces/default/secrets", "", "Impersonate-User", "jane")
	if code != 403 || !strings.Contains(body, `User \"jane\" cannot list resource \"secrets\"`) {
		t.Errorf("as jane: %d %s", code, body)
	}
}

// TestOpenSSLMadeIt keeps the fixture what it says it is.
func TestOpenSSLMadeIt(t *testing.T) {
	t.Parallel()
	for file, kind := range map[string]string{"jane.csr": "CERTIFICATE REQUEST", "jane.key": "PRIVATE KEY"} {
		b, err := os.ReadFile(filepath.Join("testdata", "openssl", file))
		if err != nil {
			t.Fatal(err)
		}
		if block, rest := pem.Decode(b); block == nil || block.Type != kind || len(rest) > 0 {
			t.Errorf("%s is no %s", file, kind)
		}
	}
}
