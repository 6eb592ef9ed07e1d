package why

import (
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// refused explains a 401: nobody was recognized, hence nobody asked RBAC.
func refused(g *Page, st *told.Story) {
	g.add("why.who", one("why.who.nobody", nil), one("why.who.nobody.403", nil))
	if len(st.Authentication) == 0 {
		g.add("why.checks", one("why.no-attempt", nil))
		return
	}
	var token *told.Token
	for _, a := range st.Authentication {
		g.add("why.checks", checks(a, st.At)...)
		if a.Token != nil {
			token = a.Token
		}
	}
	if token != nil {
		g.add("why.token", origin(token, st.At))
	}
	last := st.Authentication[len(st.Authentication)-1]
	g.add("why.fix", remedy(last, token)...)
}

// checks writes the steps of judging a credential: those passed in a row, the one that failed with its reason, and what was not
// reached.
func checks(a told.Attempt, now time.Time) []Paragraph {
	var passed, unreached []say.Message
	var failed Paragraph
	for _, c := range a.Checks {
		step := say.Message{Code: "step." + c.Step}
		switch c.Outcome {
		case "ok":
			passed = append(passed, say.Message{Code: "why.check.ok", Params: say.Params{"step": step}})
		case "failed":
			failed = one("why.check.failed", say.Params{"step": step, "why": reason(c.Code, c.Params, now)})
		default:
			unreached = append(unreached, step)
		}
	}
	if len(a.Checks) == 0 {
		return []Paragraph{{says("why.credential."+a.Method, nil), sentence(reason(a.Code, a.Params, now))}}
	}
	var out []Paragraph
	if len(passed) > 0 {
		out = append(out, one("why.check.row", say.Params{"checks": passed}))
	}
	out = append(out, failed)
	if len(unreached) > 0 {
		out = append(out, one("why.check.unreached", say.Params{"steps": unreached}))
	}
	return out
}

func sentence(m say.Message) Sentence { return Sentence{Code: m.Code, Params: m.Params} }

// reason is an engine's code, its moments made readable.
func reason(code string, params map[string]string, now time.Time) say.Message {
	out := say.Params{}
	for name, value := range params {
		out[name] = value
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			out[name] = moment(at, now)
			if name == "ended" {
				out["ago"] = max(now.Sub(at).Round(time.Second), 0)
			}
		}
	}
	if code == "token.time.expired" && out["ago"] != nil {
		code = "why.token.expired"
	}
	return say.Message{Code: code, Params: out}
}

// moment is the time of day, or the date of what is far.
func moment(t, now time.Time) string {
	if t.Sub(now).Abs() > 24*time.Hour {
		return t.UTC().Format(time.DateOnly)
	}
	return say.Clock(t)
}

// origin says where a token came from. What no signature proves is only claimed.
func origin(t *told.Token, now time.Time) Paragraph {
	params := say.Params{"account": t.Namespace + ":" + t.Account, "pod": t.Pod, "secret": t.Secret}
	switch {
	case !t.Proven && t.Account == "":
		return nil
	case !t.Proven:
		return one("why.token.claims", params)
	case t.Legacy:
		return one("why.token.legacy", params)
	case t.Issued == nil || t.Ends == nil:
		return one("why.token.of", params)
	}
	params["issued"], params["life"] = moment(*t.Issued, now), t.Ends.Sub(*t.Issued)
	code := "why.token.made"
	if t.Pod != "" {
		code = "why.token.made.pod"
	}
	out := one(code, params)
	if by := t.AskedBy; by != nil && t.Pod == "" {
		user := by.User
		if by.Real != "" {
			user = by.Real
		}
		out = append(out, says("why.token.asked-by", say.Params{"user": user, "number": by.Number}))
	}
	return out
}

// remedy says what to do about a credential that was refused.
func remedy(a told.Attempt, t *told.Token) []Paragraph {
	name, namespace := "ACCOUNT", "NAMESPACE"
	if t != nil && t.Account != "" {
		name, namespace = t.Account, t.Namespace
	}
	create := verbatim("kubectl create token " + name + " -n " + namespace)
	with := func(code string, more ...Paragraph) []Paragraph { return append([]Paragraph{one(code, nil)}, more...) }
	switch {
	case a.Code == "token.time.expired" && t != nil && t.Pod != "":
		return with("remedy.pod-copy")
	case a.Code == "token.time.expired":
		return append(with("remedy.expired", create...), one("remedy.expired.for-good", nil))
	case strings.HasPrefix(a.Code, "token.time."):
		return with("remedy.clock")
	case a.Code == "token.account.missing":
		return with("remedy.no-account", append(verbatim("kubectl create serviceaccount "+name+" -n "+namespace), create...)...)
	case strings.HasPrefix(a.Code, "token.account."):
		return append(with("remedy.new-account", create...), one("remedy.new-account.pods", nil))
	case strings.HasPrefix(a.Code, "token.bound.") && t != nil && t.Pod != "":
		return with("remedy.dead-pod", create...)
	case strings.HasPrefix(a.Code, "token.bound."), a.Code == "token.mark.invalid", a.Code == "token.copy.differs":
		return with("remedy.dead-bound", create...)
	case a.Code == "token.audience.other":
		return with("remedy.audience", create...)
	case a.Code == "token.issuer.foreign":
		return with("remedy.issuer", create...)
	case strings.HasPrefix(a.Code, "token.signature."):
		return with("remedy.signature", create...)
	case strings.HasPrefix(a.Code, "token.form."), a.Code == "authn.token.unknown":
		return with("remedy.form", create...)
	case strings.HasPrefix(a.Code, "authn.certificate."):
		return with("remedy.certificate", verbatim("kubemint as user/NAME -- kubectl ...")...)
	case a.Method == "anonymous":
		return with("remedy.anonymous", verbatim("kubemint as NAMESPACE:ACCOUNT -- kubectl ...")...)
	}
	return with("remedy.other", create...)
}
