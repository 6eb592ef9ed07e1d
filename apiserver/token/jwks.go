package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
)

// Content types and caching of the two documents (OIDC-1, OIDC-2).
const (
	JWKSType        = "application/jwk-set+json"
	DiscoveryType   = "application/json"
	DocumentCaching = "public, max-age=3600"

	JWKSPath      = "/openid/v1/jwks"
	DiscoveryPath = "/.well-known/openid-configuration"
)

// jwk is a key in JSON; the order of fields is that of OIDC-2.
type jwk struct {
	Use string `json:"use"`
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Crv string `json:"crv,omitempty"`
	Alg string `json:"alg"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
}

func encodeJWKS(keys []*Key) ([]byte, error) {
	doc := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, k := range keys {
		entry, err := k.jwk()
		if err != nil {
			return nil, err
		}
		doc.Keys = append(doc.Keys, entry)
	}
	return json.Marshal(doc)
}

func (k *Key) jwk() (jwk, error) {
	j := jwk{Use: "sig", Kid: k.id, Alg: k.alg}
	switch p := k.public.(type) {
	case *rsa.PublicKey:
		j.Kty, j.N, j.E = "RSA", encode(p.N.Bytes()), encode(big.NewInt(int64(p.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 4, then x and y at full width
		if err != nil {
			return jwk{}, fmt.Errorf("publish key %s: %w", k.id, err)
		}
		half := (len(point) - 1) / 2
		j.Kty, j.Crv, j.X, j.Y = "EC", p.Curve.Params().Name, encode(point[1:1+half]), encode(point[1+half:])
	case ed25519.PublicKey:
		j.Kty, j.Crv, j.X = "OKP", "Ed25519", encode(p)
	default:
		return jwk{}, fmt.Errorf("publish key %s: no JWK for a %T", k.id, p)
	}
	return j, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Discovery is the document of /.well-known/openid-configuration (OIDC-1), one line. jwksURI is the absolute address of JWKSPath.
func (s *KeySet) Discovery(issuer, jwksURI string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	algs := s.now.Load().algs
	if algs == nil {
		algs = []string{}
	}
	err := e.Encode(struct {
		Issuer   string   `json:"issuer"`
		JWKS     string   `json:"jwks_uri"`
		Response []string `json:"response_types_supported"`
		Subject  []string `json:"subject_types_supported"`
		Algs     []string `json:"id_token_signing_alg_values_supported"`
	}{issuer, jwksURI, []string{"id_token"}, []string{"public"}, algs})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// Discoverable tells whether the documents exist for an issuer: only for an https URL without query and fragment (OIDC-4).
func Discoverable(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(issuer, "#")
}

// CheckIssuers refuses what stops a real server: no issuer, an empty or repeated one, or one with a colon that is no URL (JWT-23).
func CheckIssuers(issuers []string) error {
	if len(issuers) == 0 {
		return errors.New("no service account issuer")
	}
	for i, iss := range issuers {
		switch {
		case iss == "":
			return errors.New("a service account issuer is empty")
		case slices.Contains(issuers[:i], iss):
			return fmt.Errorf("service account issuer %q is given twice", iss)
		case strings.Contains(iss, ":"):
			if _, err := url.Parse(iss); err != nil {
				return fmt.Errorf("service account issuer %q has a colon but is no URL", iss)
			}
		}
	}
	return nil
}
