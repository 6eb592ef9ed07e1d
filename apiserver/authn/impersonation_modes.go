package authn

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
)

// mode is one way to impersonate. All but the classic one have a name and are constrained: the caller needs both
// impersonate:NAME on the identity and impersonate-on:NAME:VERB on the request (USR-23, IMP-9).
type mode struct {
	name    string
	applies func(want, caller *request.User) bool
}

var classic = mode{}

// modes in the order they are tried.
var modes = [...]mode{
	{"associated-node", func(want, caller *request.User) bool {
		node, ok := nodeOf(want.Name)
		_, _, account := token.SplitUsername(caller.Name)
		own := caller.Extra[token.ExtraNodeName]
		return ok && nameOnly(want) && account && len(own) == 1 && own[0] == node
	}},
	{"arbitrary-node", func(want, _ *request.User) bool { _, ok := nodeOf(want.Name); return ok && nameOnly(want) }},
	{"serviceaccount", func(want, _ *request.User) bool {
		_, _, ok := token.SplitUsername(want.Name)
		return ok && nameOnly(want)
	}},
	{"user-info", func(want, _ *request.User) bool {
		_, node := nodeOf(want.Name)
		_, _, account := token.SplitUsername(want.Name)
		return !node && !account
	}},
	classic,
}

func nameOnly(u *request.User) bool { return u.UID == "" && len(u.Groups) == 0 && len(u.Extra) == 0 }

// nodeOf is the node that a user name belongs to.
func nodeOf(user string) (string, bool) {
	name, ok := strings.CutPrefix(user, request.NodePrefix)
	return name, ok && len(validation.NameIsDNSSubdomain(name, false)) == 0
}

func (m *mode) verb() string {
	if m.name == "" {
		return "impersonate"
	}
	return "impersonate:" + m.name
}

// authenticationGroup holds uids and userextras, and in constrained modes users, groups, accounts and nodes as well.
const authenticationGroup = "authentication.k8s.io"

// claim checks one mode for one caller, a part of the identity at a time.
type claim struct {
	*Impersonator
	ctx    context.Context
	mode   *mode
	caller *request.User
}

func (c *claim) about(group, version, resource, name string) *request.Info {
	prefix := "apis"
	if group == "" {
		prefix = "api"
	}
	return &request.Info{
		IsResource: true, Verb: c.mode.verb(), APIPrefix: prefix, Group: group, Version: version, Resource: resource, Name: name,
	}
}

// identity is about for users, groups, accounts and nodes, whose API group depends on the mode.
func (c *claim) identity(resource, name string) *request.Info {
	if c.mode.name == "" {
		return c.about("", "v1", resource, name)
	}
	return c.about(authenticationGroup, "v1", resource, name)
}

func (c *claim) ask(what *request.Info) error { return c.authorize(c.ctx, c.caller, what) }

func (c *claim) name(want *request.User) error {
	what := c.identity("users", want.Name)
	if node, ok := nodeOf(want.Name); ok && c.mode.name != "" {
		what.Resource, what.Name = "nodes", node
		if c.mode.name == "associated-node" { // a right for whatever node the caller runs on
			what.Name = "*"
		}
	}
	if ns, name, ok := token.SplitUsername(want.Name); ok {
		what.Resource, what.Namespace, what.Name = "serviceaccounts", ns, name
	}
	return c.ask(what)
}

func (c *claim) uid(want *request.User) error {
	if want.UID == "" {
		return nil
	}
	return c.ask(c.about(authenticationGroup, "v1", "uids", want.UID))
}

// many is from how many values on a constrained mode first asks for all of them at once.
const many = 4

func (c *claim) groups(want *request.User) error {
	if len(want.Groups) == 0 {
		return nil
	}
	what := c.identity("groups", "")
	if c.mode.name != "" {
		if slices.Contains(want.Groups, "") {
			return c.forbid(c.caller, what, "impersonating the empty string group is not allowed")
		}
		if slices.Contains(want.Groups, request.Masters) { // IMP-11
			what.Name = request.Masters
			return c.forbid(c.caller, what, "impersonating the system:masters group is not allowed")
		}
		if len(want.Groups) >= many && c.ask(c.identity("groups", "*")) == nil {
			return nil
		}
	}
	for _, g := range want.Groups {
		if err := c.ask(c.identity("groups", g)); err != nil {
			return err
		}
	}
	return nil
}

func (c *claim) extra(want *request.User) error {
	if len(want.Extra) == 0 {
		return nil
	}
	what := c.about(authenticationGroup, "v1", "userextras", "")
	keys := slices.Sorted(maps.Keys(want.Extra))
	if c.mode.name != "" {
		total := 0
		for _, key := range keys {
			if reason := badExtra(key, want.Extra[key]); reason != "" {
				return c.forbid(c.caller, what, reason)
			}
			total += len(want.Extra[key])
		}
		if total >= many {
			all := *what
			all.Subresource, all.Name = "*", "*"
			if c.ask(&all) == nil {
				return nil
			}
		}
	}
	for _, key := range keys {
		for _, value := range want.Extra[key] {
			one := *what
			one.Subresource, one.Name = key, value
			if err := c.ask(&one); err != nil {
				return err
			}
		}
	}
	return nil
}

// badExtra says why a constrained mode takes no such extra, or nothing.
func badExtra(key string, values []string) string {
	switch errs := utilvalidation.IsDomainPrefixedPath(field.NewPath("extra", "key"), key); {
	case key == "":
		return "impersonating the empty string key in extra is not allowed"
	case len(errs) > 0:
		return fmt.Sprintf("impersonating an invalid key in extra is not allowed: %v", errs.ToAggregate())
	case key != strings.ToLower(key):
		return fmt.Sprintf("impersonating a non-lowercase key in extra is not allowed: %q", key)
	case len(values) == 0:
		return "impersonating empty values in extra is not allowed"
	case slices.Contains(values, ""):
		return "impersonating the empty string value in extra is not allowed"
	}
	return ""
}
