package token

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"
)

// Form is what somebody showed.
type Form string

// The forms.
const (
	FormBound     Form = "bound"     // a TokenRequest's token
	FormLegacy    Form = "legacy"    // a Secret's token
	FormForeign   Form = "foreign"   // a JWT of another issuer
	FormStatic    Form = "static"    // a line of the token file
	FormBootstrap Form = "bootstrap" // for joining a cluster
	FormOpaque    Form = "opaque"    // none of these
)

// State is what became of an object that a token names.
type State string

// The states.
const (
	Alive    State = "alive"    // it lives, with the same uid
	Replaced State = "replaced" // another one of that name lives
	Missing  State = "missing"
	Deleted  State = "deleted" // deleted more than a minute ago, and not gone yet
)

// Report is a token explained. It holds codes and facts and never the token. Everything a bad signature leaves unproven is only claimed.
type Report struct {
	Accepted bool `json:"accepted"`
	// Code is the failed check's, or empty.
	Code   string            `json:"code,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	Form   Form              `json:"form"`
	// Proven: the signature is good, so the claims are the issuer's words.
	Proven bool      `json:"proven"`
	Now    time.Time `json:"now"`
	// Fingerprint names the token without giving it away.
	Fingerprint string `json:"fingerprint"`

	User string `json:"user,omitempty"`
	UID  string `json:"uid,omitempty"`
	// Line is where the token file has it.
	Line int `json:"line,omitempty"`

	Alg    string `json:"alg,omitempty"`
	Kid    string `json:"kid,omitempty"`
	ID     string `json:"jti,omitempty"`
	Issuer string `json:"issuer,omitempty"`

	Audiences []string `json:"audiences,omitempty"`
	// ForAPI: one of the audiences is this API server.
	ForAPI bool `json:"forAPI"`

	Issued *time.Time `json:"issued,omitempty"`
	// Told is the end its holder was told; before Ends for the standard mount (TOK-6).
	Told *time.Time `json:"told,omitempty"`
	// Ends is signed into the token; nil: never.
	Ends *time.Time `json:"ends,omitempty"`
	// Refresh is when the kubelet renews a pod's token; nil for tokens that nobody renews.
	Refresh *Window `json:"refresh,omitempty"`

	Account *Object `json:"account,omitempty"`
	// Bound is what it dies with beside the account: a pod, secret or node.
	Bound *Object `json:"bound,omitempty"`
	Node  string  `json:"node,omitempty"`

	// Checks are those of a request, up to the first that failed. Beyond are the rest of them, made all the same where the signature
	// is good: they tell whether a new token would work.
	Checks []Check  `json:"checks,omitempty"`
	Beyond []Check  `json:"beyond,omitempty"`
	Advice []Advice `json:"advice,omitempty"`
}

// Object is something a token names, and what became of it.
type Object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	UID       string `json:"uid,omitempty"`
	State     State  `json:"state,omitempty"`
	// Current is the uid of the one that took its name, Created when that was made.
	Current string `json:"current,omitempty"`
	Created string `json:"created,omitempty"`
}

// Window is a stretch of time.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Advice is what to do, by code.
type Advice struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// Codes of Advice.
const (
	AdviceCreate   = "token.advice.create"   // namespace, name: ask for a new token
	AdviceRepod    = "token.advice.repod"    // namespace, name: let the pod be made again, it gets a new token
	AdviceAudience = "token.advice.audience" // audiences: it is for somebody else, show it there
	AdviceCluster  = "token.advice.cluster"  // issuer: it is of another cluster
	AdviceKey      = "token.advice.key"      // kid: its key was retired, or it is of another cluster; ask for a new one
	AdviceForged   = "token.advice.forged"   // it was changed or forged: trust nothing in it
	AdviceAccount  = "token.advice.account"  // namespace, name: the account must be made first
	AdviceCopy     = "token.advice.copy"     // it was cut or changed while it was copied
	AdviceSwitch   = "token.advice.switch"   // bound to nothing: bind the next one to have a switch
)

// Inspect explains a token for people, as a request with the wanted audiences (none: the API's own) would be judged now. What is no
// JWT at all is FormOpaque; other authenticators may know it.
func (v *Verifier) Inspect(raw string, wanted []string) *Report {
	now := v.Clock.Now()
	if len(wanted) == 0 {
		wanted = v.APIAudiences
	}
	r := &Result{}
	failed := v.judge(r, raw, wanted, now)
	r.failed = failed
	sum := sha256.Sum256([]byte(raw))
	rep := &Report{
		Accepted: failed == nil, Now: now, Form: FormOpaque, Proven: r.Key != nil, Checks: r.Trace(),
		Fingerprint: base64.RawURLEncoding.EncodeToString(sum[:6]),
	}
	if failed != nil {
		rep.Code, rep.Params = failed.Code, failed.Params
	}
	if r.Claims == nil {
		if failed.Code != CodeNotJWT {
			rep.advise(AdviceCopy)
		}
		return rep
	}
	if h, _, f := decode(raw); f == nil {
		rep.Alg, rep.Kid = h.Alg, h.Kid
	}
	if r.Key != nil {
		rep.Kid = r.Key.ID()
	}
	v.describe(rep, r.Claims)
	if rep.Proven {
		v.beyond(rep, r, raw, wanted, now)
	}
	v.advice(rep, failed, r.Claims)
	return rep
}

// describe copies what the claims say.
func (v *Verifier) describe(rep *Report, c *Claims) {
	switch {
	case c.Legacy():
		rep.Form = FormLegacy
	case slices.Contains(v.Issuers, c.Issuer):
		rep.Form = FormBound
	default:
		rep.Form = FormForeign
	}
	ns, name, uid := c.Who()
	if name != "" {
		rep.User, rep.UID = AccountUser(ns, name, uid).Name, uid
		rep.Account = &Object{Kind: "serviceaccount", Namespace: ns, Name: name, UID: uid}
	} else {
		rep.User = c.Subject
	}
	rep.Issuer, rep.ID = c.Issuer, c.ID
	rep.Audiences = c.Audience
	rep.ForAPI = len(c.Audience) == 0 || len(intersect(c.Audience, v.APIAudiences)) > 0
	at := func(s *Seconds) *time.Time {
		if s == nil {
			return nil
		}
		t := s.Time()
		return &t
	}
	rep.Issued, rep.Ends = at(c.IssuedAt), at(c.Expiry)
	rep.Told = rep.Ends
	p := c.private()
	if p.WarnAfter != nil {
		rep.Told = at(p.WarnAfter)
	}
	if p.Node != nil {
		rep.Node = p.Node.Name
	}
	switch {
	case c.Legacy():
		rep.Bound = &Object{Kind: "secret", Namespace: c.Namespace, Name: c.Secret}
	case p.Pod != nil:
		rep.Bound = &Object{Kind: "pod", Namespace: p.Namespace, Name: p.Pod.Name, UID: p.Pod.UID}
		rep.Refresh = refreshWindow(rep.Issued, rep.Told)
	case p.Secret != nil:
		rep.Bound = &Object{Kind: "secret", Namespace: p.Namespace, Name: p.Secret.Name, UID: p.Secret.UID}
	case p.Node != nil:
		rep.Bound = &Object{Kind: "node", Name: p.Node.Name, UID: p.Node.UID}
	}
}

// refreshWindow is when a kubelet renews: with a fifth of the life left, or after a day, up to 9 seconds early (KUB-3).
func refreshWindow(issued, told *time.Time) *Window {
	if issued == nil || told == nil {
		return nil
	}
	life := int64(told.Sub(*issued) / time.Second)
	at := told.Add(-time.Duration(life*20/100) * time.Second)
	if day := issued.Add(24 * time.Hour); day.Before(at) {
		at = day
	}
	return &Window{From: at.Add(-9 * time.Second), To: at}
}

// beyond makes the checks behind the first that failed, one by one, and notes what became of the objects.
func (v *Verifier) beyond(rep *Report, r *Result, raw string, wanted []string, now time.Time) {
	c, p := r.Claims, r.Claims.private()
	try := func(s Step) *Refusal {
		switch s {
		case StepAudience:
			return v.audience(&Result{Claims: c}, wanted)
		case StepTime:
			return v.time(c, now)
		case StepAccount:
			if c.Legacy() {
				_, f := v.legacyAccount(c)
				return f
			}
			return v.account(p, now)
		case StepSecret:
			if c.Legacy() {
				return v.legacySecret(c, raw)
			}
			return v.boundTo(s, p.Namespace, p.Secret, now)
		case StepPod:
			return v.boundTo(s, p.Namespace, p.Pod, now)
		case StepNode:
			return v.boundTo(s, "", p.Node, now)
		}
		return nil
	}
	reached := true
	for _, check := range rep.Checks {
		f := r.failed
		if check.Outcome == NotReached {
			if reached = false; check.Step == StepClaims || check.Step == StepCopy || check.Step == StepMark {
				continue // they mean nothing without what comes before
			}
			f = try(check.Step)
		} else if check.Outcome == OK {
			f = nil
		}
		switch check.Step {
		case StepAccount:
			rep.Account.become(f)
		case StepSecret, StepPod, StepNode:
			rep.Bound.become(f)
		}
		if !reached {
			again := Check{Step: check.Step, Outcome: OK}
			if f != nil {
				again = f.Check
			}
			rep.Beyond = append(rep.Beyond, again)
		}
	}
}

// become notes what a check found of the object.
func (o *Object) become(f *Refusal) {
	if o == nil {
		return
	}
	o.State = Alive
	if f == nil {
		return
	}
	switch f.Code {
	case CodeAccountMissing, CodeBoundMissing:
		o.State = Missing
	case CodeAccountDeleted, CodeBoundDeleted:
		o.State = Deleted
	case CodeAccountUID, CodeBoundUID:
		o.State, o.Current, o.Created = Replaced, f.Params["uid"], f.Params["created"]
	default:
		o.State = ""
	}
}

func (r *Report) advise(code string, kv ...string) {
	a := Advice{Code: code}
	for i := 0; i+1 < len(kv); i += 2 {
		if a.Params == nil {
			a.Params = map[string]string{}
		}
		a.Params[kv[i]] = kv[i+1]
	}
	r.Advice = append(r.Advice, a)
}

func (v *Verifier) advice(rep *Report, failed *Refusal, c *Claims) {
	ns, name, _ := c.Who()
	unbound := rep.Bound == nil && rep.Form == FormBound
	switch {
	case failed == nil && unbound:
		rep.advise(AdviceSwitch)
	case failed == nil:
	case failed.Step == StepIssuer:
		rep.advise(AdviceCluster, "issuer", c.Issuer)
	case failed.Code == CodeUnknownKey || failed.Code == CodeSuperseded:
		rep.advise(AdviceKey, "kid", rep.Kid, "namespace", ns, "name", name)
	case failed.Step == StepSignature:
		rep.advise(AdviceForged)
	case failed.Step == StepAudience:
		rep.advise(AdviceAudience, "audiences", failed.Params["audiences"])
	case rep.Account != nil && (rep.Account.State == Missing || rep.Account.State == Deleted):
		rep.advise(AdviceAccount, "namespace", ns, "name", name)
	case rep.Bound != nil && rep.Bound.Kind == "pod":
		rep.advise(AdviceRepod, "namespace", ns, "name", rep.Bound.Name)
	default:
		rep.advise(AdviceCreate, "namespace", ns, "name", name)
		if unbound {
			rep.advise(AdviceSwitch)
		}
	}
}
