package certificates

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	ktesting "k8s.io/client-go/testing"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/pki"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func request(t *testing.T, name, signer string, subject pkix.Name, sans []string, usages ...certificatesv1.KeyUsage) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject, DNSNames: sans}, key)
	if err != nil {
		t.Fatal(err)
	}
	return &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: "u", CreationTimestamp: metav1.NewTime(morning)},
		Spec: certificatesv1.CertificateSigningRequestSpec{SignerName: signer, Usages: usages, Username: "asker",
			Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})},
	}
}

func approved(req *certificatesv1.CertificateSigningRequest) *certificatesv1.CertificateSigningRequest {
	add(req, certificatesv1.CertificateApproved, "KubectlApprove", "", morning)
	return req
}

type cluster struct {
	*clienttest.Clientset
	env work.Env
}

func newCluster(t *testing.T, objects ...runtime.Object) cluster {
	t.Helper()
	c := clienttest.NewClientset(objects...)
	clk := clock.New(clock.Config{Now: morning, Paused: true})
	t.Cleanup(clk.Close)
	return cluster{c, work.Env{Informers: &work.Informers{}, Factory: informers.NewSharedInformerFactory(c, 0), Client: c, Clock: clk,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
}

func (c cluster) run(t *testing.T, l *work.Loop) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx); c.env.Informers.Wait() }()
	t.Cleanup(func() { cancel(); <-done })
}

func (c cluster) get(t *testing.T, name string) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	req, err := c.CertificatesV1().CertificateSigningRequests().Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

var node = pkix.Name{Organization: []string{"system:nodes"}, CommonName: "system:node:n1"}

// CSR-6
func TestSigningRefusesWhatDoesNotFitTheSigner(t *testing.T) {
	t.Parallel()
	const (
		client, serving = certificatesv1.UsageClientAuth, certificatesv1.UsageServerAuth
		sign, encipher  = certificatesv1.UsageDigitalSignature, certificatesv1.UsageKeyEncipherment
		user            = certificatesv1.KubeAPIServerClientSignerName
		kubelet         = certificatesv1.KubeAPIServerClientKubeletSignerName
		kubeletServing  = certificatesv1.KubeletServingSignerName
	)
	alice := pkix.Name{CommonName: "alice"}
	for _, tc := range []struct {
		name, signer string
		subject      pkix.Name
		sans         []string
		usages       []certificatesv1.KeyUsage
		want         string
	}{
		{"user", user, alice, nil, []certificatesv1.KeyUsage{client, sign, encipher}, ""},
		{"user with names", user, alice, []string{"a.example"}, []certificatesv1.KeyUsage{client}, ""},
		{"user who would serve", user, alice, nil, []certificatesv1.KeyUsage{client, serving}, "invalid usage for client certificate: server auth"},
		{"user without client auth", user, alice, nil, []certificatesv1.KeyUsage{sign}, "missing required usage for client certificate: client auth"},
		{"kubelet", kubelet, node, nil, []certificatesv1.KeyUsage{client, sign}, ""},
		{"kubelet that is no node", kubelet, alice, nil, []certificatesv1.KeyUsage{client}, "organization"},
		{"kubelet with names", kubelet, node, []string{"n1"}, []certificatesv1.KeyUsage{client}, "DNS subjectAltNames"},
		{"serving", kubeletServing, node, []string{"n1"}, []certificatesv1.KeyUsage{serving, sign}, ""},
		{"serving without names", kubeletServing, node, nil, []certificatesv1.KeyUsage{serving, sign}, "DNS or IP subjectAltName is required"},
		{"serving with client auth", kubeletServing, node, []string{"n1"}, []certificatesv1.KeyUsage{client, serving}, "usages did not match [digital signature key encipherment server auth]"},
		{"anything", legacyUnknown, alice, nil, []certificatesv1.KeyUsage{certificatesv1.UsageCodeSigning}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ca, err := pki.OpenCA("", morning)
			if err != nil {
				t.Fatal(err)
			}
			c := newCluster(t, approved(request(t, "r", tc.signer, tc.subject, tc.sans, tc.usages...)))
			c.run(t, NewSigning(c.env, ca))
			eventually(t, "an answer", func() bool {
				r := c.get(t, "r")
				return len(r.Status.Certificate) > 0 || is(r, certificatesv1.CertificateFailed)
			})
			failed := condition(c.get(t, "r"), certificatesv1.CertificateFailed)
			switch {
			case tc.want == "" && failed != nil:
				t.Errorf("refused: %s", failed.Message)
			case tc.want != "" && (failed == nil || failed.Reason != "SignerValidationFailure" || !strings.Contains(failed.Message, tc.want)):
				t.Errorf("condition %+v, want %q", failed, tc.want)
			}
		})
	}
}

// CSR-4, CSR-5
func TestSigningWaitsForApprovalAndLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	ca, err := pki.OpenCA("", morning)
	if err != nil {
		t.Fatal(err)
	}
	alice := pkix.Name{CommonName: "alice"}
	denied := approved(request(t, "denied", certificatesv1.KubeAPIServerClientSignerName, alice, nil, certificatesv1.UsageClientAuth))
	add(denied, certificatesv1.CertificateDenied, "No", "", morning)
	c := newCluster(t,
		request(t, "waiting", certificatesv1.KubeAPIServerClientSignerName, alice, nil, certificatesv1.UsageClientAuth), denied,
		approved(request(t, "foreign", "example.com/signer", alice, nil, certificatesv1.UsageClientAuth)),
		approved(request(t, "sentinel", certificatesv1.KubeAPIServerClientSignerName, alice, nil, certificatesv1.UsageClientAuth)))
	l := NewSigning(c.env, ca)
	c.run(t, l)
	eventually(t, "the approved one signed", func() bool { return len(c.get(t, "sentinel").Status.Certificate) > 0 && len(l.Pending()) == 0 })
	for _, name := range []string{"waiting", "denied", "foreign"} {
		if len(c.get(t, name).Status.Certificate) > 0 {
			t.Errorf("%s was signed", name)
		}
	}
}

