package token

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/era"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), got); diff != "" {
		t.Error(diff)
	}
}

// open shows a token's header and claims as the bytes they are.
func open(t testing.TB, raw string) (header, claims string) {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for i, into := range []*string{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		*into = string(data)
	}
	return header, claims
}

// TestGoldenTokens pins header and claims to the byte (JWT-1 to JWT-5, JWT-10).
func TestGoldenTokens(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rs, err := NewKeySet(rsaKey(t))
	if err != nil {
		t.Fatal(err)
	}
	old := *s.issuer
	old.Era, _ = era.Parse("1.24")
	pod := func(r *Request) { r.Pod, r.Node = &Ref{"p1", "pod-1"}, &Ref{"node-1", "node-uid-1"} }
	for name, raw := range map[string]string{
		"unbound":      s.mint(t, nil),
		"pod":          s.mint(t, func(r *Request) { pod(r); r.Seconds, r.WarnAfter = ExtendedSeconds, MountedSeconds }),
		"pod-lost":     s.mint(t, func(r *Request) { r.Pod, r.Node = &Ref{"p2", "pod-2"}, &Ref{Name: "lost"} }),
		"secret":       s.mint(t, func(r *Request) { r.Secret = &Ref{"switch", "secret-1"} }),
		"node":         s.mint(t, func(r *Request) { r.Node = &Ref{"node-1", "node-uid-1"} }),
		"audiences":    s.mint(t, func(r *Request) { r.Audiences = []string{"vault", "sts"} }),
		"pod-era-1.24": (&scene{issuer: &old, clock: s.clock}).mint(t, pod),
	} {
		header, claims := open(t, raw)
		golden(t, name, header+"\n"+claims)
	}
	rsIssuer := &Issuer{Keys: rs, Name: api, NewID: s.issuer.NewID}
	raw, _, err := rsIssuer.Mint(Request{Namespace: "ci", Account: Ref{"robot", "sa-1"}, Audiences: []string{api}, Seconds: 3600}, start)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "rs256-whole", raw)
	legacy, err := rsIssuer.MintLegacy(s.accounts["ci/robot"], "robot-token-x7k2p")
	if err != nil {
		t.Fatal(err)
	}
	header, claims := open(t, legacy)
	golden(t, "legacy-rs256-whole", legacy+"\n"+header+"\n"+claims)
	if again, _ := rsIssuer.MintLegacy(s.accounts["ci/robot"], "robot-token-x7k2p"); again != legacy {
		t.Error("JWT-11: the same Secret got another token")
	}
}

// TestSignatureIsPlainES256 verifies a token with nothing but the standard library.
func TestSignatureIsPlainES256(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	raw := s.mint(t, nil)
	i := strings.LastIndexByte(raw, '.')
	sig, err := base64.RawURLEncoding.DecodeString(raw[i+1:])
	if err != nil || len(sig) != 64 {
		t.Fatalf("signature of %d bytes, %v", len(sig), err)
	}
	sum := sha256.Sum256([]byte(raw[:i]))
	r, v := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	if !ecdsa.Verify(s.keys.Signing().Public().(*ecdsa.PublicKey), sum[:], r, v) {
		t.Error("the signature is not good")
	}
}

func TestIDsAreRandom(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.issuer.NewID = nil
	_, a, _ := s.issuer.Mint(Request{}, start)
	_, b, _ := s.issuer.Mint(Request{}, start)
	if a.ID == b.ID || len(a.ID) != 36 || a.ID[14] != '4' {
		t.Errorf("ids %q and %q", a.ID, b.ID)
	}
}

func TestClaimsRoundTrip(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, minted, err := s.issuer.Mint(Request{
		Namespace: "ci", Account: Ref{"robot", "sa-1"}, Pod: &Ref{"p1", "pod-1"}, Node: &Ref{"node-1", "node-uid-1"},
		Audiences: []string{api}, Seconds: ExtendedSeconds, WarnAfter: MountedSeconds,
	}, start)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(minted)
	if err != nil {
		t.Fatal(err)
	}
	var read Claims
	if err := decodeStrict(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*minted, read); diff != "" {
		t.Error(diff)
	}
}

func TestMintLegacyFillsWhatVerifyDemands(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	raw, err := s.issuer.MintLegacy(s.accounts["ci/robot"], "robot-token")
	if err != nil {
		t.Fatal(err)
	}
	s.secrets["ci/robot-token"] = &corev1.Secret{ObjectMeta: meta("ci", "robot-token", "s"), Data: map[string][]byte{"token": []byte(raw)}}
	if _, err := s.verifier.Verify(t.Context(), raw, nil); err != nil {
		t.Error(err)
	}
}

func BenchmarkMintES256(b *testing.B) {
	s := newScene(b)
	r := Request{Namespace: "ci", Account: Ref{"robot", "sa-1"}, Pod: &Ref{"p1", "pod-1"}, Audiences: []string{api}, Seconds: 3600}
	s.issuer.NewID = nil
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.issuer.Mint(r, start); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMintRS256(b *testing.B) {
	keys, err := NewKeySet(rsaKey(b))
	if err != nil {
		b.Fatal(err)
	}
	i := &Issuer{Keys: keys, Name: api}
	for b.Loop() {
		if _, _, err := i.Mint(Request{Namespace: "ci", Account: Ref{"robot", "sa-1"}}, start); err != nil {
			b.Fatal(err)
		}
	}
}
