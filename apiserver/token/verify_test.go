package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/era"
)

func TestIdentity(t *testing.T) { // AUTH-22, AUTH-23
	t.Parallel()
	s := newScene(t)
	raw := s.mint(t, func(r *Request) { r.Pod, r.Node = &Ref{"p1", "pod-1"}, &Ref{"node-1", "node-uid-1"} })
	for _, cached := range []bool{false, true} {
		r, err := s.verifier.Verify(t.Context(), raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Cached != cached {
			t.Errorf("cached %v, want %v", r.Cached, cached)
		}
		if r.User.Name != "system:serviceaccount:ci:robot" || r.User.UID != "sa-1" {
			t.Errorf("user %+v", r.User)
		}
		if diff := cmp.Diff([]string{"system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"}, r.User.Groups); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string][]string{
			ExtraCredentialID: {"JTI=0f3c7a52-5a70-4e1c-9f0b-5b0d6f7a8c91"},
			ExtraPodName:      {"p1"}, ExtraPodUID: {"pod-1"}, ExtraNodeName: {"node-1"}, ExtraNodeUID: {"node-uid-1"},
		}, r.User.Extra); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{api}, r.Audiences); diff != "" {
			t.Error(diff)
		}
		for _, c := range r.Trace() {
			if c.Outcome != OK {
				t.Errorf("check %+v", c)
			}
		}
	}
}

