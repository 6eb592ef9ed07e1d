package authn

import (
	"crypto/subtle"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/request"
)

// The shapes of bootstrap tokens and of the groups they may give (USR-8).
var (
	bootstrapToken = regexp.MustCompile(`^([a-z0-9]{6})\.([a-z0-9]{16})$`)
	bootstrapGroup = regexp.MustCompile(`^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$`)
)

const (
	bootstrapType   = "bootstrap.kubernetes.io/token"
	bootstrappers   = "system:bootstrappers"
	bootstrapPrefix = "system:bootstrap:"
)

// bootstrap is the user of a bootstrap token, or nil. The Secret is asked for anew each time.
func (a *Authenticator) bootstrap(raw string) *request.User {
	if !a.Bootstrap || a.Tokens == nil {
		return nil
	}
	parts := bootstrapToken.FindStringSubmatch(raw)
	if parts == nil {
		return nil
	}
	id, secret := parts[1], parts[2]
	s, err := a.Tokens.Getter.Secret("kube-system", "bootstrap-token-"+id)
	if err != nil || s.DeletionTimestamp != nil || s.Type != bootstrapType {
		return nil
	}
	field := func(name string) string { return string(s.Data[name]) }
	switch {
	case subtle.ConstantTimeCompare(s.Data["token-secret"], []byte(secret)) != 1,
		field("token-id") != id,
		field("usage-bootstrap-authentication") != "true":
		return nil
	}
	if end := field("expiration"); end != "" {
		at, err := time.Parse(time.RFC3339, end)
		if err != nil || a.Clock.Now().After(at) { // an end that cannot be read has passed
			return nil
		}
	}
	groups := []string{bootstrappers}
	for _, g := range strings.Split(field("auth-extra-groups"), ",") {
		switch {
		case g == "" && field("auth-extra-groups") == "":
		case !bootstrapGroup.MatchString(g):
			return nil
		case !slices.Contains(groups, g):
			groups = append(groups, g)
		}
	}
	slices.Sort(groups)
	return &request.User{Name: bootstrapPrefix + id, Groups: withAuthenticated(groups)}
}
