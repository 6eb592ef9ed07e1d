package certificates

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Figures of CSR-7.
const (
	maxDuration   = 8760 * time.Hour
	minDuration   = 10 * time.Minute
	backdate      = 5 * time.Minute
	backdateAfter = 8 * time.Hour
)

// Signer is the cluster's certificate authority.
type Signer interface {
	// SignCSR returns the certificate in PEM.
	SignCSR(csr *x509.CertificateRequest, usages []certificatesv1.KeyUsage, notBefore, notAfter time.Time) ([]byte, error)
	// NotAfter is the end of the authority's own certificate: nothing it signs lives longer.
	NotAfter() time.Time
}

// NewSigning returns the loop that signs approved requests. Keys are the requests' names.
func NewSigning(e work.Env, ca Signer) *work.Loop {
	l := e.Loop("certificate signing")
	requests := e.Factory.Certificates().V1().CertificateSigningRequests().Lister()
	l.WatchKeys(e.CertificateSigningRequests())
	l.Sync = func(ctx context.Context, key string) error {
		req, err := requests.Get(key)
		if err != nil {
			return work.Gone(err)
		}
		check := refusals[req.Spec.SignerName]
		if check == nil || len(req.Status.Certificate) > 0 || !is(req, certificatesv1.CertificateApproved) ||
			is(req, certificatesv1.CertificateDenied) || is(req, certificatesv1.CertificateFailed) {
			return nil
		}
		req = req.DeepCopy()
		now := e.Clock.Now()
		csr, err := parse(req.Spec.Request)
		if err == nil {
			err = check(req.Spec, csr)
		}
		if err != nil {
			add(req, certificatesv1.CertificateFailed, "SignerValidationFailure", err.Error(), now)
		} else {
			from, to := lifetime(req.Spec.ExpirationSeconds, now, ca.NotAfter())
			if req.Status.Certificate, err = ca.SignCSR(csr, req.Spec.Usages, from, to); err != nil {
				return fmt.Errorf("certificate signing request %s: %w", key, err)
			}
		}
		_, err = e.Client.CertificatesV1().CertificateSigningRequests().UpdateStatus(ctx, req, metav1.UpdateOptions{})
		return work.Gone(err)
	}
	return l
}

// lifetime is when a certificate begins and ends (CSR-7).
func lifetime(seconds *int32, now, end time.Time) (from, to time.Time) {
	d := maxDuration
	if seconds != nil {
		d = min(max(time.Duration(*seconds)*time.Second, minDuration), maxDuration)
	}
	from, to = now.Add(-backdate), now.Add(d)
	if d >= backdateAfter {
		to = from.Add(d)
	}
	if to.After(end) {
		to = end
	}
	return from, to
}

func is(req *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) bool {
	return condition(req, kind) != nil
}

func condition(req *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) *certificatesv1.CertificateSigningRequestCondition {
	for i := range req.Status.Conditions {
		if req.Status.Conditions[i].Type == kind {
			return &req.Status.Conditions[i]
		}
	}
	return nil
}

func add(req *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType, reason, message string, now time.Time) {
	req.Status.Conditions = append(req.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: message,
		LastUpdateTime: metav1.NewTime(now), LastTransitionTime: metav1.NewTime(now),
	})
}
