package token

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRingSurvivesRestarts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pki", "sa.key")
	flag := rsaKey(t)
	openRing := func() *Ring {
		t.Helper()
		r, err := OpenRing(path, "", start, flag.Public())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	s := newScene(t)
	use := func(r *Ring) {
		s.issuer.Keys = r.KeySet
		s.verifier = NewVerifier(Config{Keys: r.KeySet, Issuers: []string{api}, Getter: s.world, Clock: s.clock})
	}
	good := func(when, raw string, want bool) {
		t.Helper()
		if _, err := s.verifier.Verify(t.Context(), raw, nil); (err == nil) != want {
			t.Errorf("%s: %v, want good %v", when, err, want)
		}
	}

	r := openRing()
	use(r)
	first := r.Signing()
	old := s.mint(t, nil)
	if !first.SignedUntil().Equal(start.Add(time.Hour)) {
		t.Errorf("signed until %v", first.SignedUntil())
	}
	if _, err := r.Rotate("RS256"); err != nil {
		t.Fatal(err)
	}
	fresh := s.mint(t, nil)

	r = openRing()
	use(r)
	good("after a restart, the old token", old, true)
	good("after a restart, the new token", fresh, true)
	if alg := r.Signing().Alg(); alg != "RS256" {
		t.Errorf("it signs by %s", alg)
	}
	if n := len(r.Verifying()); n != 3 {
		t.Errorf("%d keys, want old, new and the flag's", n)
	}
	if err := r.Supersede(first.ID(), start.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	good("superseded", old, false)
	r = openRing()
	use(r)
	good("superseded, after a restart", old, false)
	if err := r.Retire(first.ID()); err != nil {
		t.Fatal(err)
	}
	r = openRing()
	use(r)
	if r := s.verifier.Inspect(old, nil); r.Code != CodeUnknownKey {
		t.Errorf("retired, after a restart: %s", r.Code)
	}
	flagID, _ := keyID(flag.Public())
	if err := r.Retire(flagID); !errors.Is(err, ErrFixed) {
		t.Errorf("retiring a flag's key: %v", err)
	}
	if err := r.Retire(r.Signing().ID()); !errors.Is(err, ErrSigning) {
		t.Errorf("retiring the signing key: %v", err)
	}
	for _, name := range []string{"sa.key", "sa.verify.pem"} {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestRingRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sa.key")
	r, err := OpenRing(path, "", start)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Signing().ID()
	if _, err := r.Rotate(""); err != nil {
		t.Fatal(err)
	}
	if err := r.Supersede(first, start); err != nil {
		t.Fatal(err)
	}
	side := strings.TrimSuffix(path, ".key") + ".verify.pem"
	data, err := os.ReadFile(side)
	if err != nil {
		t.Fatal(err)
	}
	for name, harm := range map[string]string{
		"a bound": strings.Replace(string(data), "Until: 2026", "Until: soon", 1),
		"a key":   strings.Replace(string(data), "MFk", "AAA", 1),
	} {
		if err := os.WriteFile(side, []byte(harm), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRing(path, "", start); err == nil {
			t.Errorf("%s was damaged and the ring opened", name)
		}
	}
}

func TestRingInMemory(t *testing.T) {
	t.Parallel()
	r, err := OpenRing("", "ES256", start)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Signing()
	if _, err := r.Rotate(""); err != nil {
		t.Fatal(err)
	}
	if err := r.Retire(first.ID()); err != nil || len(r.Verifying()) != 1 {
		t.Errorf("%d keys, %v", len(r.Verifying()), err)
	}
	if !first.SignedUntil().IsZero() {
		t.Errorf("a fresh key signed until %v", first.SignedUntil())
	}
}
