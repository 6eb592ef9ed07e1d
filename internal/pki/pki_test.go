package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

var now = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func parseCert(t *testing.T, data []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatal("no PEM")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func memoryCA(t *testing.T) *CA {
	t.Helper()
	ca, err := OpenCA("", now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestOpenCA(t *testing.T) {
	t.Parallel()
	t.Run("makes it once, private and to the end of time", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "pki")
		first, err := OpenCA(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		again, err := OpenCA(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		if string(first.CertPEM()) != string(again.CertPEM()) {
			t.Error("the second start has another CA")
		}
		cert := parseCert(t, first.CertPEM())
		if !cert.IsCA || !cert.NotAfter.Equal(clock.End) {
			t.Errorf("CA %v, ends %v", cert.IsCA, cert.NotAfter)
		}
		for _, name := range []string{"ca.crt", "ca.key"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	})
	t.Run("a start cut short after the key is completed", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first, err := OpenCA(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "ca.crt")); err != nil {
			t.Fatal(err)
		}
		again, err := OpenCA(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		if !first.cert.PublicKey.(*ecdsa.PublicKey).Equal(again.cert.PublicKey) {
			t.Error("the key was thrown away")
		}
	})
	t.Run("damage is an error", func(t *testing.T) {
		t.Parallel()
		other := memoryCA(t)
		for name, harm := range map[string]func(dir string) error{
			"key missing":       func(d string) error { return os.Remove(filepath.Join(d, "ca.key")) },
			"key empty":         func(d string) error { return os.WriteFile(filepath.Join(d, "ca.key"), nil, 0o600) },
			"certificate empty": func(d string) error { return os.WriteFile(filepath.Join(d, "ca.crt"), nil, 0o600) },
			"of another key": func(d string) error {
				return os.WriteFile(filepath.Join(d, "ca.crt"), other.CertPEM(), 0o600)
			},
		} {
			dir := t.TempDir()
			if _, err := OpenCA(dir, now); err != nil {
				t.Fatal(err)
			}
			if err := harm(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenCA(dir, now); err == nil {
				t.Errorf("%s: opened", name)
			}
		}
	})
}

func TestServing(t *testing.T) {
	t.Parallel()
	ca := memoryCA(t)
	cert, err := ca.Serving([]string{"kubernetes", "localhost", "127.0.0.1", "::1"}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"kubernetes", "localhost", "127.0.0.1", "::1"} {
		for _, at := range []time.Time{now, now.AddDate(100, 0, 0)} {
			if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: ca.Pool(), CurrentTime: at}); err != nil {
				t.Errorf("%s at %v: %v", host, at, err)
			}
		}
	}
	if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: "example.org", Roots: ca.Pool(), CurrentTime: now}); err == nil {
		t.Error("serves example.org")
	}
	if _, err := ca.Serving(nil, now); err == nil {
		t.Error("a certificate for nobody")
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	ca := memoryCA(t)
	certPEM, keyPEM, err := ca.Client("jane", []string{"dev", "ops"}, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cert := parseCert(t, certPEM)
	if cert.Subject.CommonName != "jane" || len(cert.Subject.Organization) != 2 || cert.IsCA {
		t.Errorf("subject %v, CA %v", cert.Subject, cert.IsCA)
	}
	key, err := ParsePrivateKey(keyPEM)
	if err != nil || !cert.PublicKey.(*ecdsa.PublicKey).Equal(key.Public()) {
		t.Errorf("key does not belong to the certificate: %v", err)
	}
	verify := func(at time.Time) error {
		_, err := cert.Verify(x509.VerifyOptions{Roots: ca.Pool(), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		return err
	}
	if err := verify(now); err != nil {
		t.Error(err)
	}
	if verify(now.Add(2*time.Hour)) == nil {
		t.Error("still good after its end")
	}
	certPEM, _, err = ca.Client("system:kube-scheduler", nil, now, time.Time{})
	if cert := parseCert(t, certPEM); err != nil || !cert.NotAfter.Equal(clock.End) {
		t.Errorf("a component's certificate ends %v, %v", cert.NotAfter, err)
	}
}

func TestSignCSR(t *testing.T) {
	t.Parallel()
	ca := memoryCA(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "jane", Organization: []string{"dev"}}, DNSNames: []string{"jane.example"},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	usages := []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature}
	got, err := ca.SignCSR(csr, usages, now.Add(-5*time.Minute), clock.End.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	cert := parseCert(t, got)
	if cert.Subject.CommonName != "jane" || cert.IsCA || len(cert.DNSNames) != 1 ||
		cert.KeyUsage != x509.KeyUsageDigitalSignature || len(cert.ExtKeyUsage) != 1 || cert.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
		t.Errorf("certificate %+v", cert)
	}
	if !cert.NotAfter.Equal(ca.NotAfter()) {
		t.Errorf("outlives its CA: %v (CSR-7)", cert.NotAfter)
	}
	if _, err := ca.SignCSR(csr, []certificatesv1.KeyUsage{"world domination"}, now, now); err == nil {
		t.Error("an unknown usage was signed")
	}
	csr.Signature[5] ^= 1
	if _, err := ca.SignCSR(csr, usages, now, now); err == nil {
		t.Error("a request with a broken signature was signed")
	}
}

func TestOpenSigningKey(t *testing.T) {
	t.Parallel()
	for alg, want := range map[string]func(crypto.Signer) bool{
		"":    func(k crypto.Signer) bool { _, ok := k.(*ecdsa.PrivateKey); return ok },
		ES256: func(k crypto.Signer) bool { _, ok := k.(*ecdsa.PrivateKey); return ok },
		RS256: func(k crypto.Signer) bool { _, ok := k.(*rsa.PrivateKey); return ok },
	} {
		path := filepath.Join(t.TempDir(), "pki", "sa.key")
		key, err := OpenSigningKey(path, alg)
		if err != nil || !want(key) {
			t.Fatalf("%q: %T, %v", alg, key, err)
		}
		again, err := OpenSigningKey(path, ES256) // an existing key keeps its algorithm
		if err != nil || !want(again) || !again.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public()) {
			t.Errorf("%q: reopened as %T, %v", alg, again, err)
		}
	}
	if _, err := OpenSigningKey("", "HS256"); err == nil {
		t.Error("a key for HS256")
	}
	if key, err := OpenSigningKey("", ""); err != nil || key == nil {
		t.Errorf("in memory: %v", err)
	}
	if _, err := LoadPrivateKey(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestParsePublicKeys(t *testing.T) {
	t.Parallel()
	ca := memoryCA(t)
	ec, _ := NewSigningKey(ES256)
	rs, _ := NewSigningKey(RS256)
	block := func(kind string, der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	pkix, err := x509.MarshalPKIXPublicKey(ec.Public())
	file := block("PUBLIC KEY", pkix, err)
	sec1, err := x509.MarshalECPrivateKey(ec.(*ecdsa.PrivateKey))
	file = append(file, block("EC PRIVATE KEY", sec1, err)...)
	file = append(file, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rs.(*rsa.PrivateKey)), nil)...)
	file = append(file, block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rs.Public().(*rsa.PublicKey)), nil)...)
	file = append(file, block("EC PARAMETERS", []byte{6, 8}, nil)...)
	file = append(file, ca.CertPEM()...)
	keys, err := ParsePublicKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []crypto.PublicKey{ec.Public(), ec.Public(), rs.Public(), rs.Public(), ca.cert.PublicKey}
	if len(keys) != len(want) {
		t.Fatalf("%d keys, want %d", len(keys), len(want))
	}
	for i := range want {
		if !want[i].(interface{ Equal(crypto.PublicKey) bool }).Equal(keys[i]) {
			t.Errorf("key %d differs", i)
		}
	}
	for _, bad := range []string{"", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := ParsePublicKeys([]byte(bad)); err == nil {
			t.Errorf("%q gave keys", bad)
		}
	}
}
