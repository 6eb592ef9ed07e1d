package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Key is one key of a KeySet. It is immutable.
type Key struct {
	id      string
	alg     string
	public  crypto.PublicKey
	methods []string // algorithms this key may verify (JWT-21)
	parser  *jwt.Parser

	signer crypto.Signer // nil for keys that only verify
	method jwt.SigningMethod
	header string // of every token it signs, encoded

	// until bounds what the key is good for: tokens issued later are refused. Zero: no bound. A restored snapshot keeps the old
	// key only for tokens from before the snapshot.
	until time.Time

	// signed is the latest end, in Unix seconds, of the tokens it signed. A pointer, as superseding copies the key.
	signed *atomic.Int64
}

// ID is the key's kid: a hash of the public key (JWT-2).
func (k *Key) ID() string { return k.id }

// Alg is the algorithm the key signs with, or is announced for.
func (k *Key) Alg() string { return k.alg }

// Public is the public half.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Until is the last moment at which a token can have been issued by this key; zero if there is no such bound.
func (k *Key) Until() time.Time { return k.until }

// SignedUntil is the latest end of the tokens the key is known to have signed: while it lies ahead, retiring the key ends tokens. Zero:
// it signed none. Never: some of them, legacy ones, have no end.
func (k *Key) SignedUntil() time.Time {
	s := k.signed.Load()
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// Never is the end of a token without one.
var Never = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// noteEnd raises SignedUntil.
func (k *Key) noteEnd(end time.Time) {
	for {
		old := k.signed.Load()
		if end.Unix() <= old || k.signed.CompareAndSwap(old, end.Unix()) {
			return
		}
	}
}

// LogValue keeps key material out of logs.
func (k *Key) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kid", k.id), slog.String("alg", k.alg))
}

// newKey makes a verification key.
func newKey(public crypto.PublicKey) (*Key, error) {
	alg, methods, err := algorithms(public)
	if err != nil {
		return nil, err
	}
	id, err := keyID(public)
	if err != nil {
		return nil, err
	}
	return &Key{
		id: id, alg: alg, public: public, methods: methods, signed: new(atomic.Int64),
		parser: jwt.NewParser(jwt.WithValidMethods(methods), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()),
	}, nil
}

// newSigningKey makes a key that signs, too (JWT-3).
func newSigningKey(signer crypto.Signer) (*Key, error) {
	k, err := newKey(signer.Public())
	if err != nil {
		return nil, err
	}
	switch signer.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
	default:
		return nil, fmt.Errorf("a %T cannot sign tokens: RSA or ECDSA is needed", signer)
	}
	k.signer, k.method = signer, jwt.GetSigningMethod(k.alg)
	header, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}{k.alg, k.id})
	if err != nil {
		return nil, err
	}
	k.header = base64.RawURLEncoding.EncodeToString(header)
	return k, nil
}

// keyID is the unpadded base64url SHA-256 of the key in PKIX form (JWT-2).
func keyID(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("make a key's id: %w", err)
	}
	sum := sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// algorithms names the algorithm a public key is announced for and all that it verifies. Symmetric ones and "none" are never among
// them (JWT-21).
func algorithms(public crypto.PublicKey) (alg string, methods []string, err error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return "RS256", []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, nil
	case *ecdsa.PublicKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return "ES256", []string{"ES256"}, nil
		case 384:
			return "ES384", []string{"ES384"}, nil
		case 521:
			return "ES512", []string{"ES512"}, nil
		}
		return "", nil, fmt.Errorf("no token algorithm for curve %s", k.Curve.Params().Name)
	case ed25519.PublicKey:
		return "EdDSA", []string{"EdDSA"}, nil
	}
	return "", nil, fmt.Errorf("no token algorithm for a %T", public)
}

// verify checks raw's signature by this key alone and returns the claims it covers.
func (k *Key) verify(raw string) (*Claims, error) {
	var p parsed
	if _, err := k.parser.ParseWithClaims(raw, &p, func(*jwt.Token) (any, error) { return k.public, nil }); err != nil {
		return nil, err
	}
	return &p.Claims, nil
}
