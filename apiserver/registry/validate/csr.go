package validate

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// usages are all that a certificate may be asked for, in the order in which an error lists them.
var usages = []certificatesv1.KeyUsage{"any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
	"decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user",
	"key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"}

// leastCertificateSeconds is the shortest life a certificate may be asked for (CSR-2).
const leastCertificateSeconds = 600

// csr checks a request; old is nil for a new one. What an old one has already is let be.
func csr(r *report, o, old *certificatesv1.CertificateSigningRequest) {
	r.meta(&o.ObjectMeta, false, anyName)
	spec := field.NewPath("spec")
	if err := checkRequest(o.Spec.Request); err != nil {
		r.invalid(spec.Child("request"), o.Spec.Request, err.Error())
	}
	if len(o.Spec.Usages) == 0 {
		r.required(spec.Child("usages"), "")
	}
	for i, u := range o.Spec.Usages {
		oneOf(r, spec.Child("usages").Index(i), u, usages...)
	}
	for i, u := range o.Spec.Usages {
		if slices.Contains(o.Spec.Usages[:i], u) {
			r.duplicate(spec.Child("usages").Index(i), u)
		}
	}
	if o.Spec.SignerName == "kubernetes.io/legacy-unknown" {
		r.invalid(spec.Child("signerName"), o.Spec.SignerName, "the legacy signerName is not allowed via this API version")
	} else {
		r.signer(spec.Child("signerName"), o.Spec.SignerName)
	}
	if s := o.Spec.ExpirationSeconds; s != nil && *s < leastCertificateSeconds {
		r.invalid(spec.Child("expirationSeconds"), *s, "may not specify a duration less than 600 seconds (10 minutes)")
	}
	csrConditions(r, o.Status.Conditions)
	if old != nil && (bytes.Equal(o.Status.Certificate, old.Status.Certificate) || checkCertificate(old.Status.Certificate) != nil) {
		return
	}
	if err := checkCertificate(o.Status.Certificate); err != nil {
		r.invalid(field.NewPath("status", "certificate"), "<certificate data>", err.Error())
	}
}

// checkRequest reads the PKCS#10 in a request and checks that its key signed it.
func checkRequest(data []byte) error {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return errors.New("PEM block type must be CERTIFICATE REQUEST")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return err
	}
	return request.CheckSignature()
}

// checkCertificate: nothing, or certificates alone.
func checkCertificate(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	n := 0
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return fmt.Errorf("only CERTIFICATE PEM blocks are allowed, found %q", block.Type)
		}
		if len(block.Headers) != 0 {
			return errors.New("no PEM block headers are permitted")
		}
		if _, err := x509.ParseCertificates(block.Bytes); err != nil {
			return err
		}
		n++
		data = rest
	}
	if n == 0 {
		return errors.New("must contain at least one CERTIFICATE PEM block")
	}
	return nil
}

// csrConditions: a request is approved or denied, and that is never untrue (CSR-5).
func csrConditions(r *report, list []certificatesv1.CertificateSigningRequestCondition) {
	at := field.NewPath("status", "conditions")
	seen := map[certificatesv1.RequestConditionType]bool{}
	for i, c := range list {
		if c.Type == "" {
			r.required(at.Index(i).Child("type"), "")
		}
		switch c.Type {
		case certificatesv1.CertificateApproved, certificatesv1.CertificateDenied, certificatesv1.CertificateFailed:
			need(r, at.Index(i).Child("status"), c.Status, corev1.ConditionTrue)
		default:
			need(r, at.Index(i).Child("status"), c.Status, corev1.ConditionFalse, corev1.ConditionTrue, corev1.ConditionUnknown)
		}
		if (c.Type == certificatesv1.CertificateApproved && seen[certificatesv1.CertificateDenied]) ||
			(c.Type == certificatesv1.CertificateDenied && seen[certificatesv1.CertificateApproved]) {
			r.invalid(at, c.Type, "Approved and Denied conditions are mutually exclusive")
		}
		if seen[c.Type] {
			r.duplicate(at.Index(i).Child("type"), c.Type)
		}
		seen[c.Type] = true
	}
}

func updateCSR(r *report, o, old *certificatesv1.CertificateSigningRequest, subresource string) {
	csr(r, o, old)
	at := field.NewPath("status", "conditions")
	of := func(l []certificatesv1.CertificateSigningRequestCondition, t certificatesv1.RequestConditionType) (found []certificatesv1.CertificateSigningRequestCondition) {
		for _, c := range l {
			if c.Type == t {
				found = append(found, c)
			}
		}
		return found
	}
	decided := []certificatesv1.RequestConditionType{certificatesv1.CertificateApproved, certificatesv1.CertificateDenied}
	for _, t := range append(decided, certificatesv1.CertificateFailed) {
		if len(of(o.Status.Conditions, t)) < len(of(old.Status.Conditions, t)) {
			r.forbidden(at, fmt.Sprintf("updates may not remove a condition of type %q", t))
		}
	}
	if subresource != "approval" {
		for _, t := range decided {
			now, was := of(o.Status.Conditions, t), of(old.Status.Conditions, t)
			switch {
			case len(now) > len(was):
				r.forbidden(at, fmt.Sprintf("updates may not add a condition of type %q", t))
			case len(now) == len(was) && !equality.Semantic.DeepEqual(was, now):
				r.forbidden(at, fmt.Sprintf("updates may not modify a condition of type %q\n%v", t, diff.Diff(was, now)))
			}
		}
	}
	if !bytes.Equal(o.Status.Certificate, old.Status.Certificate) {
		certificate := field.NewPath("status", "certificate")
		switch {
		case subresource != "status":
			r.forbidden(certificate, "updates may not set certificate content")
		case len(old.Status.Certificate) > 0:
			r.forbidden(certificate, "updates may not modify existing certificate content")
		}
	}
	r.metaUpdate(&o.ObjectMeta, &old.ObjectMeta)
}
