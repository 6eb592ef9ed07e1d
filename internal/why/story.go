package why

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// Options say how much to tell.
type Options struct {
	// All tells everything instead of what fits into MaxLines.
	All bool
}

// Story explains a request: e is the explanation of its decision, nil if nobody was asked for one.
func Story(st *told.Story, e *told.Explanation, o Options) *Page {
	return fit(o, func(near int) *Page { return story(st, e, o, near) })
}

// nearest is how many near misses are told at most, unless all are asked for.
const nearest = 3

// fit makes the page as long as it may be.
func fit(o Options, build func(near int) *Page) *Page {
	if o.All {
		return build(1 << 20)
	}
	for near := nearest; ; near-- {
		g := build(near)
		if near == 1 || g.fits() {
			return g
		}
	}
}

func (g *Page) fits() bool {
	for _, l := range say.Languages() {
		if len(g.Render(say.In(l), nil)) > MaxLines {
			return false
		}
	}
	return true
}

func story(st *told.Story, e *told.Explanation, o Options, near int) *Page {
	number := "#" + strconv.FormatInt(st.Number, 10)
	g := &Page{Right: words(number)}
	params := say.Params{"code": st.Code, "what": headline(st)}
	switch {
	case st.Code == http.StatusUnauthorized:
		g.Verdict = says("why.refused", params)
		refused(g, st)
	case st.Code == http.StatusForbidden:
		g.Verdict = says("why.denied", params)
		denied(g, st, e, near)
	case st.Code >= http.StatusBadRequest:
		g.Verdict = says("why.answered", params)
		g.add("why.who", who(st)...)
		allowedBy(g, e, near)
		g.add("why.answer", answer(st)...)
	default:
		g.Verdict = says("why.allowed", params)
		g.add("why.who", who(st)...)
		allowedBy(g, e, near)
		changed(g, st, o)
	}
	for _, text := range st.Warnings {
		g.add("why.warning", Paragraph{words(text)})
	}
	run(g, st, o)
	if o.All {
		details(g, st)
	}
	return g
}

// headline says what was wanted; of `kubectl get -A` as it was typed.
func headline(st *told.Story) say.Message {
	if st.Asked != nil {
		return wanted(st.Asked.Request, st.Asked.Path)
	}
	m := wanted(st.Request, st.Path)
	if m.Code == "wanted.everywhere" && st.Verb == "list" && st.Command == "kubectl get" {
		m.Code, m.Params["resource"] = "wanted.get-all", resourceText(st.Request)
	}
	return m
}

// answer is what the server said, in its own words.
func answer(st *told.Story) []Paragraph {
	switch {
	case st.Code == http.StatusNotFound && st.Name != "" && st.Reason == "NotFound":
		return []Paragraph{one("why.answer.not-found", say.Params{"resource": resourceText(st.Request), "name": st.Name}), {words(st.Message)}}
	case st.Code == http.StatusConflict && st.Reason == "AlreadyExists":
		return []Paragraph{one("why.answer.exists", nil), {words(st.Message)}}
	case st.Code == http.StatusConflict:
		return []Paragraph{one("why.answer.conflict", nil), {words(st.Message)}}
	case st.Code == http.StatusUnprocessableEntity:
		return []Paragraph{one("why.answer.invalid", nil), {words(st.Message)}}
	case st.Code == http.StatusTooManyRequests:
		return []Paragraph{one("why.answer.busy", nil), {words(st.Message)}}
	case st.Message == "":
		return []Paragraph{one("why.answer.plain", say.Params{"code": st.Code, "text": http.StatusText(st.Code)})}
	}
	return []Paragraph{{words(st.Message)}}
}

// changed says what admission made of the object.
func changed(g *Page, st *told.Story, o Options) {
	var out []Paragraph
	for _, n := range st.Admission {
		params := say.Params{}
		for name, value := range n.Params {
			params[name] = value
		}
		out = append(out, one(n.Code, params))
	}
	edits := st.Changes
	if !o.All && len(edits) > editsShown {
		edits = edits[:editsShown]
	}
	if o.All || len(out) == 0 {
		for _, e := range edits {
			out = append(out, Paragraph{words(editText(e))})
		}
		if n := len(st.Changes) - len(edits); n > 0 {
			out = append(out, one("why.more", say.Params{"n": n}))
		} else if st.ChangesCut {
			out = append(out, one("why.changed.cut", nil))
		}
	} else if len(st.Changes) > 0 {
		out = append(out, one("why.changed.more", say.Params{"n": len(st.Changes), "number": st.Number}))
	}
	g.add("why.changed", out...)
}

// editsShown is how many lines of a diff are shown unless all are asked for.
const editsShown = 6

func editText(e told.Edit) string {
	switch {
	case e.Old == "":
		return "+ " + e.Path + ": " + e.New
	case e.New == "":
		return "- " + e.Path + ": " + e.Old
	}
	return "~ " + e.Path + ": " + e.Old + " -> " + e.New
}

// runShown is how many other requests of a command are named unless all are asked for.
const runShown = 4

// run names the other requests of the same command.
func run(g *Page, st *told.Story, o Options) {
	if len(st.Others) == 0 {
		return
	}
	out := []Paragraph{one("why.run", say.Params{"command": st.Command, "n": len(st.Others) + 1})}
	lines := alike(st.Others)
	for i, line := range lines {
		if i == runShown && !o.All {
			out = append(out, one("why.more", say.Params{"n": len(lines) - i}))
			break
		}
		out = append(out, Paragraph{words(line)})
	}
	g.add("why.with", out...)
}

// alike writes a line for each request, one for several in a row that are the same.
func alike(stories []told.Story) []string {
	var out []string
	for i := 0; i < len(stories); {
		text := func(st *told.Story) string { return fmt.Sprintf("%s  %d", Wanted(st.Request, st.Path), st.Code) }
		first, n := &stories[i], 1
		for i+n < len(stories) && text(&stories[i+n]) == text(first) {
			n++
		}
		number := fmt.Sprintf("#%d", first.Number)
		if n > 1 {
			number += fmt.Sprintf("-%d", stories[i+n-1].Number)
		}
		out = append(out, number+" "+text(first))
		i += n
	}
	return out
}

// details are what only some will ask for.
func details(g *Page, st *told.Story) {
	g.add("why.groups", Paragraph{words(join(st.Groups))})
	if d := st.Authorization; d != nil {
		var out []Paragraph
		for _, a := range d.Answers {
			code := "why.asked.no"
			if a.Allowed {
				code = "why.asked.yes"
			}
			p := one(code, say.Params{"by": say.Message{Code: "why.authorizer." + a.By}})
			if a.Reason != "" {
				p = append(p, words(a.Reason))
			}
			out = append(out, p)
		}
		g.add("why.asked", out...)
	}
	from := one("why.from.address", say.Params{"address": st.Source})
	if st.Agent != "" {
		from = append(from, words(st.Agent))
	}
	g.add("why.from", from, one("why.from.audit-id", say.Params{"id": st.AuditID, "at": st.At}))
	steps := one("why.took.all", say.Params{"took": micros(st.TookMicros)})
	for _, s := range st.Steps {
		steps = append(steps, says("why.took."+s.Name, say.Params{"took": micros(s.Micros)}))
	}
	g.add("why.took", steps)
}

// micros writes a short time.
func micros(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " us"
	}
	return strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " ms"
}

func join(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}