// TestChecks walks through AUTH-10 to AUTH-20 on bound tokens: what is done to the world or the token, the error's text, and the
// first failing step.
func TestChecks(t *testing.T) {
	t.Parallel()
	deleted := func(m *metav1.ObjectMeta, at time.Time) { d := metav1.NewTime(at); m.DeletionTimestamp = &d }
	pod := func(r *Request) { r.Pod, r.Node = &Ref{"p1", "pod-1"}, &Ref{"node-1", "node-uid-1"} }
	secret := func(r *Request) { r.Secret = &Ref{"switch", "secret-1"} }
	node := func(r *Request) { r.Node = &Ref{"node-1", "node-uid-1"} }
	for _, tt := range []struct {
		name  string
		ask   func(*Request)
		then  func(*scene)
		after time.Duration
		step  Step // "": accepted
		text  string
	}{
		{name: "good"},
		{name: "AUTH-13 a second within the leeway", after: time.Hour + 60*time.Second},
		{name: "AUTH-13 a second beyond the leeway", after: time.Hour + 61*time.Second, step: StepTime, text: "service account token has expired"},
		{name: "AUTH-13 before its time, within the leeway", after: -60 * time.Second},
		{name: "AUTH-13 before its time", after: -61 * time.Second, step: StepTime, text: "service account token is not valid yet"},
		{name: "AUTH-12 another audience", ask: func(r *Request) { r.Audiences = []string{"vault"} }, step: StepAudience,
			text: `token audiences ["vault"] is invalid for the target audiences ["` + api + `" "https://old.example"]`},
		{name: "AUTH-12 one audience of several", ask: func(r *Request) { r.Audiences = []string{"vault", api} }},
		{name: "AUTH-14 account gone", then: func(s *scene) { delete(s.accounts, "ci/robot") }, step: StepAccount,
			text: `serviceaccounts "robot" not found`},
		{name: "AUTH-14 account made again", then: func(s *scene) {
			s.accounts["ci/robot"] = &corev1.ServiceAccount{ObjectMeta: meta("ci", "robot", "sa-9")}
		},
			step: StepAccount, text: "service account UID (sa-9) does not match claim (sa-1)"},
		{name: "AUTH-19 account deleted a minute ago", then: func(s *scene) { deleted(&s.accounts["ci/robot"].ObjectMeta, start.Add(-time.Minute)) }},
		{name: "AUTH-19 account deleted longer ago", then: func(s *scene) { deleted(&s.accounts["ci/robot"].ObjectMeta, start.Add(-61*time.Second)) },
			step: StepAccount, text: "service account ci/robot has been deleted"},
		{name: "AUTH-16 pod alive", ask: pod},
		{name: "AUTH-16 finished pods keep their tokens", ask: pod, then: func(s *scene) { s.pods["ci/p1"].Status.Phase = corev1.PodSucceeded }},
		{name: "AUTH-16 pod gone", ask: pod, then: func(s *scene) { delete(s.pods, "ci/p1") }, step: StepPod,
			text: "service account token has been invalidated"},
		{name: "AUTH-16 pod made again", ask: pod, then: func(s *scene) { s.pods["ci/p1"].UID = "pod-9" }, step: StepPod,
			text: "pod UID (pod-9) does not match service account pod ref claim (pod-1)"},
		{name: "AUTH-19 pod still stopping", ask: pod, then: func(s *scene) { deleted(&s.pods["ci/p1"].ObjectMeta, start.Add(30*time.Second)) }},
		{name: "AUTH-19 pod past its grace and a minute", ask: pod, then: func(s *scene) { deleted(&s.pods["ci/p1"].ObjectMeta, start.Add(-61*time.Second)) },
			step: StepPod, text: "service account token has been invalidated"},
		{name: "AUTH-17 with a pod the node is not checked", ask: pod, then: func(s *scene) { delete(s.nodes, "/node-1") }},
		{name: "AUTH-17 node gone", ask: node, then: func(s *scene) { delete(s.nodes, "/node-1") }, step: StepNode,
			text: "service account token has been invalidated"},
		{name: "AUTH-17 node made again", ask: node, then: func(s *scene) { s.nodes["/node-1"].UID = "n-9" }, step: StepNode,
			text: "node UID (n-9) does not match service account node ref claim (node-uid-1)"},
		{name: "AUTH-15 secret alive", ask: secret},
		{name: "AUTH-15 secret gone", ask: secret, then: func(s *scene) { delete(s.secrets, "ci/switch") }, step: StepSecret,
			text: "service account token has been invalidated"},
		{name: "AUTH-15 secret made again", ask: secret, then: func(s *scene) { s.secrets["ci/switch"].UID = "secret-9" }, step: StepSecret,
			text: "secret UID (secret-9) does not match service account secret ref claim (secret-1)"},
		{name: "AUTH-10 issuer no longer accepted", then: func(s *scene) { s.verifier.Issuers = []string{"https://new.example"} }, step: StepIssuer,
			text: "invalid bearer token"},
		{name: "JWT-20 key no longer known", then: func(s *scene) {
			_, _ = s.keys.Rotate(ecKey(t, "second"))
			_ = s.keys.Retire(s.keys.Verifying()[0].ID())
		}, step: StepSignature, text: "invalid signature, no keys found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, warm := range []bool{false, true} {
				s := newScene(t)
				raw := s.mint(t, tt.ask)
				if warm && tt.step != StepIssuer { // an issuer is only taken away by a restart, which empties the cache
					_, _ = s.verifier.Verify(t.Context(), raw, nil)
				}
				if tt.then != nil {
					tt.then(s)
				}
				s.clock.pass(tt.after)
				r, err := s.verifier.Verify(t.Context(), raw, nil)
				if tt.step == "" {
					if err != nil {
						t.Errorf("refused (warm %v): %v", warm, err)
					}
					continue
				}
				if err == nil || r.User != nil {
					t.Fatalf("accepted (warm %v)", warm)
				}
				if err.Error() != tt.text || r.Failed().Step != tt.step {
					t.Errorf("warm %v: step %s, text %q, want %s, %q", warm, r.Failed().Step, err, tt.step, tt.text)
				}
				seen := OK
				for _, c := range r.Trace() {
					switch {
					case c.Step == tt.step:
						if c.Outcome != Failed || c.Code == "" {
							t.Errorf("failed step %+v", c)
						}
						seen = NotReached
					case c.Outcome != seen:
						t.Errorf("step %s is %s, want %s", c.Step, c.Outcome, seen)
					}
				}
			}
		})
	}
}

