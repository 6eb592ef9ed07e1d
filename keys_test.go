package kubemint_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/kubemint/kubemint"
)

// keysAnswer is what /kubemint/v1/keys says.
type keysAnswer struct {
	Keys []struct {
		Kid     string
		Alg     string
		Signing bool
		Fixed   bool
	}
	Rotatable bool
	New, Old  string
	Retired   []string
}

func (r *running) keys(move string, want int) keysAnswer {
	r.t.Helper()
	method := "POST"
	if move == "" {
		method = "GET"
	}
	code, body := r.call("", method, "/kubemint/v1/keys", move)
	if code != want {
		r.t.Fatalf("keys %s: %d %s, want %d", move, code, body, want)
	}
	var out keysAnswer
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// TestRotationSurvivesARestart: what was rotated and retired stays so (JWT-22).
func TestRotationSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, kubemint.Config{DataDir: dir})
	first := r.mint("default", authenticationv1.TokenRequestSpec{})
	moved := r.keys(`{"do":"rotate","alg":"RS256"}`, 200)
	second := r.mint("default", authenticationv1.TokenRequestSpec{})
	r.stop()

	r = start(t, kubemint.Config{DataDir: dir})
	r.accepted("a token of the first key, after a restart", first)
	r.accepted("a token of the second key, after a restart", second)
	now := r.keys("", 200)
	if len(now.Keys) != 2 || !now.Rotatable {
		t.Fatalf("the keys are %+v", now)
	}
	for _, k := range now.Keys {
		if k.Signing != (k.Kid == moved.New) {
			t.Errorf("key %+v, rotated to %s", k, moved.New)
		}
	}
	r.keys(`{"do":"retire","kid":"`+moved.New+`"}`, 409)
	r.keys(`{"do":"retire","kid":"nonesuch"}`, 404)
	r.keys(`{"do":"retire","kid":""}`, 400)
	r.keys(`{"do":"rotate","alg":"HS256"}`, 400)
	r.keys(`{"do":"burn"}`, 400)
	r.keys(`{"do":"retire","kid":"`+moved.Old+`"}`, 200)
	r.refused("a token of the retired key", first, "invalid signature, no keys found")
	r.accepted("a token of the key that signs", second)
	r.stop()

	r = start(t, kubemint.Config{DataDir: dir})
	if code, _ := r.call(first, "GET", "/api", ""); code != 401 {
		t.Errorf("after another restart the retired key is back: %d", code)
	}
	r.accepted("a token of the key that signs, after another restart", second)
}

// TestKeysGivenByFlags are the administrator's: exactly those verify (JWT-20), and none of them is rotated here.
func TestKeysGivenByFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, kubemint.Config{DataDir: dir})
	old := r.mint("default", authenticationv1.TokenRequestSpec{})
	r.stop()
	key := filepath.Join(dir, "pki", "sa.key")

	c, err := kubemint.New(kubemint.Config{Ephemeral: true, Listen: "127.0.0.1:0",
		ServiceAccountSigningKeyFile: filepath.Join("testdata", "openssl", "jane.key"), ServiceAccountKeyFiles: []string{key}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "its tokens would be refused") {
		t.Errorf("a key that signs and does not verify: %v", err)
	}
	r = start(t, kubemint.Config{DataDir: dir, ServiceAccountSigningKeyFile: filepath.Join("testdata", "openssl", "jane.key"),
		ServiceAccountKeyFiles: []string{key, filepath.Join("testdata", "openssl", "jane.key")}})
	r.accepted("a token of the key before", old)
	r.accepted("a token of the key given by a flag", r.mint("default", authenticationv1.TokenRequestSpec{}))
	r.keys(`{"do":"rotate"}`, 409)
	r.keys(`{"do":"retire","kid":"x"}`, 409)
	if view := r.keys("", 200); len(view.Keys) != 2 || view.Rotatable || !view.Keys[0].Fixed {
		t.Errorf("the keys are %+v", view)
	}
}

// TestOwnPathsAskRBAC: what explains tokens and changes keys is for administrators until somebody grants it.
func TestOwnPathsAskRBAC(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	token := r.mint("default", authenticationv1.TokenRequestSpec{})
	for _, path := range []string{"/kubemint/v1/keys", "/kubemint/v1/tokens/inspect"} {
		for _, method := range []string{"GET", "POST"} {
			if code, _ := r.call(token, method, path, `{}`); code != 403 {
				t.Errorf("an account's %s %s: %d", method, path, code)
			}
			if code, _ := r.call("nonsense", method, path, `{}`); code != 401 {
				t.Errorf("a bad token's %s %s: %d", method, path, code)
			}
		}
	}
}
