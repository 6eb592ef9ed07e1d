package why

import (
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// denied explains a 403, of whatever made it.
func denied(g *Page, st *told.Story, e *told.Explanation, near int) {
	g.add("why.who", who(st)...)
	switch {
	case st.Wanted != "" && st.Asked != nil:
		g.add("why.wanted", one("why.wanted.impersonate", say.Params{"wanted": st.Wanted, "what": Wanted(st.Request, st.Path)}))
	case st.Asked != nil:
		g.add("why.wanted", one("why.wanted.second", say.Params{"what": Wanted(st.Request, st.Path)}))
	}
	switch {
	case e == nil:
		g.add("why.answer", Paragraph{words(st.Message)})
	case !e.Allowed:
		yaml := say.Message{Code: "fix.yaml", Params: say.Params{"number": st.Number}}
		lacking(g, e, near, yaml)
	case len(st.Missing) > 0:
		allowedBy(g, e, 1)
		escalation(g, st, near)
	default:
		allowedBy(g, e, 1)
		g.add("why.answer", one("why.admission", nil), Paragraph{words(st.Message)})
	}
}

// escalation explains that nobody may hand out what they do not hold.
func escalation(g *Page, st *told.Story, most int) {
	out := []Paragraph{one("why.escalation", nil)}
	for i, rule := range rulesText(st.Missing) {
		if i == 2*most {
			out = append(out, one("why.more", say.Params{"n": len(st.Missing) - i}))
			break
		}
		out = append(out, Paragraph{says("why.escalation.lacks", say.Params{"rule": rule})})
	}
	g.add("why.lacks", out...)
	code := "fix.escalation.role"
	if strings.HasSuffix(st.Resource, "bindings") {
		code = "fix.escalation.binding"
	}
	g.add("why.fix", one(code, nil))
}

// lacking explains what an identity lacks: what almost allows it, where it would work, and the smallest fix.
func lacking(g *Page, e *told.Explanation, most int, yaml say.Message) {
	if e.NodeReason != "" {
		g.add("why.almost", one("why.node", say.Params{"reason": e.NodeReason}))
		g.add("why.fix", one("fix.node", nil))
		return
	}
	var almost []Paragraph
	for i, n := range e.Near {
		if i == most {
			break
		}
		almost = append(almost, nearMiss(n, e))
	}
	if rest := len(e.Near) - len(almost) + e.More; rest > 0 {
		almost = append(almost, one("why.more", say.Params{"n": rest}))
	}
	if len(almost) == 0 {
		almost = append(almost, nothing(e))
	}
	g.add("why.almost", almost...)
	works(g, e)
	if e.Question.User == anonymous {
		g.add("why.fix", one("fix.anonymous", nil), verbatimLine("kubemint as NAMESPACE:ACCOUNT -- kubectl ..."))
		return
	}
	fix(g, e, yaml)
}

func verbatimLine(line string) Paragraph { return verbatim(line)[0] }

// nothing says that no binding comes close, and that this is normal.
func nothing(e *told.Explanation) Paragraph {
	params := say.Params{"n": e.NamedGroups}
	switch {
	case e.Question.User == anonymous && e.NamedUser == 0 && e.OwnGroups == 0:
		return one("why.nothing.anonymous", nil)
	case e.NamedUser+e.NamedGroups == 0:
		return one("why.nothing.none", nil)
	case e.NamedUser > 0 || e.OwnGroups > 0:
		return one("why.nothing.other", say.Params{"n": e.NamedUser + e.NamedGroups})
	case strings.HasPrefix(e.Question.User, "system:serviceaccount:"):
		return one("why.nothing.account", params)
	}
	return one("why.nothing.user", params)
}

// works says in which namespaces the same is allowed.
func works(g *Page, e *told.Explanation) {
	if len(e.Works) == 0 {
		return
	}
	q := e.Question
	first := e.Works[0]
	resource := resourceText(told.Request{Group: q.Group, Resource: q.Resource})
	command := ""
	switch {
	case q.Subresource != "":
	case q.Verb == "list":
		command = "kubectl get " + resource + " -n " + first
	case q.Verb == "watch":
		command = "kubectl get " + resource + " -w -n " + first
	case (q.Verb == "get" || q.Verb == "delete") && q.Name != "":
		command = "kubectl " + q.Verb + " " + resource + " " + q.Name + " -n " + first
	}
	if command == "" {
		g.add("why.works", one("why.works.in", say.Params{"namespaces": shortList(e.Works)}))
		return
	}
	out := verbatim(command)
	if len(e.Works) > 1 {
		out = append(out, one("why.works.also", say.Params{"namespaces": shortList(e.Works[1:])}))
	}
	g.add("why.works", out...)
}
