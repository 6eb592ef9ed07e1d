package why

import (
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// Question explains the answer to a question that nobody has sent as a request. before says how it was read.
func Question(e *told.Explanation, before []Paragraph, o Options) *Page {
	return fit(o, func(near int) *Page {
		g := &Page{Before: before, Right: says("why.no-request", nil)}
		params := say.Params{"what": wanted(e.Question.Request, e.Question.Path)}
		asked := one("why.who.asked", say.Params{"user": e.Question.User})
		if e.Question.User == anonymous {
			asked = one("why.who.asked.anonymous", nil)
		}
		if e.Allowed {
			g.Verdict = says("why.would", params)
			g.add("why.who", asked)
			allowedBy(g, e, near)
			return g
		}
		params["code"] = 403
		g.Verdict = says("why.denied", params)
		g.add("why.who", asked)
		lacking(g, e, near, say.Message{Code: "fix.yaml.question"})
		return g
	})
}

// Subresource says that "pods/log" was read as a subresource, which kubectl's own question would not do.
func Subresource(word, resource, sub string) Paragraph {
	return one("why.subresource", say.Params{"word": word, "resource": resource, "sub": sub})
}

// UnknownVerb says that no request has a verb, and which one may have been meant ("" for none).
func UnknownVerb(verb, meant, resource string) Paragraph {
	if meant == "" {
		return one("why.verb.unknown", say.Params{"verb": verb, "resource": resource})
	}
	return one("why.verb.misspelt", say.Params{"verb": verb, "meant": meant})
}

// MisspeltResource says how a word was read that names no resource.
func MisspeltResource(word, meant string) Paragraph {
	return one("why.kind.misspelt", say.Params{"word": word, "meant": meant})
}

// ForeignResource says that a resource is not served here.
func ForeignResource(word string) Paragraph {
	return one("why.kind.foreign", say.Params{"word": word})
}

// OutsideNamespaces says that a namespace was named for what lives in none.
func OutsideNamespaces(resource string) Paragraph {
	return one("why.no-namespace", say.Params{"resource": resource})
}

// NoAccount says that an account does not exist; RBAC is asked all the same.
func NoAccount(account string) Paragraph {
	return one("why.no-account", say.Params{"account": account})
}

// RunsAs says whose rights a pod has.
func RunsAs(pod, account string) Paragraph {
	return one("why.runs-as", say.Params{"pod": pod, "account": account})
}

// UserNotAccount says that a name was taken for a user's that an account has, too.
func UserNotAccount(name string) Paragraph {
	return one("why.user-not-account", say.Params{"name": name})
}
