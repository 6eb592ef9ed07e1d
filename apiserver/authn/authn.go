package authn

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/recent"
)

// Method is a way to prove who one is.
type Method string

// The methods.
const (
	Certificate    Method = "certificate"
	StaticToken    Method = "static-token"
	AccountToken   Method = "account-token"
	BootstrapToken Method = "bootstrap-token"
	WebSocket      Method = "websocket-token" // how a token came, where it came to nothing
	Bearer         Method = "bearer-token"    // the same
	Anonymous      Method = "anonymous"
)

// Clock is the cluster's time.
type Clock interface{ Now() time.Time }

// Config is what an Authenticator needs. What is nil is not accepted.
type Config struct {
	// ClientCA signs client certificates.
	ClientCA *x509.CertPool
	// Tokens verifies ServiceAccount tokens. Its API audiences are those of the other tokens, too (AUTH-31).
	Tokens *token.Verifier
	// Static is the token file.
	Static *StaticTokens
	// Bootstrap accepts bootstrap tokens, whose Secrets come from Tokens' Getter (USR-8).
	Bootstrap bool
	// NoAnonymous refuses requests without a credential (--anonymous-auth=false).
	NoAnonymous bool
	Clock       Clock
	Era         era.Era
}

// Authenticator says who sent a request. It is safe for concurrent use.
type Authenticator struct {
	Config
	known *recent.Map[*x509.Certificate, *goodCertificate]
}

// New returns an Authenticator.
func New(c Config) *Authenticator {
	return &Authenticator{Config: c, known: recent.New[*x509.Certificate, *goodCertificate](remembered)}
}

// Result is somebody known. It is shared with nobody, but its User is.
type Result struct {
	User   *request.User
	Method Method
	// Audiences are those the token was accepted for; only of tokens.
	Audiences []string
	// Token is the judgement of a ServiceAccount token, Certificate the certificate that was good.
	Token       *token.Result
	Certificate *x509.Certificate
	// AlsoToken says that a bearer token came beside the certificate, and that nobody looked at it.
	AlsoToken bool
	// Warnings are for the answer's Warning headers, Annotations for the audit log.
	Warnings    []string
	Annotations map[string]string

	before []Attempt
}

