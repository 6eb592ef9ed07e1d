package certificates

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
)

// parse reads spec.request.
func parse(data []byte) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return nil, errors.New("PEM block type must be CERTIFICATE REQUEST")
	}
	return x509.ParseCertificateRequest(block.Bytes)
}

// refusals holds, per signer, what makes a request unfit for it. A signer not listed here is not ours.
var refusals = map[string]func(spec certificatesv1.CertificateSigningRequestSpec, csr *x509.CertificateRequest) error{
	certificatesv1.KubeAPIServerClientSignerName: func(spec certificatesv1.CertificateSigningRequestSpec, csr *x509.CertificateRequest) error {
		return clientUsages(spec.Usages)
	},
	certificatesv1.KubeAPIServerClientKubeletSignerName: func(spec certificatesv1.CertificateSigningRequestSpec, csr *x509.CertificateRequest) error {
		if err := nodeSubject(csr); err != nil {
			return err
		}
		switch {
		case len(csr.DNSNames) > 0:
			return errors.New("DNS subjectAltNames are not allowed")
		case len(csr.EmailAddresses) > 0:
			return errors.New("Email subjectAltNames are not allowed")
		case len(csr.IPAddresses) > 0:
			return errors.New("IP subjectAltNames are not allowed")
		case len(csr.URIs) > 0:
			return errors.New("URI subjectAltNames are not allowed")
		}
		return kubeletUsages(spec.Usages, certificatesv1.UsageClientAuth)
	},
	certificatesv1.KubeletServingSignerName: func(spec certificatesv1.CertificateSigningRequestSpec, csr *x509.CertificateRequest) error {
		if err := nodeSubject(csr); err != nil {
			return err
		}
		switch {
		case len(csr.DNSNames) == 0 && len(csr.IPAddresses) == 0:
			return errors.New("DNS or IP subjectAltName is required")
		case len(csr.EmailAddresses) > 0:
			return errors.New("Email subjectAltNames are not allowed")
		case len(csr.URIs) > 0:
			return errors.New("URI subjectAltNames are not allowed")
		}
		return kubeletUsages(spec.Usages, certificatesv1.UsageServerAuth)
	},
	legacyUnknown: func(certificatesv1.CertificateSigningRequestSpec, *x509.CertificateRequest) error { return nil },
}

const legacyUnknown = "kubernetes.io/legacy-unknown"

// nodeSubject wants the subject of a kubelet: O=system:nodes and CN=system:node:NAME.
func nodeSubject(csr *x509.CertificateRequest) error {
	if !slices.Equal(csr.Subject.Organization, []string{"system:nodes"}) {
		return errors.New("subject organization is not system:nodes")
	}
	if !strings.HasPrefix(csr.Subject.CommonName, "system:node:") {
		return errors.New("subject common name does not begin with system:node: ")
	}
	return nil
}

// clientUsages wants client auth, and besides it nothing but digital signature and key encipherment (CSR-6).
func clientUsages(usages []certificatesv1.KeyUsage) error {
	for _, u := range usages {
		if u != certificatesv1.UsageClientAuth && u != certificatesv1.UsageDigitalSignature && u != certificatesv1.UsageKeyEncipherment {
			return fmt.Errorf("invalid usage for client certificate: %s", u)
		}
	}
	if !slices.Contains(usages, certificatesv1.UsageClientAuth) {
		return fmt.Errorf("missing required usage for client certificate: %s", certificatesv1.UsageClientAuth)
	}
	return nil
}

// kubeletUsages wants exactly usage and digital signature, with or without key encipherment, which only RSA keys need.
func kubeletUsages(usages []certificatesv1.KeyUsage, usage certificatesv1.KeyUsage) error {
	want := []certificatesv1.KeyUsage{usage, certificatesv1.UsageDigitalSignature, certificatesv1.UsageKeyEncipherment}
	slices.Sort(want)
	have := slices.Clone(usages)
	slices.Sort(have)
	have = slices.Compact(have)
	without := slices.DeleteFunc(slices.Clone(want), func(u certificatesv1.KeyUsage) bool { return u == certificatesv1.UsageKeyEncipherment })
	if !slices.Equal(have, want) && !slices.Equal(have, without) {
		return fmt.Errorf("usages did not match %v", want)
	}
	return nil
}
