package admission

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/kubemint/kubemint/apiserver/request"
)

const (
	apiClientSigner      = certificatesv1.KubeAPIServerClientSignerName
	kubeletClientSigner  = certificatesv1.KubeAPIServerClientKubeletSignerName
	kubeletServingSigner = certificatesv1.KubeletServingSignerName
)

// certificateApproval asks for the verb approve on the signer (CSR-4, SPEC-2).
type certificateApproval struct{ may Authorize }

func (p *certificateApproval) validate(ctx context.Context, a *Attributes) error {
	if !a.is("certificates.k8s.io", "certificatesigningrequests", "approval") || a.Operation != Update {
		return nil
	}
	// The stored signer counts: a request could name another one.
	old, ok := a.Old.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return wrongType(a, a.Old)
	}
	if !maySigner(ctx, p.may, a.User, "approve", old.Spec.SignerName) {
		return forbiddenf(a, "user not permitted to approve requests with signerName %q", old.Spec.SignerName)
	}
	return nil
}

// certificateSigning asks for the verb sign on the signer when the certificate or the conditions change (CSR-5, SPEC-2).
type certificateSigning struct{ may Authorize }

func (p *certificateSigning) validate(ctx context.Context, a *Attributes) error {
	if !a.is("certificates.k8s.io", "certificatesigningrequests", "status") || a.Operation != Update {
		return nil
	}
	old, ok := a.Old.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return wrongType(a, a.Old)
	}
	now, ok := a.Object.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return wrongType(a, a.Object)
	}
	if bytes.Equal(old.Status.Certificate, now.Status.Certificate) && equality.Semantic.DeepEqual(old.Status.Conditions, now.Status.Conditions) {
		return nil
	}
	if !maySigner(ctx, p.may, a.User, "sign", old.Spec.SignerName) {
		return forbiddenf(a, "user not permitted to sign requests with signerName %q", old.Spec.SignerName)
	}
	return nil
}

// maySigner looks for a right on the signer itself, or on all of its domain ("example.com/*"). A failed look-up is no right.
func maySigner(ctx context.Context, may Authorize, user *request.User, verb, signer string) bool {
	if ok, _ := may(ctx, user, verb, "certificates.k8s.io", "signers", "", signer); ok {
		return true
	}
	domain, _, _ := strings.Cut(signer, "/")
	ok, _ := may(ctx, user, verb, "certificates.k8s.io", "signers", "", domain+"/*")
	return ok
}

// certificateSubject keeps the group that may do everything out of certificates that the cluster's users ask for (CSR-3).
type certificateSubject struct{}

func (certificateSubject) validate(_ context.Context, a *Attributes) error {
	if !a.is("certificates.k8s.io", "certificatesigningrequests", "") || a.Operation != Create {
		return nil
	}
	signer, parsed, err := certificateRequest(a)
	if err != nil || signer != apiClientSigner {
		return err
	}
	cr, err := parsed()
	if err != nil {
		return forbiddenf(a, "failed to parse CSR: %w", err)
	}
	if slices.Contains(cr.Subject.Organization, request.Masters) {
		return forbiddenf(a, "use of %s signer with system:masters group is not allowed", apiClientSigner)
	}
	return nil
}

// certificateRequest is the signer of the request's CSR and a function that reads the PKCS#10 in it.
func certificateRequest(a *Attributes) (string, func() (*x509.CertificateRequest, error), error) {
	csr, ok := a.Object.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return "", nil, wrongType(a, a.Object)
	}
	return csr.Spec.SignerName, func() (*x509.CertificateRequest, error) {
		block, _ := pem.Decode(csr.Spec.Request)
		if block == nil || block.Type != "CERTIFICATE REQUEST" {
			return nil, fmt.Errorf("PEM block type must be CERTIFICATE REQUEST")
		}
		return x509.ParseCertificateRequest(block.Bytes)
	}, nil
}
