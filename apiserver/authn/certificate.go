package authn

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
)

// extraCredentialID names the certificate to the audit log (USR-2).
const extraCredentialID = token.ExtraCredentialID

// uidAttribute is the subject attribute that carries a user's uid (USR-2).
var uidAttribute = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57683, 2}

// certificate judges a client's chain at the cluster's time. Both results are nil for a certificate that names nobody, which is no
// credential.
func (a *Authenticator) certificate(chain []*x509.Certificate) (*Result, *Unauthorized) {
	if a.ClientCA == nil {
		return nil, nil
	}
	leaf, now := chain[0], a.Clock.Now()
	if known, ok := a.known.Get(leaf); ok && !now.Before(known.begins) && !now.After(known.ends) {
		return &Result{User: known.user, Method: Certificate, Certificate: leaf}, nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: a.ClientCA, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, badCertificate(leaf, now, err)
	}
	if leaf.Subject.CommonName == "" {
		return nil, nil
	}
	user, err := a.certificateUser(leaf)
	if err != nil {
		return nil, &Unauthorized{Attempts: []Attempt{{
			Method: Certificate, Outcome: token.Failed, Code: CodeCertUID, Text: err.Error(),
			Params: map[string]string{"name": leaf.Subject.CommonName},
		}}}
	}
	good := &goodCertificate{user: user}
	for _, c := range chains[0] {
		if c.NotBefore.After(good.begins) {
			good.begins = c.NotBefore
		}
		if good.ends.IsZero() || c.NotAfter.Before(good.ends) {
			good.ends = c.NotAfter
		}
	}
	a.known.Put(leaf, good)
	return &Result{User: user, Method: Certificate, Certificate: leaf}, nil
}

// certificateUser is USR-2: the common name, every organization a group.
func (a *Authenticator) certificateUser(leaf *x509.Certificate) (*request.User, error) {
	u := &request.User{Name: leaf.Subject.CommonName, Groups: withAuthenticated(leaf.Subject.Organization)}
	if a.Era.CertificateCredentialID() {
		sum := sha256.Sum256(leaf.Raw)
		u.Extra = map[string][]string{extraCredentialID: {"X509SHA256=" + hex.EncodeToString(sum[:])}}
	}
	if !a.Era.CertificateUID() {
		return u, nil
	}
	found := 0
	for _, attribute := range leaf.Subject.Names {
		if !attribute.Type.Equal(uidAttribute) {
			continue
		}
		found++
		uid, ok := attribute.Value.(string)
		if !ok || uid == "" {
			return nil, errors.New("unable to parse UID into a string")
		}
		u.UID = uid
	}
	if found > 1 {
		return nil, fmt.Errorf("expected 1 UID, but found multiple: %d", found)
	}
	return u, nil
}

func badCertificate(leaf *x509.Certificate, now time.Time, err error) *Unauthorized {
	a := Attempt{
		Method: Certificate, Outcome: token.Failed, Code: CodeCertOther,
		Params: map[string]string{"name": leaf.Subject.CommonName},
		Text:   fmt.Sprintf("verifying certificate SN=%d failed: %v", leaf.SerialNumber, err),
	}
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	const form = time.RFC3339
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(leaf.NotBefore):
		a.Code = CodeCertNotYet
		a.Params["begins"], a.Params["now"] = leaf.NotBefore.UTC().Format(form), now.UTC().Format(form)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		a.Code = CodeCertExpired
		a.Params["ended"], a.Params["now"] = leaf.NotAfter.UTC().Format(form), now.UTC().Format(form)
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		a.Code = CodeCertUsage
	case errors.As(err, &unknown):
		a.Code = CodeCertAuthority
		a.Params["issuer"] = leaf.Issuer.CommonName
	default:
		a.Params["error"] = err.Error()
	}
	return &Unauthorized{Attempts: []Attempt{a}}
}

// goodCertificate is a verified chain: it stays good while all of it is valid, since a certificate cannot be revoked (USR-2).
type goodCertificate struct {
	user         *request.User
	begins, ends time.Time
}

// remembered is how many certificates are kept. All requests of a connection bring the same *x509.Certificate, so that they are known
// by identity and cost no hash.
const remembered = 512
