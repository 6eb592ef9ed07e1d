package authn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/pki"
)

// TestPrecedence is AUTH-1 to AUTH-3: which credential decides, and what a bad one does.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	stranger, err := pki.OpenCA("", start)
	if err != nil {
		t.Fatal(err)
	}
	jane, foreign, nameless := certificate(t, s.ca, "jane", "dev"), certificate(t, stranger, "eve"), certificate(t, s.ca, "", "dev")
	bearer := func(raw string) []string { return []string{"Authorization", "Bearer " + raw} }
	socket := func(protocols string) []string {
		return []string{"Connection", "keep-alive, Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Protocol", protocols}
	}
	encoded := "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte("bobs-token"))
	robot := "system:serviceaccount:ci:robot"
	for _, tt := range []struct {
		name    string
		cert    *x509.Certificate
		headers []string
		want    string // user name; "": 401
		method  Method
	}{
		{"nothing", nil, nil, request.Anonymous, Anonymous},
		{"certificate", jane, nil, "jane", Certificate},
		{"account token", nil, bearer(s.account(t)), robot, AccountToken},
		{"static token", nil, bearer("bobs-token"), "bob", StaticToken},
		{"scheme in any case", nil, []string{"Authorization", "bEaReR bobs-token"}, "bob", StaticToken},
		{"words after the token", nil, bearer("bobs-token and more"), "bob", StaticToken},
		{"certificate and good token: the certificate", jane, bearer(s.account(t)), "jane", Certificate},
		{"certificate and bad token: the certificate", jane, bearer("nonsense"), "jane", Certificate},
		{"foreign certificate alone", foreign, nil, "", ""},
		{"foreign certificate and good token", foreign, bearer(s.account(t)), robot, AccountToken},
		{"certificate without a name is no credential", nameless, nil, request.Anonymous, Anonymous},
		{"bad token", nil, bearer("nonsense"), "", ""},
		{"token for another audience", nil, bearer(s.account(t, "vault")), "", ""},
		{"two spaces: ignored", nil, []string{"Authorization", "Bearer  bobs-token"}, request.Anonymous, Anonymous},
		{"no token: ignored", nil, []string{"Authorization", "Bearer"}, request.Anonymous, Anonymous},
		{"Basic: ignored", nil, []string{"Authorization", "Basic Ym9iOmJvYg=="}, request.Anonymous, Anonymous},
		{"API-135 websocket", nil, socket("base64.binary.k8s.io, " + encoded), "bob", StaticToken},
		{"API-135 websocket token alone", nil, socket(encoded), "", ""},
		{"API-135 two websocket tokens", nil, socket("a, " + encoded + ", " + encoded), "", ""},
		{"API-135 websocket token badly encoded", nil, socket("a, base64url.bearer.authorization.k8s.io.***"), "", ""},
		{"API-135 unknown websocket token", nil, socket("a, base64url.bearer.authorization.k8s.io.eHh4"), "", ""},
		{"API-135 websocket without a token", nil, socket("base64.binary.k8s.io"), request.Anonymous, Anonymous},
		{"API-135 subprotocol without an upgrade", nil, []string{"Sec-WebSocket-Protocol", "a, " + encoded}, request.Anonymous, Anonymous},
	} {
		r := ask(tt.cert, tt.headers...)
		got, err := s.Authenticate(r)
		if tt.want == "" {
			var u *Unauthorized
			if got != nil || !errors.As(err, &u) || len(u.Attempts) == 0 || !apierrors.IsUnauthorized(err) {
				t.Errorf("%s: %+v, %v", tt.name, got, err)
			}
			continue
		}
		if err != nil || got.User.Name != tt.want || got.Method != tt.method {
			t.Errorf("%s: %+v, %v, want %s by %s", tt.name, got, err, tt.want, tt.method)
			continue
		}
		if tt.method != Anonymous && r.Header.Get("Authorization") != "" {
			t.Errorf("%s: the credential goes further in", tt.name)
		}
		if strings.Contains(r.Header.Get("Sec-Websocket-Protocol"), subprotocol) && tt.method != Anonymous {
			t.Errorf("%s: the token goes further in", tt.name)
		}
	}
}

