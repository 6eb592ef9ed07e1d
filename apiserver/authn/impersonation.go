package authn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/recent"
)

// Authorize decides whether u may do what: nil, or the 403 to answer.
type Authorize func(ctx context.Context, u *request.User, what *request.Info) error

// Forbid words a 403 for what, with a reason.
type Forbid func(u *request.User, what *request.Info, reason string) error

// Impersonator lets callers act as somebody else (USR-20 to USR-25, IMP-1 to IMP-11). It is safe for concurrent use.
type Impersonator struct {
	era       era.Era
	authorize Authorize
	forbid    Forbid
	// last is the mode in which a caller last succeeded. It is tried first, which also decides whose refusal is told (USR-24).
	last *recent.Map[string, int]
}

// NewImpersonator returns an Impersonator that asks authorize.
func NewImpersonator(e era.Era, authorize Authorize, forbid Forbid) *Impersonator {
	const callers = 5000
	return &Impersonator{era: e, authorize: authorize, forbid: forbid, last: recent.New[string, int](callers)}
}

// Impersonated is who a request is treated as.
type Impersonated struct {
	User *request.User
	// Constraint is the verb that allowed it in a constrained mode, for the audit log (IMP-11); empty in classic mode.
	Constraint string
}

// The headers (USR-20).
const (
	headerUser   = "Impersonate-User"
	headerGroup  = "Impersonate-Group"
	headerUID    = "Impersonate-Uid"
	headerExtras = "Impersonate-Extra-"
)

// Impersonate reads the headers of a request that caller sent and that is about what, and takes them away. Both results are nil if
// there are none. Errors are *apierrors.StatusError: 400 for headers without a user, 403 for what the caller may not do.
func (i *Impersonator) Impersonate(ctx context.Context, h http.Header, caller *request.User, what *request.Info) (*Impersonated, error) {
	want, err := i.wanted(h)
	if want == nil || err != nil {
		return nil, err
	}
	if !i.era.ConstrainedImpersonation() {
		return i.as(ctx, &classic, want, caller, what)
	}
	var first error
	before, known := i.last.Get(caller.Name)
	if known {
		got, err := i.as(ctx, &modes[before], want, caller, what)
		if got != nil {
			return got, nil
		}
		first = err
	}
	for n := range modes {
		if known && n == before {
			continue
		}
		got, err := i.as(ctx, &modes[n], want, caller, what)
		if got != nil {
			i.last.Put(caller.Name, n)
			return got, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil { // classic mode always has a word to say; deny by default all the same
		first = apierrors.NewForbidden(corev1.Resource("users"), want.Name, errors.New("no mode of impersonation applies"))
	}
	return nil, first
}

// wanted reads who the headers name, as they say it, or nil.
func (i *Impersonator) wanted(h http.Header) (*request.User, error) {
	u := &request.User{Name: h.Get(headerUser), UID: h.Get(headerUID), Groups: slices.Clone(h[headerGroup])}
	extra := false
	for name, values := range h {
		suffix, ok := strings.CutPrefix(name, headerExtras)
		if !ok {
			continue
		}
		extra = true
		if u.Extra == nil {
			u.Extra = map[string][]string{}
		}
		key := strings.ToLower(suffix)
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
		u.Extra[key] = append(u.Extra[key], values...)
	}
	if u.Name == "" {
		if u.UID == "" && len(u.Groups) == 0 && !extra {
			return nil, nil
		}
		return nil, apierrors.NewBadRequest(i.nameless(u))
	}
	for name := range h { // nothing behind may see or pass them on (IMP-7)
		if name == headerUser || name == headerUID || name == headerGroup || strings.HasPrefix(name, headerExtras) {
			delete(h, name)
		}
	}
	return u, nil
}

// nameless is the text for headers without a user, which shows what the reference read in its own terms (USR-20).
func (i *Impersonator) nameless(u *request.User) string {
	if i.era.ConstrainedImpersonation() {
		return fmt.Sprintf("requested &user.DefaultInfo{Name:%#v, UID:%#v, Groups:%#v, Extra:%#v} without impersonating a user name",
			u.Name, u.UID, u.Groups, u.Extra)
	}
	var asked []string
	for _, g := range u.Groups {
		asked = append(asked, "group "+g)
	}
	for _, key := range slices.Sorted(maps.Keys(u.Extra)) {
		asked = append(asked, "extra "+key)
	}
	if u.UID != "" {
		asked = append(asked, "uid "+u.UID)
	}
	return fmt.Sprintf("requested %v without impersonating a user", asked)
}

// as tries one mode. Both results are nil if the mode is not for this.
func (i *Impersonator) as(ctx context.Context, m *mode, want, caller *request.User, what *request.Info) (*Impersonated, error) {
	if m.name != "" {
		if !m.applies(want, caller) {
			return nil, nil
		}
		on := *what
		on.Verb = "impersonate-on:" + m.name + ":" + what.Verb
		if err := i.authorize(ctx, caller, &on); err != nil {
			return nil, err
		}
	}
	c := &claim{Impersonator: i, ctx: ctx, mode: m, caller: caller}
	for _, check := range []func(*request.User) error{c.name, c.uid, c.groups, c.extra} {
		if err := check(want); err != nil {
			return nil, err
		}
	}
	got := &Impersonated{User: m.identity(want)}
	if m.name != "" {
		got.Constraint = m.verb()
	}
	return got, nil
}

// identity is who want becomes (USR-22).
func (m *mode) identity(want *request.User) *request.User {
	u := *want
	if ns, _, ok := token.SplitUsername(u.Name); ok && len(u.Groups) == 0 {
		u.Groups = []string{"system:serviceaccounts", "system:serviceaccounts:" + ns}
	}
	if _, ok := nodeOf(u.Name); ok && m.name != "" {
		u.Groups = []string{request.Nodes}
	}
	switch {
	case u.Name == request.Anonymous:
		if !slices.Contains(u.Groups, request.Unauthenticated) {
			u.Groups = append(slices.Clip(u.Groups), request.Unauthenticated)
		}
	default:
		u.Groups = withAuthenticated(u.Groups)
	}
	return &u
}
