package token

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/era"
)

// Issuer mints tokens.
type Issuer struct {
	Keys *KeySet
	// Name is the issuer claim: the first of the cluster's issuers.
	Name string
	Era  era.Era
	// NewID makes token ids; nil: random UUIDs.
	NewID func() string
}

// Request says what a bound token is for.
type Request struct {
	Namespace string
	Account   Ref
	// At most one of Pod, Secret and Node binds; Node beside Pod is information (TOK-15, TOK-16).
	Pod, Secret, Node *Ref
	Audiences         []string
	// Seconds is the life of the token itself.
	Seconds int64
	// WarnAfter seconds is when its holder should have changed it; 0: never (TOK-6).
	WarnAfter int64
}

// ErrNoSigningKey is returned by a cluster that only verifies.
var ErrNoSigningKey = errors.New("no signing key")

// Mint signs a bound token (JWT-1 to JWT-5). now is cut to whole seconds.
func (i *Issuer) Mint(r Request, now time.Time) (string, *Claims, error) {
	p := &Private{Namespace: r.Namespace, ServiceAccount: r.Account, Pod: r.Pod, Secret: r.Secret, Node: r.Node}
	if r.Pod != nil && !i.Era.PodNodeInfo() {
		p.Node = nil
	}
	if r.WarnAfter > 0 {
		at := Seconds(now.Unix() + r.WarnAfter)
		p.WarnAfter = &at
	}
	end := Seconds(now.Unix() + r.Seconds)
	c := &Claims{
		Audience:  r.Audiences,
		Expiry:    &end,
		IssuedAt:  seconds(now),
		Issuer:    i.Name,
		NotBefore: seconds(now),
		Private:   p,
		Subject:   request.AccountPrefix + r.Namespace + ":" + r.Account.Name,
	}
	if i.Era.JTI() {
		if c.ID = uuid.NewString(); i.NewID != nil {
			c.ID = i.NewID()
		}
	}
	raw, err := i.sign(c)
	return raw, c, err
}

// MintLegacy signs the token of a Secret (JWT-10): without an end, and with an RSA key the same one each time (JWT-11).
func (i *Issuer) MintLegacy(sa *corev1.ServiceAccount, secret string) (string, error) {
	return i.sign(&Claims{
		Issuer:    LegacyIssuer,
		Namespace: sa.Namespace,
		Secret:    secret,
		Account:   sa.Name,
		UID:       string(sa.UID),
		Subject:   request.AccountPrefix + sa.Namespace + ":" + sa.Name,
	})
}

// sign makes the compact form. The header holds alg and kid and nothing else, which is why golang-jwt's own builder, which adds typ,
// is not used for it.
func (i *Issuer) sign(c *Claims) (string, error) {
	k := i.Keys.Signing()
	if k == nil {
		return "", ErrNoSigningKey
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	b := make([]byte, 0, len(k.header)+2+base64.RawURLEncoding.EncodedLen(len(payload))+400)
	b = append(b, k.header...)
	b = append(b, '.')
	b = base64.RawURLEncoding.AppendEncode(b, payload)
	sig, err := k.method.Sign(string(b), k.signer)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", k.id, err)
	}
	end := Never
	if c.Expiry != nil {
		end = c.Expiry.Time()
	}
	k.noteEnd(end)
	b = append(b, '.')
	return string(base64.RawURLEncoding.AppendEncode(b, sig)), nil
}