func TestExtraSpaceIsWarnedOf(t *testing.T) { // AUTH-2
	t.Parallel()
	got, err := newScene(t).Authenticate(ask(nil, "Authorization", "Bearer  x"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the provided Authorization header contains extra space before the bearer token, and is ignored"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestUnauthorizedTellsNothingOnTheWire(t *testing.T) { // AUTH-4
	t.Parallel()
	_, err := newScene(t).Authenticate(ask(nil, "Authorization", "Bearer a.b.c"))
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		t.Fatalf("%v is no status", err)
	}
	if s := status.Status(); s.Message != "Unauthorized" || s.Code != 401 || s.Reason != "Unauthorized" || s.Details != nil {
		t.Errorf("status %+v", s)
	}
}

func TestTexts(t *testing.T) { // AUTH-21
	t.Parallel()
	s := newScene(t)
	expired := s.account(t)
	other := s.account(t, "vault")
	for raw, want := range map[string]string{
		"garbage": "invalid bearer token",
		"a.b.c":   "invalid bearer token",
		other:     `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["` + api + `"]]`,
	} {
		if _, err := s.Token(t.Context(), raw, nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	s.clock.pass(2 * time.Hour)
	if _, err := s.Token(t.Context(), expired, nil); err == nil || err.Error() != "[invalid bearer token, service account token has expired]" {
		t.Errorf("got %v", err)
	}
}

func TestTraceTellsWhatWasTried(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	stranger, err := pki.OpenCA("", start)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Authenticate(ask(certificate(t, stranger, "eve"), "Authorization", "Bearer "+s.account(t)))
	if err != nil {
		t.Fatal(err)
	}
	tried := got.Trace()
	if len(tried) != 2 || tried[0].Code != CodeCertAuthority || tried[0].Params["name"] != "eve" || tried[1].Method != AccountToken {
		t.Fatalf("trace %+v", tried)
	}
	for _, c := range tried[1].Checks {
		if c.Outcome != token.OK {
			t.Errorf("check %+v", c)
		}
	}
}

func TestCertificates(t *testing.T) { // USR-2, USR-3
	t.Parallel()
	s := newScene(t)
	jane := certificate(t, s.ca, "jane", "dev", "ops")
	for range 2 { // cold and remembered
		got, err := s.Authenticate(ask(jane))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(jane.Raw)
		want := &request.User{
			Name: "jane", Groups: []string{"dev", "ops", "system:authenticated"},
			Extra: map[string][]string{"authentication.kubernetes.io/credential-id": {"X509SHA256=" + hex.EncodeToString(sum[:])}},
		}
		if diff := cmp.Diff(want, got.User); diff != "" {
			t.Error(diff)
		}
	}
	got, err := s.Authenticate(ask(certificate(t, s.ca, "system:serviceaccount:ci:robot")))
	if err != nil || !cmp.Equal(got.User.Groups, []string{"system:authenticated"}) || got.User.UID != "" {
		t.Errorf("USR-3: %+v, %v", got, err)
	}
}

// TestCertificatesAreJudgedAtClusterTime also shows that a remembered certificate ends in time.
func TestCertificatesAreJudgedAtClusterTime(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	jane := certificate(t, s.ca, "jane")
	for _, step := range []struct {
		pass time.Duration
		code string
	}{{0, ""}, {time.Hour, ""}, {time.Second, CodeCertExpired}, {-2 * time.Hour, CodeCertNotYet}, {2 * time.Hour, CodeCertExpired}} {
		s.clock.pass(step.pass)
		_, err := s.Authenticate(ask(jane))
		var u *Unauthorized
		switch {
		case step.code == "" && err != nil:
			t.Errorf("at %v: %v", s.clock.Now(), err)
		case step.code != "" && (!errors.As(err, &u) || u.Attempts[0].Code != step.code):
			t.Errorf("at %v: %+v, want %s", s.clock.Now(), u, step.code)
		}
	}
}

func TestCertificateOddities(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	sign := func(usages []certificatesv1.KeyUsage, names ...pkix.AttributeTypeAndValue) *x509.Certificate {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
			Subject: pkix.Name{CommonName: "jane", ExtraNames: names},
		}, key)
		if err != nil {
			t.Fatal(err)
		}
		csr, err := x509.ParseCertificateRequest(der)
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.ca.SignCSR(csr, usages, start.Add(-time.Minute), start.Add(time.Hour))
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
	client := []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}
	uid := func(v string) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: uidAttribute, Value: v}
	}
	var u *Unauthorized
	if _, err := s.Authenticate(ask(sign([]certificatesv1.KeyUsage{certificatesv1.UsageServerAuth}))); !errors.As(err, &u) || u.Attempts[0].Code != CodeCertUsage {
		t.Errorf("a server's certificate: %v", err)
	}
	if got, err := s.Authenticate(ask(sign(client, uid("u-1")))); err != nil || got.User.UID != "u-1" {
		t.Errorf("one uid: %+v, %v", got, err)
	}
	if _, err := s.Authenticate(ask(sign(client, uid("u-1"), uid("u-2")))); !errors.As(err, &u) || u.Attempts[0].Code != CodeCertUID {
		t.Errorf("two uids: %v", err)
	}
	s.Era, _ = era.Parse("1.31")
	if got, err := s.Authenticate(ask(sign(client, uid("u-1")))); err != nil || got.User.UID != "" || got.User.Extra != nil {
		t.Errorf("1.31: %+v, %v", got, err)
	}
}

