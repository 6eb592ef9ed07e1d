package kubemint_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint"
)

// as is a client of somebody else's, by impersonation.
func (r *running) as(user string, groups ...string) kubernetes.Interface {
	r.t.Helper()
	cfg := rest.CopyConfig(r.Config)
	cfg.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// serving is a certificate for what a node serves, by the way that real kubelets take: a request of the node's own, approved by a person.
func (r *running) serving(node kubernetes.Interface, name string) tls.Certificate {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:  pkix.Name{CommonName: "system:node:" + name, Organization: []string{"system:nodes"}},
		DNSNames: []string{name},
	}, key)
	if err != nil {
		r.t.Fatal(err)
	}
	csr, err := node.CertificatesV1().CertificateSigningRequests().Create(r.t.Context(), &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "serving-" + name},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), SignerName: certificatesv1.KubeletServingSignerName,
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageServerAuth},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	csr.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{
		{Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "Known", Message: "by hand"},
	}
	csrs := r.Admin.CertificatesV1().CertificateSigningRequests()
	if _, err := csrs.UpdateApproval(r.t.Context(), csr.Name, csr, metav1.UpdateOptions{}); err != nil {
		r.t.Fatal(err)
	}
	var chain []byte
	eventually(r.t, "the request is signed", func() bool {
		csr, err := csrs.Get(r.t.Context(), csr.Name, metav1.GetOptions{})
		if err != nil {
			r.t.Fatal(err)
		}
		chain = csr.Status.Certificate
		return len(chain) > 0
	})
	b, _ := pem.Decode(chain)
	return tls.Certificate{Certificate: [][]byte{b.Bytes}, PrivateKey: key}
}

// register makes a Node whose kubelet serves at address.
func register(t *testing.T, c kubernetes.Interface, name string, address net.Addr) {
	t.Helper()
	at := address.(*net.TCPAddr)
	_, err := c.CoreV1().Nodes().Create(t.Context(), &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status: corev1.NodeStatus{
			Addresses:       []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "no.such.host.invalid"}, {Type: corev1.NodeInternalIP, Address: at.IP.String()}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(at.Port)}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// A kubelet in another process joins by its Node object: the API server goes to it over TCP, shows its certificate, and wants one of the
// cluster's authority for the node's name.
func TestANodeOfAnotherProcessIsReachedByTCP(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	joined := r.as("system:node:joined", "system:nodes", "system:authenticated")
	kubelet := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		who := "nobody"
		if len(req.TLS.PeerCertificates) > 0 {
			who = req.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprintf(w, "%s to %s\n", who, req.URL.Path)
	}))
	kubelet.TLS = &tls.Config{Certificates: []tls.Certificate{r.serving(joined, "joined")}, ClientAuth: tls.RequestClientCert}
	kubelet.StartTLS()
	defer kubelet.Close()
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler()) // with a certificate of its own making
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()

	register(t, joined, "joined", kubelet.Listener.Addr())
	register(t, r.Admin, "stranger", stranger.Listener.Addr())
	for _, node := range []string{"joined", "stranger"} {
		if _, err := r.Admin.CoreV1().Pods("default").Create(t.Context(), &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "on-" + node},
			Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
		}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	out, code := r.kubectl("logs", "on-joined")
	if want := "kube-apiserver-kubelet-client to /containerLogs/default/on-joined/c\n"; out != want || code != 0 {
		t.Errorf("logs: %q, %d; want %q", out, code, want)
	}
	_, port, _ := net.SplitHostPort(kubelet.Listener.Addr().String())
	for _, path := range []string{"joined", "joined:" + port} {
		code, body := r.call("", http.MethodGet, "/api/v1/nodes/"+path+"/proxy/healthz", "")
		if code != http.StatusOK || body != "kube-apiserver-kubelet-client to /healthz\n" {
			t.Errorf("proxy to %s: %d %s", path, code, body)
		}
	}
	if out, code := r.kubectl("logs", "on-stranger"); code == 0 || !strings.Contains(out, "failed to verify certificate") {
		t.Errorf("logs from a node whose certificate is not the cluster's: %q, %d", out, code)
	}
}
