package certificates

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/clock"
)

// How long requests are kept (CSR-9).
const (
	keepDecided = time.Hour
	keepPending = 24 * time.Hour
)

// NewCleaning returns the loop that deletes old requests, each at its moment rather than at the next full hour. Keys
// are the requests' names.
func NewCleaning(e work.Env) *work.Loop {
	l := e.Loop("certificate cleaning")
	requests := e.Factory.Certificates().V1().CertificateSigningRequests().Lister()
	l.WatchKeys(e.CertificateSigningRequests())
	l.Sync = func(ctx context.Context, key string) error {
		req, err := requests.Get(key)
		if err != nil {
			l.Queue.NotAt(key)
			return work.Gone(err)
		}
		if end := keptUntil(req); e.Clock.Now().Before(end) {
			l.Queue.At(clock.Other, "certificatesigningrequest "+key+" cleaned away", key, end)
			return nil
		}
		return work.Gone(e.Client.CertificatesV1().CertificateSigningRequests().Delete(ctx, key,
			metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &req.UID}}))
	}
	return l
}

// keptUntil is the moment at which a request has been kept long enough.
func keptUntil(req *certificatesv1.CertificateSigningRequest) time.Time {
	end := req.CreationTimestamp.Add(keepPending)
	for i, kind := range []certificatesv1.RequestConditionType{certificatesv1.CertificateApproved, certificatesv1.CertificateDenied, certificatesv1.CertificateFailed} {
		if c := condition(req, kind); c != nil {
			if decided := c.LastUpdateTime.Add(keepDecided); i == 0 || decided.Before(end) {
				end = decided
			}
		}
	}
	if block, _ := pem.Decode(req.Status.Certificate); block != nil {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && cert.NotAfter.Before(end) {
			end = cert.NotAfter
		}
	}
	return end
}