func TestStaticFile(t *testing.T) { // USR-5
	t.Parallel()
	s, err := ParseStaticTokens(strings.NewReader("one,alice,1\n\n,nobody,2\ntwo,bob,2,\"a,b\"\none,carol,3,system:authenticated\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"line 3: empty token, skipped", "line 5: the token of line 1 again; this line counts"}, s.Warnings()); diff != "" {
		t.Error(diff)
	}
	if u := s.user("one"); u.Name != "carol" || len(u.Groups) != 1 {
		t.Errorf("token one: %+v", u)
	}
	if u := s.user("two"); !cmp.Equal(u.Groups, []string{"a", "b", "system:authenticated"}) || u.UID != "2" {
		t.Errorf("token two: %+v", u)
	}
	if line, user := s.Line("two"); line != 4 || user != "bob" {
		t.Errorf("line %d, user %s", line, user)
	}
	if s.user("onf") != nil || s.user("") != nil || (*StaticTokens)(nil).user("one") != nil {
		t.Error("an unknown token has a user")
	}
	for text, want := range map[string]string{
		"a,b,c\nsecret-thing,x\n":   "line 2: 2 columns",
		"a,b,c\n\"secret-thing,x\n": "line 2:",
		"a,,c\n":                    "line 1: empty user name",
	} {
		_, err := ParseStaticTokens(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-thing") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := LoadStaticTokens(t.TempDir() + "/none"); err == nil {
		t.Error("a missing file was read")
	}
}

func TestBootstrapTokens(t *testing.T) { // USR-8
	t.Parallel()
	good := func() *corev1.Secret {
		return &corev1.Secret{Type: bootstrapType, Data: map[string][]byte{
			"token-id": []byte("abcdef"), "token-secret": []byte("0123456789abcdef"), "usage-bootstrap-authentication": []byte("true"),
			"expiration": []byte("2026-11-23T09:30:00Z"), "auth-extra-groups": []byte("system:bootstrappers:worker"),
		}}
	}
	for name, tt := range map[string]struct {
		change func(*corev1.Secret)
		raw    string
		groups []string
	}{
		"good":            {nil, "abcdef.0123456789abcdef", []string{"system:bootstrappers", "system:bootstrappers:worker", "system:authenticated"}},
		"no extra groups": {func(s *corev1.Secret) { delete(s.Data, "auth-extra-groups") }, "abcdef.0123456789abcdef", []string{"system:bootstrappers", "system:authenticated"}},
		"wrong secret":    {nil, "abcdef.0123456789abcdee", nil},
		"other id":        {nil, "abcdeg.0123456789abcdef", nil},
		"not enabled":     {func(s *corev1.Secret) { delete(s.Data, "usage-bootstrap-authentication") }, "abcdef.0123456789abcdef", nil},
		"other type":      {func(s *corev1.Secret) { s.Type = "Opaque" }, "abcdef.0123456789abcdef", nil},
		"ended":           {func(s *corev1.Secret) { s.Data["expiration"] = []byte("2026-11-23T08:29:00Z") }, "abcdef.0123456789abcdef", nil},
		"end unreadable":  {func(s *corev1.Secret) { s.Data["expiration"] = []byte("tomorrow") }, "abcdef.0123456789abcdef", nil},
		"system:masters":  {func(s *corev1.Secret) { s.Data["auth-extra-groups"] = []byte("system:masters") }, "abcdef.0123456789abcdef", nil},
	} {
		s := newScene(t)
		secret := good()
		if tt.change != nil {
			tt.change(secret)
		}
		s.secrets["kube-system/bootstrap-token-abcdef"] = secret
		got, err := s.Token(t.Context(), tt.raw, nil)
		if tt.groups == nil {
			if err == nil {
				t.Errorf("%s: accepted as %+v", name, got.User)
			}
			continue
		}
		if err != nil || got.User.Name != "system:bootstrap:abcdef" || !cmp.Equal(got.User.Groups, tt.groups) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAudiencesOfTokensThatKnowNone(t *testing.T) { // AUTH-31
	t.Parallel()
	s := newScene(t)
	if got, err := s.Token(t.Context(), "bobs-token", nil); err != nil || !cmp.Equal(got.Audiences, []string{api}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.Token(t.Context(), "bobs-token", []string{"vault", api}); err != nil || !cmp.Equal(got.Audiences, []string{api}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Token(t.Context(), "bobs-token", []string{"vault"}); err == nil {
		t.Error("a static token is good for vault")
	}
}

func TestAnonymousOff(t *testing.T) { // USR-7
	t.Parallel()
	s := newScene(t)
	s.NoAnonymous = true
	if _, err := s.Authenticate(ask(nil)); !apierrors.IsUnauthorized(err) {
		t.Errorf("no credential: %v", err)
	}
}

func BenchmarkAuthenticateToken(b *testing.B) {
	s := newScene(b)
	raw := "Bearer " + s.account(b)
	r := ask(nil)
	b.ReportAllocs()
	for b.Loop() {
		r.Header["Authorization"] = []string{raw}
		if _, err := s.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthenticateCertificate(b *testing.B) {
	s := newScene(b)
	r := ask(certificate(b, s.ca, "jane", "dev"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