func TestStaleTokens(t *testing.T) { // AUTH-24
	t.Parallel()
	s := newScene(t)
	raw := s.mint(t, func(r *Request) { r.Pod, r.Seconds, r.WarnAfter = &Ref{"p1", "pod-1"}, ExtendedSeconds, MountedSeconds })
	r, err := s.verifier.Verify(t.Context(), raw, nil)
	if err != nil || r.Use != UseValid || len(r.Annotations) != 0 {
		t.Errorf("before the warning: %v, %v, %v", r.Use, r.Annotations, err)
	}
	s.clock.pass(3617 * time.Second)
	r, err = s.verifier.Verify(t.Context(), raw, nil)
	want := map[string]string{"authentication.k8s.io/stale-token": "subject: system:serviceaccount:ci:robot, seconds after warning threshold: 10"}
	if diff := cmp.Diff(want, r.Annotations); diff != "" || err != nil || r.Use != UseStale {
		t.Errorf("after it: %v, %v\n%s", r.Use, err, diff)
	}
}

func TestRequestedAudiences(t *testing.T) { // AUTH-30
	t.Parallel()
	s := newScene(t)
	raw := s.mint(t, func(r *Request) { r.Audiences = []string{"a", "b", "c"} })
	r, err := s.verifier.Verify(t.Context(), raw, []string{"c", "x", "a"})
	if diff := cmp.Diff([]string{"a", "c"}, r.Audiences); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := s.verifier.Verify(t.Context(), raw, []string{"x"}); err == nil {
		t.Error("accepted for an audience it is not for")
	}
}

func TestErasChangeWords(t *testing.T) { // ERA-8
	t.Parallel()
	s := newScene(t)
	raw := s.mint(t, nil)
	s.verifier.Era, _ = era.Parse("1.22")
	s.clock.pass(2 * time.Hour)
	if _, err := s.verifier.Verify(t.Context(), raw, nil); err == nil || err.Error() != "Token has expired." {
		t.Errorf("got %v", err)
	}
}

// forge signs any header and claims with golang-jwt's methods and any key.
func forge(t testing.TB, method jwt.SigningMethod, key any, header, claims string) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(header)) + "." + b64([]byte(claims))
	sig, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

const goodClaims = `{"aud":["` + api + `"],"exp":1795426298,"iat":1795422698,"iss":"` + api + `","kubernetes.io":{"namespace":"ci",` +
	`"serviceaccount":{"name":"robot","uid":"sa-1"}},"nbf":1795422698,"sub":"system:serviceaccount:ci:robot"}`