// CSR-7
func TestLifetime(t *testing.T) {
	t.Parallel()
	far := morning.AddDate(100, 0, 0)
	seconds := func(s int32) *int32 { return &s }
	for _, tc := range []struct {
		name    string
		seconds *int32
		end     time.Time
		to      time.Duration // from morning
	}{
		{"none asked", nil, far, 8760*time.Hour - 5*time.Minute},
		{"ten minutes", seconds(600), far, 10 * time.Minute},
		{"less than the least", seconds(60), far, 10 * time.Minute},
		{"eight hours", seconds(8 * 3600), far, 8*time.Hour - 5*time.Minute},
		{"two years", seconds(2 * 8760 * 3600), far, 8760*time.Hour - 5*time.Minute},
		{"past the authority's end", nil, morning.Add(time.Hour), time.Hour},
	} {
		from, to := lifetime(tc.seconds, morning, tc.end)
		if !from.Equal(morning.Add(-5*time.Minute)) || !to.Equal(morning.Add(tc.to)) {
			t.Errorf("%s: %v to %v", tc.name, from, to)
		}
	}
}

func TestApprovalAsksWhatTheRequesterMay(t *testing.T) {
	t.Parallel()
	own := request(t, "own", certificatesv1.KubeAPIServerClientKubeletSignerName, node, nil, certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature)
	own.Spec.Username = node.CommonName
	boot := request(t, "boot", certificatesv1.KubeAPIServerClientKubeletSignerName, node, nil, certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature)
	boot.Spec.Username = "bootstrapper"
	stranger := request(t, "stranger", certificatesv1.KubeAPIServerClientKubeletSignerName, node, nil, certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature)
	user := request(t, "user", certificatesv1.KubeAPIServerClientSignerName, node, nil, certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature)
	user.Spec.Username = "bootstrapper"
	c := newCluster(t, own, boot, stranger, user)
	c.PrependReactor("create", "subjectaccessreviews", func(a ktesting.Action) (bool, runtime.Object, error) {
		r := a.(ktesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		sub := r.Spec.ResourceAttributes.Subresource
		r.Status.Allowed = r.Spec.User == node.CommonName && sub == "selfnodeclient" || r.Spec.User == "bootstrapper" && sub == "nodeclient"
		return true, r, nil
	})
	l := NewApproval(c.env)
	c.run(t, l)
	eventually(t, "both approved", func() bool {
		return is(c.get(t, "own"), certificatesv1.CertificateApproved) && is(c.get(t, "boot"), certificatesv1.CertificateApproved) && len(l.Pending()) == 0
	})
	if got := c.get(t, "own").Status.Conditions[0]; got.Reason != "AutoApproved" || !strings.Contains(got.Message, "self kubelet") {
		t.Errorf("condition %+v", got)
	}
	for _, name := range []string{"stranger", "user"} {
		if len(c.get(t, name).Status.Conditions) > 0 {
			t.Errorf("%s was approved", name)
		}
	}
}

// CSR-9
func TestCleaningAtItsMoment(t *testing.T) {
	t.Parallel()
	ca, err := pki.OpenCA("", morning)
	if err != nil {
		t.Fatal(err)
	}
	alice := pkix.Name{CommonName: "alice"}
	mk := func(name string) *certificatesv1.CertificateSigningRequest {
		return request(t, name, certificatesv1.KubeAPIServerClientSignerName, alice, nil, certificatesv1.UsageClientAuth)
	}
	short := approved(mk("short"))
	csr, err := parse(short.Spec.Request)
	if err != nil {
		t.Fatal(err)
	}
	if short.Status.Certificate, err = ca.SignCSR(csr, short.Spec.Usages, morning, morning.Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, mk("pending"), approved(mk("approved")), short)
	l := NewCleaning(c.env)
	c.run(t, l)
	settle := func() {
		eventually(t, "idle", func() bool { return len(l.Pending()) == 0 && !c.env.CertificateSigningRequests().Behind() })
	}
	<-l.Ready()
	settle()
	for _, step := range []struct {
		to   time.Duration
		left []string
	}{
		{10*time.Minute - time.Second, []string{"short", "approved", "pending"}},
		{10 * time.Minute, []string{"approved", "pending"}},
		{time.Hour, []string{"pending"}},
		{24*time.Hour - time.Second, []string{"pending"}},
		{24 * time.Hour, nil},
	} {
		if d := morning.Add(step.to).Sub(c.env.Clock.Now()); d > 0 {
			if _, err := c.env.Clock.Advance(t.Context(), d, clock.Hooks{}); err != nil {
				t.Fatal(err)
			}
		}
		settle()
		eventually(t, step.to.String(), func() bool {
			l, err := c.CertificatesV1().CertificateSigningRequests().List(t.Context(), metav1.ListOptions{})
			return err == nil && len(l.Items) == len(step.left)
		})
	}
}
