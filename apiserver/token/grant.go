package token

import (
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The numbers of TokenRequest (TOK-4 to TOK-6).
const (
	DefaultSeconds  = 3600
	MinSeconds      = 600
	MaxSeconds      = 1 << 32
	MountedSeconds  = 3607     // what the injected volume asks for; exactly this is extended
	ExtendedSeconds = 31536000 // 365 days
)

// Options are the cluster's settings for TokenRequests.
type Options struct {
	// APIAudiences name this API server.
	APIAudiences []string
	// MaxSeconds caps requests (--service-account-max-token-expiration); 0: no cap.
	MaxSeconds int64
	// KeepMounted switches the one-year extension off (--service-account-extend-token-expiration=false).
	KeepMounted bool
}

// Grant is what a TokenRequest gets.
type Grant struct {
	Audiences []string
	// Expiration is what the answer says in seconds: the client goes by it.
	Expiration int64
	// Seconds is the life of the token itself, longer than Expiration if extended (TOK-6).
	Seconds int64
	// WarnAfter is when an extended token should have been changed; 0: not extended.
	WarnAfter int64
	// Warning is for the answer's Warning header (TOK-5).
	Warning string
}

// Default fills in what a request leaves open: audiences and life (TOK-3, TOK-4).
func (o Options) Default(spec *authenticationv1.TokenRequestSpec) {
	if len(spec.Audiences) == 0 {
		spec.Audiences = slices.Clone(o.APIAudiences)
	}
	if spec.ExpirationSeconds == nil {
		s := int64(DefaultSeconds)
		spec.ExpirationSeconds = &s
	}
}

// Validate is the static check of a defaulted request (TOK-4).
func Validate(spec *authenticationv1.TokenRequestSpec) field.ErrorList {
	path := field.NewPath("spec", "expirationSeconds")
	switch n := *spec.ExpirationSeconds; {
	case n < MinSeconds:
		return field.ErrorList{field.Invalid(path, n, "may not specify a duration less than 10 minutes")}
	case n > MaxSeconds:
		return field.ErrorList{field.Invalid(path, n, "may not specify a duration larger than 2^32 seconds")}
	}
	return nil
}

// Grant decides on a defaulted and valid request: first the cap, then the extension, which the cap does not touch (TOK-5 to TOK-8).
func (o Options) Grant(spec authenticationv1.TokenRequestSpec, podBound bool) Grant {
	g := Grant{Audiences: spec.Audiences, Expiration: *spec.ExpirationSeconds}
	if o.MaxSeconds > 0 && g.Expiration > o.MaxSeconds {
		g.Warning = fmt.Sprintf("requested expiration of %d seconds shortened to %d seconds", g.Expiration, o.MaxSeconds)
		g.Expiration = o.MaxSeconds
	}
	g.Seconds = g.Expiration
	if !o.KeepMounted && podBound && g.Expiration == MountedSeconds && o.allAPI(g.Audiences) {
		g.Seconds, g.WarnAfter = ExtendedSeconds, g.Expiration
	}
	return g
}

func (o Options) allAPI(audiences []string) bool {
	for _, a := range audiences {
		if !slices.Contains(o.APIAudiences, a) {
			return false
		}
	}
	return true
}
