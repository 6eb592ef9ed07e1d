package token

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/recent"
)

// Getter answers with live objects, never with stale ones: a deletion that has been acknowledged is seen by the next call. Errors are
// apierrors, NotFound for what is absent. The objects must not be changed.
type Getter interface {
	ServiceAccount(namespace, name string) (*corev1.ServiceAccount, error)
	Pod(namespace, name string) (*corev1.Pod, error)
	Secret(namespace, name string) (*corev1.Secret, error)
	Node(name string) (*corev1.Node, error)
}

// Clock is the cluster's time.
type Clock interface{ Now() time.Time }

// Config is what a Verifier needs.
type Config struct {
	Keys *KeySet
	// Issuers are accepted in iss; LegacyIssuer always is.
	Issuers []string
	// APIAudiences name this API server; empty: the Issuers (TOK-3).
	APIAudiences []string
	Getter       Getter
	Clock        Clock
	Era          era.Era
	// Stamp is called when a legacy token is used and its Secret's label legacy-token-last-used shows neither today nor tomorrow
	// (AUTH-29a). It must return at once. nil: never.
	Stamp func(secret *corev1.Secret, today string)
}

// Verifier judges ServiceAccount tokens. It is safe for concurrent use.
type Verifier struct {
	Config
	known *recent.Map[[sha256.Size]byte, *signature]
}

const (
	// rememberedTokens is how many tokens a busy cluster has in use at a time, and more are kept.
	rememberedTokens = 8192
	// maxRemembered is the longest token that is remembered, so that what is kept has a bound.
	maxRemembered = 16 << 10
)

// signature is what a verified signature proves: these claims, by this key. Nothing in it goes stale, since it says nothing about
// time or about objects; only the key can be taken away, which its reader checks.
type signature struct {
	claims *Claims
	key    *Key
	user   *request.User
}

// NewVerifier completes the config.
func NewVerifier(c Config) *Verifier {
	if len(c.APIAudiences) == 0 {
		c.APIAudiences = c.Issuers
	}
	return &Verifier{Config: c, known: recent.New[[sha256.Size]byte, *signature](rememberedTokens)}
}

// Result is a token's judgement. User, Claims and Audiences are shared: do not change them.
type Result struct {
	// User is set if the token was accepted.
	User *request.User
	// Claims are nil for what is no token. They are proven only if Key is set.
	Claims *Claims
	// Key made the signature; nil if none of ours did.
	Key *Key
	// Audiences are those of the token among the wanted ones.
	Audiences []string
	// Cached: the signature was checked at an earlier request.
	Cached bool
	// Warnings are for the answer's Warning headers, Annotations for the audit log (AUTH-24, AUTH-28, AUTH-29).
	Warnings    []string
	Annotations map[string]string
	// Use is how the token counts in the metrics (AUTH-25).
	Use Use

	failed *Refusal
	used   *corev1.Secret // of a legacy token that came as far as its mark
}

// Use sorts accepted and some refused tokens for the metrics.
type Use string

// The uses.
const (
	UseValid         Use = "valid"          // bound, before its warning
	UseStale         Use = "stale"          // bound, past its warning (AUTH-24)
	UseLegacyManual  Use = "legacy-manual"  // of a Secret somebody made
	UseLegacyAuto    Use = "legacy-auto"    // of a Secret made for the account
	UseLegacyInvalid Use = "legacy-invalid" // of a Secret marked invalid
)

// Trace lists every check in order with its outcome.
func (r *Result) Trace() []Check { return trace(r.Claims.steps(), r.failed) }

// Failed is the first check that failed, or nil.
func (r *Result) Failed() *Refusal { return r.failed }

// Verify judges raw for any of the wanted audiences (none: the API's own). The result is never nil; the error is a *Refusal.
func (v *Verifier) Verify(_ context.Context, raw string, wanted []string) (*Result, error) {
	if len(wanted) == 0 {
		wanted = v.APIAudiences
	}
	r, now := &Result{}, v.Clock.Now()
	f := v.judge(r, raw, wanted, now)
	if r.used != nil {
		v.stampUse(r.used, now)
		r.used = nil // a Secret does not outlive the question: results are kept for the stories of requests
	}
	if f != nil {
		r.failed, r.User = f, nil
		return r, f
	}
	return r, nil
}

func (v *Verifier) judge(r *Result, raw string, wanted []string, now time.Time) *Refusal {
	hash := digest(raw)
	keys := v.Keys.now.Load()
	entry, ok := v.known.Get(hash)
	if ok && keys.holds(entry.key) {
		r.Claims, r.Key, r.Cached = entry.claims, entry.key, true
	} else {
		if f := v.signature(r, raw, keys); f != nil {
			return f
		}
		entry = &signature{claims: r.Claims, key: r.Key, user: r.Claims.user()}
		if len(raw) <= maxRemembered {
			v.known.Put(hash, entry)
		}
	}
	if f := v.audience(r, wanted); f != nil {
		return f
	}
	r.User = entry.user
	if r.Claims.Legacy() {
		return v.legacy(r, raw)
	}
	return v.bound(r, now)
}

