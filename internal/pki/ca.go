package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint/internal/clock"
)

// begin is when the cluster's own certificates start: early, because a lesson's
// clock may stand years before the computer's, and each side judges by its own.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// CA is a certificate authority with an ECDSA P-256 key. It is immutable.
type CA struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
	pool *x509.CertPool
}

// OpenCA loads the authority in dir, or makes it; an empty dir keeps it in
// memory. A certificate without its key is an error, a key without its
// certificate (a start cut short) gets one. now is wall or cluster time, used to
// refuse an authority that has ended.
func OpenCA(dir string, now time.Time) (*CA, error) {
	if dir == "" {
		key, err := NewSigningKey(ES256)
		if err != nil {
			return nil, fmt.Errorf("make the CA's key: %w", err)
		}
		return newCA(key)
	}
	certPath, keyPath := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
	certPEM, err := os.ReadFile(certPath)
	switch {
	case err == nil:
		key, err := LoadPrivateKey(keyPath)
		if err != nil {
			return nil, fmt.Errorf("open the CA: %w", err)
		}
		ca, err := loadCA(certPEM, key, now)
		if err != nil {
			return nil, fmt.Errorf("open the CA in %s: %w", certPath, err)
		}
		return ca, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open the CA: %w", err)
	}
	key, err := OpenSigningKey(keyPath, ES256)
	if err != nil {
		return nil, fmt.Errorf("make the CA: %w", err)
	}
	ca, err := newCA(key)
	if err != nil {
		return nil, err
	}
	return ca, WriteFile(certPath, ca.pem)
}

func newCA(key crypto.Signer) (*CA, error) {
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: "kubemint"},
		NotBefore:             begin,
		NotAfter:              clock.End,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the CA's certificate: %w", err)
	}
	return loadCA(encodeCert(der), key, begin)
}

func loadCA(certPEM []byte, key crypto.Signer, now time.Time) (*CA, error) {
	block, _ := pem.Decode(certPEM)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no PEM block with a certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	public, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case !cert.IsCA:
		return nil, errors.New("not a CA's certificate")
	case !ok || !public.Equal(key.Public()):
		return nil, errors.New("certificate and key do not belong together")
	case now.After(cert.NotAfter):
		return nil, fmt.Errorf("ended at %s", cert.NotAfter.UTC().Format(time.RFC3339))
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &CA{cert: cert, key: key, pem: certPEM, pool: pool}, nil
}

// CertPEM is the CA's certificate. The caller must not change it.
func (c *CA) CertPEM() []byte { return c.pem }

// Pool holds the CA alone.
func (c *CA) Pool() *x509.CertPool { return c.pool }

// NotAfter is when the authority ends.
func (c *CA) NotAfter() time.Time { return c.cert.NotAfter }

// Serving makes a server's key and certificate for the names and addresses in
// hosts. It runs to the CA's end; now is when it begins to be used, and moves its
// start back if that lies before the usual one.
func (c *CA) Serving(hosts []string, now time.Time) (tls.Certificate, error) {
	if len(hosts) == 0 {
		return tls.Certificate{}, errors.New("serving certificate without a host")
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: hosts[0]},
		NotBefore:   begin,
		NotAfter:    c.cert.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if now.Before(begin) {
		template.NotBefore = now
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a serving key: %w", err)
	}
	der, err := c.sign(template, key.Public())
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a serving certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a serving certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Client makes a key and a certificate for user cn in the groups orgs (USR-2),
// from five minutes before now to notAfter; a zero notAfter is the CA's end, and
// such a certificate of the cluster's own parts begins as early as the CA.
func (c *CA) Client(cn string, orgs []string, now, notAfter time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a client key: %w", err)
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: cn, Organization: orgs},
		NotBefore:   now.Add(-5 * time.Minute),
		NotAfter:    notAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if notAfter.IsZero() {
		template.NotBefore, template.NotAfter = begin, c.cert.NotAfter
	}
	der, err := c.sign(template, key.Public())
	if err != nil {
		return nil, nil, fmt.Errorf("make a client certificate for %q: %w", cn, err)
	}
	keyPEM, err = EncodePrivateKey(key)
	return encodeCert(der), keyPEM, err
}

// sign completes a leaf's template. Its end is cut to the CA's (CSR-7).
func (c *CA) sign(template *x509.Certificate, key crypto.PublicKey) ([]byte, error) {
	template.SerialNumber = serial()
	template.BasicConstraintsValid = true // CA:FALSE, said explicitly
	if template.NotAfter.After(c.cert.NotAfter) {
		template.NotAfter = c.cert.NotAfter
	}
	return x509.CreateCertificate(rand.Reader, template, c.cert, key, c.key)
}

// serial is a random positive number of at most 127 bits.
func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

func encodeCert(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
