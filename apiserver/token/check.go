package token

import (
	"time"
)

// Step is one of the checks a token goes through.
type Step string

// The steps of a bound token are form, issuer, signature, audience, time, account, and secret, pod or node if it is bound to one
// (AUTH-10 to AUTH-19). Those of a legacy token are form, issuer, signature, audience, claims, secret, copy, account and mark
// (AUTH-26 to AUTH-28).
const (
	StepForm      Step = "form"
	StepIssuer    Step = "issuer"
	StepSignature Step = "signature"
	StepAudience  Step = "audience"
	StepTime      Step = "time"
	StepAccount   Step = "account"
	StepSecret    Step = "secret"
	StepPod       Step = "pod"
	StepNode      Step = "node"
	StepClaims    Step = "claims" // a legacy token has all its claims and they agree
	StepCopy      Step = "copy"   // the Secret holds this very token
	StepMark      Step = "mark"   // the Secret is not marked invalid
)

// Outcome is what became of a step.
type Outcome string

// The outcomes.
const (
	OK         Outcome = "ok"
	Failed     Outcome = "failed"
	NotReached Outcome = "not reached"
)

// Codes of failed checks; the parameters they carry are named beside them. Moments are RFC 3339 in UTC.
const (
	CodeNotJWT         = "token.form.not-a-jwt"                              // parts
	CodeMalformed      = "token.form.malformed"                              // part (header, claims, signature)
	CodeDoubled        = "token.form.doubled"                                // part
	CodeIssuer         = "token.issuer.foreign"                              // issuer, accepted
	CodeUnknownKey     = "token.signature.no-key"                            // kid
	CodeAlgorithm      = "token.signature.alg"                               // alg, kid
	CodeSignature      = "token.signature.bad"                               // alg, kid
	CodeSuperseded     = "token.signature.dropped"                           // kid, issued, until
	CodeAudience       = "token.audience.other"                              // audiences, wanted
	CodeExpired        = "token.time.expired"                                // ended, now, leeway
	CodeNotYet         = "token.time.not-yet"                                // begins, now, leeway
	CodeFuture         = "token.time.future"                                 // issued, now, leeway
	CodeAccountMissing = "token.account.missing"                             // namespace, name
	CodeAccountUID     = "token.account.uid"                                 // namespace, name, uid, claim, created
	CodeAccountDeleted = "token.account.deleted"                             // namespace, name, deleted
	CodeBoundMissing   = "token.bound.missing"                               // kind, namespace, name
	CodeBoundUID       = "token.bound.uid"                                   // kind, namespace, name, uid, claim, created
	CodeBoundDeleted   = "token.bound.deleted"                               // kind, namespace, name, deleted
	CodeClaimMissing   = "token.claims.missing"                              // claim
	CodeSubject        = "token.claims.subject"                              // subject, namespace, name
	CodeCopyDiffers    = "token.copy.differs"                                // namespace, name
	CodeMarked         = "token.mark.invalid"                                // namespace, name, since
	CodeLookup         = "token.lookup"                                      // error: the cluster could not be asked
	textNotMine        = "invalid bearer token"                              // for tokens another authenticator may know
	textCrypto         = "go-jose/go-jose: error in cryptographic primitive" // the reference's words, whatever our library says
	textNoKeys         = "invalid signature, no keys found"
	leeway             = 60 * time.Second // AUTH-13, AUTH-19
)

// Check is one step and its outcome. Failed ones have a code and parameters for people; Text is what Kubernetes says on the wire.
type Check struct {
	Step    Step              `json:"step"`
	Outcome Outcome           `json:"outcome"`
	Code    string            `json:"code,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
	Text    string            `json:"text,omitempty"`
}

// Refusal is the error of Verify: the first check that failed.
type Refusal struct {
	Check
	// Foreign is set for what may be another authenticator's token (AUTH-10).
	Foreign bool
}

// Error is the text that TokenReview shows (AUTH-21).
func (r *Refusal) Error() string { return r.Text }

func refuse(step Step, code, text string, params ...string) *Refusal {
	c := Check{Step: step, Outcome: Failed, Code: code, Text: text}
	if len(params) > 0 {
		c.Params = make(map[string]string, len(params)/2)
		for i := 0; i+1 < len(params); i += 2 {
			c.Params[params[i]] = params[i+1]
		}
	}
	return &Refusal{Check: c, Foreign: step == StepForm || step == StepIssuer}
}

// trace lists the steps with their outcomes, given the first that failed (nil: none did).
func trace(steps []Step, failed *Refusal) []Check {
	out := make([]Check, len(steps))
	outcome := OK
	for i, s := range steps {
		if failed != nil && s == failed.Step {
			out[i], outcome = failed.Check, NotReached
			continue
		}
		out[i] = Check{Step: s, Outcome: outcome}
	}
	return out
}

// steps are those that a token of these claims goes through; nil claims: it never came that far.
func (c *Claims) steps() []Step {
	if c == nil {
		return unknownSteps
	}
	if c.Legacy() {
		return legacySteps
	}
	p := c.private()
	switch {
	case p.Secret == nil && p.Pod == nil && p.Node == nil:
		return unboundSteps
	case p.Pod != nil && p.Secret == nil:
		return podSteps
	}
	steps := unboundSteps[:len(unboundSteps):len(unboundSteps)]
	if p.Secret != nil {
		steps = append(steps, StepSecret)
	}
	if p.Pod != nil {
		steps = append(steps, StepPod)
	} else if p.Node != nil {
		steps = append(steps, StepNode)
	}
	return steps
}

// Shared and never changed.
var (
	unknownSteps = []Step{StepForm, StepIssuer, StepSignature, StepAudience, StepTime, StepAccount}
	unboundSteps = unknownSteps
	podSteps     = []Step{StepForm, StepIssuer, StepSignature, StepAudience, StepTime, StepAccount, StepPod}
	legacySteps  = []Step{StepForm, StepIssuer, StepSignature, StepAudience, StepClaims, StepSecret, StepCopy, StepAccount, StepMark}
)

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