// digest is the SHA-256 of raw, for tokens of a usual length without copying it to the heap.
func digest(raw string) [sha256.Size]byte {
	var buf [2048]byte
	if len(raw) <= len(buf) {
		return sha256.Sum256(buf[:copy(buf[:], raw)])
	}
	return sha256.Sum256([]byte(raw))
}

// signature takes raw through form, issuer and signature, and leaves the claims in r. What the issuer check reads is unproven; what
// stays in r afterwards is what golang-jwt verified.
func (v *Verifier) signature(r *Result, raw string, keys *keys) *Refusal {
	header, claims, f := decode(raw)
	if f != nil {
		return f
	}
	r.Claims = claims
	if claims.Issuer != LegacyIssuer && !slices.Contains(v.Issuers, claims.Issuer) {
		return refuse(StepIssuer, CodeIssuer, textNotMine, "issuer", claims.Issuer, "accepted", strings.Join(v.Issuers, ", "))
	}
	candidates := keys.verify
	if header.Kid != "" {
		candidates = keys.byID[header.Kid]
	}
	if len(candidates) == 0 {
		return refuse(StepSignature, CodeUnknownKey, textNoKeys, "kid", header.Kid)
	}
	fit := false
	for _, k := range candidates {
		if !slices.Contains(k.methods, header.Alg) {
			continue
		}
		fit = true
		proven, err := k.verify(raw)
		if err != nil {
			continue
		}
		r.Claims, r.Key = proven, k
		if !k.until.IsZero() && proven.IssuedAt != nil && proven.IssuedAt.Time().After(k.until) {
			r.Key = nil
			return refuse(StepSignature, CodeSuperseded, textNoKeys,
				"kid", k.id, "issued", stamp(proven.IssuedAt.Time()), "until", stamp(k.until))
		}
		return nil
	}
	if !fit {
		return refuse(StepSignature, CodeAlgorithm, textCrypto, "alg", header.Alg, "kid", header.Kid)
	}
	return refuse(StepSignature, CodeSignature, textCrypto, "alg", header.Alg, "kid", header.Kid)
}

type header struct {
	Alg  string   `json:"alg"`
	Kid  string   `json:"kid"`
	Crit []string `json:"crit"`
}

// decode reads a compact token without believing it. Beyond the RFCs it is strict about what two readers could read differently:
// only the URL alphabet without padding, exact field names, nothing said twice.
func decode(raw string) (*header, *Claims, *Refusal) {
	parts := strings.SplitN(raw, ".", 4)
	if len(parts) != 3 || strings.ContainsAny(raw, "\r\n") { // which Go's base64 would skip
		return nil, nil, refuse(StepForm, CodeNotJWT, textNotMine, "parts", strconv.Itoa(strings.Count(raw, ".")+1))
	}
	var h header
	if f := decodePart("header", parts[0], &h); f != nil {
		return nil, nil, f
	}
	if len(h.Crit) > 0 { // extensions we must understand and do not
		return nil, nil, refuse(StepForm, CodeMalformed, textNotMine, "part", "header")
	}
	c := &Claims{}
	if f := decodePart("claims", parts[1], c); f != nil {
		return nil, nil, f
	}
	return &h, c, nil
}

var strictBase64 = base64.RawURLEncoding.Strict()

func decodePart(name, part string, into any) *Refusal {
	data, err := strictBase64.DecodeString(part)
	if err == nil {
		err = decodeStrict(data, into)
	}
	switch {
	case errors.Is(err, errDoubled):
		return refuse(StepForm, CodeDoubled, textNotMine, "part", name)
	case err != nil:
		return refuse(StepForm, CodeMalformed, textNotMine, "part", name)
	}
	return nil
}

// audience is AUTH-12.
func (v *Verifier) audience(r *Result, wanted []string) *Refusal {
	has := []string(r.Claims.Audience)
	if len(has) == 0 { // a legacy token: it is for the API
		has = v.APIAudiences
		r.annotate("authentication.k8s.io/legacy-token", r.Claims.Subject)
	}
	if r.Audiences = intersect(has, wanted); len(r.Audiences) == 0 && len(v.APIAudiences) > 0 {
		return refuse(StepAudience, CodeAudience, fmt.Sprintf("token audiences %q is invalid for the target audiences %q", has, wanted),
			"audiences", strings.Join(has, ", "), "wanted", strings.Join(wanted, ", "))
	}
	return nil
}

// intersect returns has itself where everything in it is wanted, which is the usual case.
func intersect(has, wanted []string) []string {
	for i, a := range has {
		if slices.Contains(wanted, a) {
			continue
		}
		out := append([]string(nil), has[:i]...)
		for _, a := range has[i+1:] {
			if slices.Contains(wanted, a) {
				out = append(out, a)
			}
		}
		return out
	}
	return has
}

func (r *Result) annotate(key, value string) {
	if r.Annotations == nil {
		r.Annotations = map[string]string{}
	}
	r.Annotations[key] = value
}
