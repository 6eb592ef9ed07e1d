package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestJWKS(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs := rsaKey(t)
	keys, err := NewKeySet(ecKey(t, "signing"), rs.Public(), ecKey(t, "signing").Public(), ed.Public(), p384.Public(), rs.Public())
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Keys []map[string]string }
	if err := json.Unmarshal(keys.JWKS(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Keys) != 4 {
		t.Fatalf("%d keys, want each once: %s", len(doc.Keys), keys.JWKS())
	}
	for i, want := range []string{"RSA RS256 ", "EC ES256 P-256", "OKP EdDSA Ed25519", "EC ES384 P-384"} { // flag order (OIDC-2)
		k := doc.Keys[i]
		if got := k["kty"] + " " + k["alg"] + " " + k["crv"]; got != want || k["use"] != "sig" || len(k["kid"]) != 43 {
			t.Errorf("key %d is %q, want %q", i, got, want)
		}
	}
	if doc.Keys[0]["e"] != "AQAB" {
		t.Errorf("e is %q", doc.Keys[0]["e"])
	}
	if x, _ := base64.RawURLEncoding.DecodeString(doc.Keys[3]["x"]); len(x) != 48 {
		t.Errorf("x of P-384 has %d bytes: not the full width", len(x))
	}
	golden(t, "jwks-rsa-ec", func() string {
		two, err := NewKeySet(nil, rs.Public(), ecKey(t, "signing").Public())
		if err != nil {
			t.Fatal(err)
		}
		return string(two.JWKS())
	}())
}

func TestKeysThatCannotSign(t *testing.T) {
	t.Parallel()
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	if _, err := NewKeySet(ed); err == nil {
		t.Error("JWT-3: Ed25519 signs")
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeySet(p224); err == nil {
		t.Error("JWT-3: P-224 signs")
	}
	if _, err := NewKeySet(nil, "a string"); err == nil {
		t.Error("a string is a key")
	}
	empty, err := NewKeySet(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := (&Issuer{Keys: empty}).Mint(Request{}, start); !errors.Is(err, ErrNoSigningKey) {
		t.Errorf("mint without a key: %v", err)
	}
	if got := string(empty.JWKS()); got != `{"keys":[]}` {
		t.Errorf("empty JWKS %s", got)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	keys, err := NewKeySet(ecKey(t, "signing"), rsaKey(t).Public(), ecKey(t, "signing").Public())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := keys.Discovery(api, "https://127.0.0.1:6443/openid/v1/jwks")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "discovery", string(doc))
	for issuer, want := range map[string]bool{ // OIDC-4
		api: true, "https://a/b": true, "http://a": false, "kubernetes": false, "https://a?x=1": false, "https://a#f": false, "https://": false,
	} {
		if got := Discoverable(issuer); got != want {
			t.Errorf("%q: %v, want %v", issuer, got, want)
		}
	}
}

func TestCheckIssuers(t *testing.T) {
	t.Parallel()
	for list, ok := range map[string]bool{
		api: true, "api": true, api + " second": true, "": false, "a a": false, "a  b": false, "https://a:b:c": false,
	} {
		var issuers []string
		if list != "" {
			issuers = strings.Split(list, " ")
		}
		if err := CheckIssuers(issuers); (err == nil) != ok {
			t.Errorf("%q: %v", issuers, err)
		}
	}
}

// TestRotation walks through a rotation with overlap, the retirement, and the drill without overlap (JWT-22).
func TestRotation(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first := s.keys.Signing()
	old := s.mint(t, nil)
	check := func(when, raw string, good bool) {
		t.Helper()
		if _, err := s.verifier.Verify(t.Context(), raw, nil); (err == nil) != good {
			t.Errorf("%s: %v, want good %v", when, err, good)
		}
	}
	check("before", old, true)
	second, err := s.keys.Rotate(ecKey(t, "second"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := s.mint(t, nil)
	if header, _ := open(t, fresh); !strings.Contains(header, second.ID()) {
		t.Errorf("new tokens are signed by %s", header)
	}
	check("overlap, old token", old, true)
	check("overlap, new token", fresh, true)
	if n := len(s.keys.Verifying()); n != 2 {
		t.Errorf("%d keys are announced", n)
	}
	if err := s.keys.Retire(second.ID()); !errors.Is(err, ErrSigning) {
		t.Errorf("retiring the signing key: %v", err)
	}
	if err := s.keys.Retire("none"); !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("retiring no key: %v", err)
	}
	if err := s.keys.Retire(first.ID()); err != nil {
		t.Fatal(err)
	}
	check("retired, old token, though its signature was cached", old, false)
	check("retired, new token", fresh, true)
	if _, err := s.keys.Add(first.Public()); err != nil {
		t.Fatal(err)
	}
	check("added again", old, true)
}

func TestSupersededKeyIsGoodForTheOldTimelineOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first := s.keys.Signing()
	before := s.mint(t, nil)
	snapshot := s.clock.Now()
	s.clock.pass(10 * time.Minute)
	dropped := s.mint(t, nil)
	if _, err := s.verifier.Verify(t.Context(), dropped, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.keys.Supersede(first.ID(), snapshot); !errors.Is(err, ErrSigning) {
		t.Errorf("superseding the signing key: %v", err)
	}
	if _, err := s.keys.Rotate(ecKey(t, "second")); err != nil {
		t.Fatal(err)
	}
	if err := s.keys.Supersede(first.ID(), snapshot); err != nil {
		t.Fatal(err)
	}
	if _, err := s.verifier.Verify(t.Context(), before, nil); err != nil {
		t.Errorf("a token from before the snapshot: %v", err)
	}
	r, err := s.verifier.Verify(t.Context(), dropped, nil)
	if err == nil || r.Failed().Code != CodeSuperseded {
		t.Errorf("a token of the dropped timeline: %v", err)
	}
}

// TestKeysChangeWhileTokensAreInUse is for the race detector; whatever the order, a token whose key is announced is good.
func TestKeysChangeWhileTokensAreInUse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 20 {
			if _, err := s.keys.Rotate(ecKey(t, fmt.Sprint("key ", i))); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		wg.Go(func() {
			for range 40 {
				raw := s.mint(t, nil)
				for range 2 {
					if _, err := s.verifier.Verify(t.Context(), raw, nil); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
