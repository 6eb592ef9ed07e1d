package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// authority is a throw-away CA.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert: cert, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a authority) issue(t testing.TB, cn string, hosts ...string) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: cn}, DNSNames: hosts,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// serve runs h with TLS on a new listener until the test ends.
func serve(t testing.TB, ca authority, h http.Handler) *Listener {
	t.Helper()
	certPEM, keyPEM := ca.issue(t, "server", ServerName)
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	l := NewListener()
	s := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert}}
	done := make(chan struct{})
	go func() { defer close(done); s.ServeTLS(l, "", "") }()
	t.Cleanup(func() { s.Close(); <-done })
	return l
}

func TestConfigSpeaksHTTP2WithItsCertificate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	var mu sync.Mutex
	remotes := map[string]int{} // connections by their TLS session, told apart by the exporter
	l := serve(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := r.TLS.ExportKeyingMaterial("test", nil, 8)
		mu.Lock()
		remotes[string(id)]++
		mu.Unlock()
		cm := corev1.ConfigMap{TypeMeta: metav1.TypeMeta{Kind: "ConfigMap", APIVersion: "v1"}, Data: map[string]string{"proto": r.Proto, "cn": ""}}
		if len(r.TLS.PeerCertificates) > 0 {
			cm.Data["cn"] = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(cm)
	}))
	for _, cn := range []string{"alice", "bob", ""} {
		var certPEM, keyPEM []byte
		if cn != "" {
			certPEM, keyPEM = ca.issue(t, cn)
		}
		cfg, err := Config(l, ca.pem, certPEM, keyPEM)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // two clientsets of one config share a connection
			c, err := kubernetes.NewForConfig(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				cm, err := c.CoreV1().ConfigMaps("a").Get(t.Context(), "b", metav1.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if cm.Data["proto"] != "HTTP/2.0" || cm.Data["cn"] != cn {
					t.Errorf("%q arrived as %v", cn, cm.Data)
				}
			}
		}
	}
	if len(remotes) != 3 {
		t.Errorf("%d connections for three identities, want 3", len(remotes))
	}
}

func TestConfigRefusesAnUnknownServer(t *testing.T) {
	t.Parallel()
	l := serve(t, newAuthority(t), http.NotFoundHandler())
	cfg, err := Config(l, newAuthority(t).pem, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CoreV1().ConfigMaps("a").Get(t.Context(), "b", metav1.GetOptions{}); err == nil {
		t.Fatal("a server of another CA was trusted")
	}
	if _, err := Config(l, []byte("no PEM"), nil, nil); err == nil {
		t.Error("a CA without a certificate was accepted")
	}
	if _, err := Config(l, newAuthority(t).pem, []byte("x"), []byte("y")); err == nil {
		t.Error("a broken client certificate was accepted")
	}
}

func BenchmarkGetOverListener(b *testing.B) {
	ca := newAuthority(b)
	body, _ := json.Marshal(corev1.ConfigMap{TypeMeta: metav1.TypeMeta{Kind: "ConfigMap", APIVersion: "v1"}, Data: map[string]string{"k": string(make([]byte, 1000))}})
	l := serve(b, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}))
	tr, err := Transport(l, ca.pem, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequest("GET", "https://kubernetes/api", nil)
			res, err := tr.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}