// Attempt is one credential that was tried.
type Attempt struct {
	Method  Method        `json:"method"`
	Outcome token.Outcome `json:"outcome"`
	// Code and Params say why it failed, where there are no Checks.
	Code   string            `json:"code,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// Checks are those of a ServiceAccount token.
	Checks []token.Check `json:"checks,omitempty"`
	// Text is what Kubernetes says, to TokenReview alone.
	Text string `json:"text,omitempty"`
	// Token is the judgement of a ServiceAccount token.
	Token *token.Result `json:"-"`
}

// Trace lists the credentials tried, the one that was good last.
func (r *Result) Trace() []Attempt {
	good := Attempt{Method: r.Method, Outcome: token.OK}
	if r.Token != nil {
		good.Checks = r.Token.Trace()
	}
	return append(slices.Clone(r.before), good)
}

// Unauthorized is the error of somebody who showed a credential that is not good: 401, without a reason on the wire (AUTH-4).
type Unauthorized struct {
	// Attempts are the credentials tried.
	Attempts []Attempt
	// Annotations are for the audit log, Warnings for the answer.
	Annotations map[string]string
	Warnings    []string
}

// Error is the text TokenReview shows: one reason, or several in brackets, equal ones once. Before the first of a bearer token comes the
// reference's own loopback credential, which says "invalid bearer token" of each that is not it (AUTH-21).
func (u *Unauthorized) Error() string {
	var texts []string
	say := func(text string) {
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	for _, a := range u.Attempts {
		if a.Method == AccountToken || a.Method == Bearer {
			say(textInvalid)
		}
		say(a.Text)
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// Status makes it an apierrors.APIStatus: what goes over the wire.
func (*Unauthorized) Status() metav1.Status {
	return metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnauthorized, Reason: metav1.StatusReasonUnauthorized, Message: "Unauthorized",
	}
}

// Authenticate says who sent r. The error is an *Unauthorized.
func (a *Authenticator) Authenticate(r *http.Request) (*Result, error) {
	bad := &Unauthorized{}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		good, failed := a.certificate(r.TLS.PeerCertificates)
		if good != nil {
			good.AlsoToken = r.Header.Get("Authorization") != ""
			r.Header.Del("Authorization") // a better credential was shown: this one must not be used further in
			return good, nil
		}
		bad.add(failed)
	}
	raw, warning := FromHeader(r.Header)
	if warning != "" {
		bad.Warnings = append(bad.Warnings, warning)
	}
	if raw != "" {
		good, failed := a.token(r.Context(), raw, nil)
		if good != nil {
			r.Header.Del("Authorization")
			return good.after(bad), nil
		}
		bad.add(failed)
	}
	good, failed := a.webSocket(r)
	if good != nil {
		return good.after(bad), nil
	}
	bad.add(failed)
	if len(bad.Attempts) > 0 {
		return nil, bad
	}
	if a.NoAnonymous {
		bad.add(&Unauthorized{Attempts: []Attempt{{Method: Anonymous, Outcome: token.Failed, Code: CodeNoAnonymous, Text: "no credential"}}})
		return nil, bad
	}
	return (&Result{User: anonymous(), Method: Anonymous}).after(bad), nil
}

// add takes over what another credential's failure brought; nil brings nothing.
func (u *Unauthorized) add(more *Unauthorized) {
	if more == nil {
		return
	}
	u.Attempts = append(u.Attempts, more.Attempts...)
	u.Warnings = append(u.Warnings, more.Warnings...)
	for k, v := range more.Annotations {
		if u.Annotations == nil {
			u.Annotations = map[string]string{}
		}
		u.Annotations[k] = v
	}
}

// after tells what was tried before this was good.
func (r *Result) after(bad *Unauthorized) *Result {
	r.before = bad.Attempts
	if len(bad.Warnings) > 0 {
		r.Warnings = append(bad.Warnings, r.Warnings...)
	}
	return r
}

// anonymous is USR-7.
func anonymous() *request.User {
	return &request.User{Name: request.Anonymous, Groups: []string{request.Unauthenticated}}
}

// withAuthenticated adds the group of all who are known (AUTH-7, AUTHZ-17).
func withAuthenticated(groups []string) []string {
	if slices.Contains(groups, request.Authenticated) || slices.Contains(groups, request.Unauthenticated) {
		return groups
	}
	return append(slices.Clip(groups), request.Authenticated)
}

// Token judges a bearer token for any of the wanted audiences (none: the API's own). The error is an *Unauthorized. TokenReview asks
// this, too.
func (a *Authenticator) Token(ctx context.Context, raw string, wanted []string) (*Result, error) {
	good, bad := a.token(ctx, raw, wanted)
	if bad != nil {
		return nil, bad
	}
	return good, nil
}

func (a *Authenticator) token(ctx context.Context, raw string, wanted []string) (*Result, *Unauthorized) {
	if u := a.Static.user(raw); u != nil {
		if auds, ok := a.agnostic(wanted); ok {
			return &Result{User: u, Method: StaticToken, Audiences: auds}, nil
		}
	}
	bad := &Unauthorized{}
	if a.Tokens == nil {
		bad.Attempts = []Attempt{{Method: Bearer, Outcome: token.Failed, Code: CodeUnknownToken, Text: textInvalid}}
	} else {
		res, err := a.Tokens.Verify(ctx, raw, wanted)
		if err == nil {
			return &Result{
				User: res.User, Method: AccountToken, Audiences: res.Audiences, Token: res,
				Warnings: res.Warnings, Annotations: res.Annotations,
			}, nil
		}
		f := res.Failed()
		bad.Annotations = res.Annotations
		bad.Attempts = []Attempt{{
			Method: AccountToken, Outcome: token.Failed, Code: f.Code, Params: f.Params, Checks: res.Trace(), Text: f.Text,
			Token: res,
		}}
	}
	if u := a.bootstrap(raw); u != nil {
		if auds, ok := a.agnostic(wanted); ok {
			return &Result{User: u, Method: BootstrapToken, Audiences: auds}, nil
		}
	}
	return nil, bad
}

// agnostic: tokens that know no audience are good for the API's own (AUTH-31).
func (a *Authenticator) agnostic(wanted []string) (audiences []string, ok bool) {
	if a.Tokens == nil {
		return nil, len(wanted) == 0
	}
	if len(wanted) == 0 {
		return a.Tokens.APIAudiences, true
	}
	for _, own := range a.Tokens.APIAudiences {
		if slices.Contains(wanted, own) {
			audiences = append(audiences, own)
		}
	}
	return audiences, len(audiences) > 0
}