// TestAttacks is the table of forged and odd tokens. Every row says whether the token must be accepted.
func TestAttacks(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ours, rs, stranger := ecKey(t, "signing"), rsaKey(t), ecKey(t, "stranger")
	if _, err := s.keys.Add(rs.Public()); err != nil {
		t.Fatal(err)
	}
	kid := s.keys.Signing().ID()
	rsKid := s.keys.Verifying()[1].ID()
	es := fmt.Sprintf(`{"alg":"ES256","kid":%q}`, kid)
	good := forge(t, jwt.SigningMethodES256, ours, es, goodClaims)
	parts := strings.Split(good, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	with := func(old, replacement string) string {
		if !strings.Contains(goodClaims, old) {
			t.Fatalf("no %q in the claims", old)
		}
		return forge(t, jwt.SigningMethodES256, ours, es, strings.Replace(goodClaims, old, replacement, 1))
	}
	hs := func(secret []byte, header string) string {
		text := b64([]byte(header)) + "." + parts[1]
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(text))
		return text + "." + b64(m.Sum(nil))
	}
	spki, err := x509.MarshalPKIXPublicKey(rs.Public())
	if err != nil {
		t.Fatal(err)
	}
	rsPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})
	pss, err := rsa.SignPSS(rand.Reader, rs, crypto.SHA256, hashOf(b64([]byte(`{"alg":"PS256","kid":"`+rsKid+`"}`))+"."+parts[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(good)
	flipped[len(flipped)-10] ^= 1

	for _, tt := range []struct {
		name, raw string
		accept    bool
		step      Step
	}{
		{"good", good, true, ""},
		{"without kid every key is tried (JWT-20)", forge(t, jwt.SigningMethodES256, ours, `{"alg":"ES256"}`, goodClaims), true, ""},
		{"without kid, by the second key", forge(t, jwt.SigningMethodRS256, rs, `{"alg":"RS256"}`, goodClaims), true, ""},
		{"extra header fields (JWT-21)", forge(t, jwt.SigningMethodES256, ours, `{"typ":"JWT",`+es[1:], goodClaims), true, ""},
		{"RS512 by a listed RSA key (JWT-21)", forge(t, jwt.SigningMethodRS512, rs, `{"alg":"RS512","kid":"`+rsKid+`"}`, goodClaims), true, ""},
		{"PS256 by a listed RSA key (JWT-21)", b64([]byte(`{"alg":"PS256","kid":"`+rsKid+`"}`)) + "." + parts[1] + "." + b64(pss), true, ""},
		{"unknown claims", with(`"nbf"`, `"roles":["admin"],"nbf"`), true, ""},
		{"aud as a string", with(`["`+api+`"]`, `"`+api+`"`), true, ""},
		{"no aud (AUTH-12)", with(`"aud":["`+api+`"],`, ``), true, ""},
		{"no exp (AUTH-13)", with(`"exp":1795426298,`, ``), true, ""},
		{"fractional moments (AUTH-13)", with(`1795426298`, `1795426298.75`), true, ""},
		{"subject of somebody else is not looked at (AUTH-18)", with(`"system:serviceaccount:ci:robot"`, `"kubernetes-admin"`), true, ""},

		{"alg none", b64([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".", false, StepSignature},
		{"alg none with our kid and signature", b64([]byte(`{"alg":"none","kid":"`+kid+`"}`)) + "." + parts[1] + "." + parts[2], false, StepSignature},
		{"alg None", b64([]byte(`{"alg":"None","kid":"`+kid+`"}`)) + "." + parts[1] + ".", false, StepSignature},
		{"alg missing", b64([]byte(`{"kid":"`+kid+`"}`)) + "." + parts[1] + "." + parts[2], false, StepSignature},
		{"HS256 with the public key as PEM", hs(rsPEM, `{"alg":"HS256","kid":"`+rsKid+`"}`), false, StepSignature},
		{"HS256 with the public key as DER, no kid", hs(spki, `{"alg":"HS256"}`), false, StepSignature},
		{"RS256 header over an EC key's id", forge(t, jwt.SigningMethodRS256, rs, `{"alg":"RS256","kid":"`+kid+`"}`, goodClaims), false, StepSignature},
		{"ES256 header over an RSA key's id", forge(t, jwt.SigningMethodES256, ours, `{"alg":"ES256","kid":"`+rsKid+`"}`, goodClaims), false, StepSignature},
		{"alg changed after signing", b64([]byte(`{"alg":"ES384","kid":"`+kid+`"}`)) + "." + parts[1] + "." + parts[2], false, StepSignature},
		{"stranger's key under our kid", forge(t, jwt.SigningMethodES256, stranger, es, goodClaims), false, StepSignature},
		{"stranger's key and kid", forge(t, jwt.SigningMethodES256, stranger, `{"alg":"ES256","kid":"x"}`, goodClaims), false, StepSignature},
		{"stranger's key without kid", forge(t, jwt.SigningMethodES256, stranger, `{"alg":"ES256"}`, goodClaims), false, StepSignature},
		{"kid as a path", forge(t, jwt.SigningMethodES256, stranger, `{"alg":"ES256","kid":"../../../dev/null"}`, goodClaims), false, StepSignature},
		{"kid as a query", forge(t, jwt.SigningMethodES256, stranger, `{"alg":"ES256","kid":"x' OR '1'='1"}`, goodClaims), false, StepSignature},
		{"the key brought along (jwk, jku, x5u)", forge(t, jwt.SigningMethodES256, stranger,
			`{"alg":"ES256","jku":"https://evil.example/jwks","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`, goodClaims), false, StepSignature},
		{"kid is no string", forge(t, jwt.SigningMethodES256, ours, `{"alg":"ES256","kid":["`+kid+`"]}`, goodClaims), false, StepForm},
		{"critical extension", forge(t, jwt.SigningMethodES256, ours, `{"crit":["b64"],"b64":false,`+es[1:], goodClaims), false, StepForm},
		{"alg given twice", forge(t, jwt.SigningMethodES256, ours, `{"alg":"none",`+es[1:], goodClaims), false, StepForm},
		{"namespace given twice", with(`"namespace":"ci"`, `"namespace":"kube-system","namespace":"ci"`), false, StepForm},
		{"issuer given twice", with(`"iss":`, `"iss":"https://other","iss":`), false, StepForm},
		{"private claim in another case", with(`"kubernetes.io":`, `"Kubernetes.io":`), false, StepAccount},
		{"one bit of the signature", string(flipped), false, StepSignature},
		{"one bit of the claims", parts[0] + "." + b64([]byte(strings.Replace(goodClaims, "robot", "robos", 1))) + "." + parts[2], false, StepSignature},
		{"no signature", parts[0] + "." + parts[1] + ".", false, StepSignature},
		{"signature of another length", good + "AAAA", false, StepSignature},
		{"signature of zeros", parts[0] + "." + parts[1] + "." + b64(make([]byte, 64)), false, StepSignature},
		{"DER signature", parts[0] + "." + parts[1] + "." + b64(der(t, s, parts)), false, StepSignature},
		{"padded base64", parts[0] + "." + parts[1] + "." + parts[2] + "==", false, StepSignature},
		{"trailing bits set", parts[0] + "." + parts[1] + "." + parts[2][:85] + nextLetter(parts[2][85]), false, StepSignature},
		{"standard alphabet", parts[0] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(b64([]byte(goodClaims+"???>>>"))) + "." + parts[2], false, StepForm},
		{"line breaks inside", parts[0] + ".\n" + parts[1] + "." + parts[2], false, StepForm},
		{"four parts", good + ".x", false, StepForm},
		{"two parts", parts[0] + "." + parts[1], false, StepForm},
		{"empty", "", false, StepForm},
		{"dots", "..", false, StepForm},
		{"garbage", "garbage", false, StepForm},
		{"a.b.c", "a.b.c", false, StepForm},
		{"claims are an array", forge(t, jwt.SigningMethodES256, ours, es, `[1]`), false, StepForm},
		{"claims are null", forge(t, jwt.SigningMethodES256, ours, es, `null`), false, StepIssuer},
		{"claims with something behind", forge(t, jwt.SigningMethodES256, ours, es, goodClaims+`{}`), false, StepForm},
		{"exp as text", with(`1795426298`, `"1795426298"`), false, StepForm},
		{"exp beyond numbers", with(`1795426298`, `1e300`), false, StepForm},
		{"aud as a number", with(`["`+api+`"]`, `7`), false, StepForm},
		{"aud as an object", with(`["`+api+`"]`, `{}`), false, StepForm},
		{"aud inside an array", with(`["`+api+`"]`, `[["`+api+`"]]`), false, StepForm},
		{"aud that only begins alike", with(`["`+api+`"]`, `["`+api+`.evil.example"]`), false, StepAudience},
		{"aud empty string", with(`["`+api+`"]`, `[""]`), false, StepAudience},
		{"iat in the future", with(`"iat":1795422698`, `"iat":1795422759`), false, StepTime},
		{"iat in the future within the leeway", with(`"iat":1795422698`, `"iat":1795422758`), true, ""},
		{"nbf in the future", with(`"nbf":1795422698`, `"nbf":1795422759`), false, StepTime},
		{"exp zero", with(`1795426298`, `0`), false, StepTime},
		{"exp negative", with(`1795426298`, `-1`), false, StepTime},
		{"issuer missing", with(`"iss":"`+api+`",`, ``), false, StepIssuer},
		{"issuer of another cluster", with(`"iss":"`+api, `"iss":"https://other`), false, StepIssuer},
		{"issuer with a slash more", with(`"iss":"`+api, `"iss":"`+api+`/`), false, StepIssuer},
		{"second issuer (JWT-23)", with(`"iss":"`+api, `"iss":"https://old.example`), true, ""},
		{"no private claims", forge(t, jwt.SigningMethodES256, ours, es, `{"iss":"`+api+`","sub":"system:serviceaccount:ci:robot"}`), false, StepAccount},
		{"no uid", with(`,"uid":"sa-1"`, ``), false, StepAccount},
		{"legacy issuer on a bound token", with(`"iss":"`+api, `"iss":"`+LegacyIssuer), false, StepClaims},
		{"pod without uid", with(`"namespace":"ci",`, `"namespace":"ci","pod":{"name":"p1"},`), false, StepPod},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // a second time: what was refused must not have been cached
				r, err := s.verifier.Verify(t.Context(), tt.raw, nil)
				if tt.accept != (err == nil) {
					t.Fatalf("accepted %v, want %v (%v, %s)", err == nil, tt.accept, err, r.Claims.steps())
				}
				if !tt.accept && r.Failed().Step != tt.step {
					t.Errorf("failed at %s (%s), want %s", r.Failed().Step, r.Failed().Code, tt.step)
				}
				if !tt.accept && r.Failed().Step == StepSignature && r.Key != nil {
					t.Error("a key is named for a signature that is not good")
				}
			}
		})
	}
}

func hashOf(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }

func der(t *testing.T, s *scene, parts []string) []byte {
	t.Helper()
	sig, err := ecKey(t, "signing").Sign(rand.Reader, hashOf(parts[0]+"."+parts[1]), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// nextLetter changes only the two bits of a last letter that carry nothing.
func nextLetter(c byte) string {
	const url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(url[strings.IndexByte(url, c)+1])
}

func TestHugeTokens(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for name, raw := range map[string]string{
		"a megabyte of letters": strings.Repeat("A", 1<<20),
		"a megabyte of dots":    strings.Repeat(".", 1<<20),
		"a deep header":         base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("[", 1<<19))) + ".e30.e30",
	} {
		if _, err := s.verifier.Verify(t.Context(), raw, nil); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
	audiences := make([]string, 50_000)
	for i := range audiences {
		audiences[i] = fmt.Sprintf("audience-%d", i)
	}
	raw := s.mint(t, func(r *Request) { r.Audiences = append(audiences, api) })
	if len(raw) < 1<<20 {
		t.Fatalf("only %d bytes", len(raw))
	}
	for range 2 {
		if r, err := s.verifier.Verify(t.Context(), raw, nil); err != nil || r.Cached {
			t.Errorf("a good token of %d bytes: %v, cached %v", len(raw), err, r.Cached)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := newScene(f)
	good := s.mint(f, nil)
	for _, seed := range []string{good, s.mint(f, func(r *Request) { r.Pod = &Ref{"p1", "pod-1"} }), "a.b.c", "..", good + "A",
		"eyJhbGciOiJub25lIn0.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0."} {
		f.Add(seed)
	}
	minted := map[string]bool{good: true}
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := s.verifier.Verify(t.Context(), raw, nil)
		if err == nil && !minted[raw] && r.Key == nil {
			t.Fatalf("accepted without a key: %q", raw)
		}
		if err == nil {
			// The signature cannot be guessed, so what is accepted was signed: its three parts are those of a minted token.
			if head, _, _ := strings.Cut(raw, "."); head != strings.Split(good, ".")[0] {
				t.Fatalf("accepted a header never minted: %q", raw)
			}
			return
		}
		if r.User != nil {
			t.Fatal("a refused token has a user")
		}
		if text := err.Error(); len(raw) > 20 && strings.Contains(text, raw) {
			t.Fatalf("the error holds the token: %s", text)
		}
		s.verifier.Inspect(raw, nil)
	})
}

func BenchmarkVerifyCold(b *testing.B) {
	s := newScene(b)
	raw := s.mint(b, func(r *Request) { r.Pod = &Ref{"p1", "pod-1"} })
	b.ReportAllocs()
	for b.Loop() {
		v := NewVerifier(s.verifier.Config)
		if _, err := v.Verify(b.Context(), raw, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyCached(b *testing.B) {
	s := newScene(b)
	raw := s.mint(b, func(r *Request) { r.Pod, r.Node = &Ref{"p1", "pod-1"}, &Ref{"node-1", "node-uid-1"} })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.verifier.Verify(b.Context(), raw, nil); err != nil {
			b.Fatal(err)
		}
	}
}
