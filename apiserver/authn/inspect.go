package authn

import (
	"context"

	"github.com/kubemint/kubemint/apiserver/token"
)

// Inspect explains what somebody pasted: a ServiceAccount's token by all its checks, a line of the token file by its number, a
// bootstrap token by its user. input may be in any shape token.Clean knows; the report never holds it.
func (a *Authenticator) Inspect(ctx context.Context, input []byte, wanted []string) *token.Report {
	raw := token.Clean(input)
	rep := &token.Report{Form: token.FormOpaque, Now: a.Clock.Now(), Code: CodeUnknownToken}
	if a.Tokens != nil {
		rep = a.Tokens.Inspect(raw, wanted)
	}
	if rep.Form != token.FormOpaque {
		return rep
	}
	known := func(form token.Form, user string) *token.Report {
		rep.Form, rep.User = form, user
		rep.Code, rep.Params, rep.Checks, rep.Advice = "", nil, nil, nil
		res, bad := a.token(ctx, raw, wanted)
		if rep.Accepted = res != nil; !rep.Accepted {
			rep.Code = bad.Attempts[len(bad.Attempts)-1].Code
		} else {
			rep.Audiences, rep.UID = res.Audiences, res.User.UID
			rep.ForAPI = true
		}
		return rep
	}
	if line, user := a.Static.Line(raw); line > 0 {
		rep.Line = line
		return known(token.FormStatic, user)
	}
	if a.Bootstrap {
		if parts := bootstrapToken.FindStringSubmatch(raw); parts != nil {
			return known(token.FormBootstrap, bootstrapPrefix+parts[1])
		}
	}
	return rep
}
