package main

import (
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/say"
)

// inspectLabels is how far the entries of this page are indented.
const inspectLabels = 9

// graceAfterEnd is how long servers go on accepting a token that has ended.
const graceAfterEnd = time.Minute

// tellToken prints a report: the verdict, who it is, what it hangs on, its times
// and the checks in their order.
func (p *program) tellToken(r *toldToken) error {
	page := p.page()
	page.indent = inspectLabels
	switch {
	case r.NoToken != nil:
		page.text(p.whyNoToken(r.NoToken))
		return page.print(p)
	case r.Accepted:
		page.headline(p.speaker.Say("inspect.accepted", nil), "exit 0", p.paint(green))
	default:
		page.headline(p.speaker.Say("inspect.refused", say.Params{"why": p.because(r)}), "exit 1", p.paint(red))
	}
	switch r.Form {
	case token.FormStatic:
		page.text(p.speaker.Say("inspect.static", say.Params{"user": r.User, "line": r.Line}))
	case token.FormBootstrap:
		page.text(p.speaker.Say("inspect.bootstrap", say.Params{"user": r.User}))
	case token.FormOpaque:
		p.tellOpaque(page, r)
	default:
		p.tellJWT(page, r)
	}
	return page.print(p)
}

// because says in a few words why a token is refused; the checks say it at length.
func (p *program) because(r *toldToken) string {
	code := "inspect.because." + strings.ReplaceAll(r.Code, ".", "-")
	if !say.Knows(code) {
		code = r.Code
	}
	params := p.facts(r.Params, r.Now)
	if kind, ok := params["kind"].(string); ok {
		params["kind"] = p.speaker.Say("inspect.kind."+kind, nil)
	}
	return p.speaker.Say(code, params)
}

// tellOpaque is about what nobody here knows.
func (p *program) tellOpaque(page *page, r *toldToken) {
	page.text(p.speaker.Say("inspect.opaque", nil))
	if r.noSuchFile != "" {
		page.text(p.speaker.Say("inspect.no-file", say.Params{"word": r.noSuchFile}))
	}
	p.tellAdvice(page, r)
}

// whyNoToken says who kept a token away from a pod.
func (p *program) whyNoToken(n *toldNoToken) string {
	code := "inspect.none"
	switch n.By {
	case "pod":
		code = "inspect.none.pod"
		if n.AccountSays != nil && !*n.AccountSays {
			code = "inspect.none.both"
		}
	case "account":
		code = "inspect.none.account"
	}
	return p.speaker.Say(code, say.Params{"pod": n.Pod, "account": n.Account})
}

func (p *program) tellJWT(page *page, r *toldToken) {
	p.tellOwner(page, r)
	p.tellBound(page, r)
	if len(r.Audiences) > 0 {
		code := "inspect.for.other"
		if r.ForAPI {
			code = "inspect.for.api"
		}
		page.entry("inspect.for", p.speaker.Say(code, say.Params{"audiences": []string(r.Audiences)}))
	}
	p.tellIssued(page, r)
	if r.Accepted {
		p.tellRefresh(page, r)
	}
	p.tellEnds(page, r)
	page.entry("why.checks", p.tokenChecks(r))
	if r.Accepted {
		p.tellMayDo(page, r)
	}
	p.tellAdvice(page, r)
}

// tellOwner says whose token it is. Without a good signature that is only
// claimed.
func (p *program) tellOwner(page *page, r *toldToken) {
	code := "inspect.who"
	gone := r.Account != nil && (r.Account.State == token.Missing || r.Account.State == token.Replaced || r.Account.State == token.Deleted)
	switch {
	case !r.Proven:
		code = "inspect.who.claims"
	case gone:
		code = "inspect.who.was"
	case !r.Accepted:
		code = "inspect.who.would"
	}
	user := r.User
	if user == "" {
		user = p.speaker.Say("inspect.nobody", nil)
	}
	lines := []string{p.speaker.Say(code, say.Params{"user": user, "uid": short(r.UID)})}
	if gone && r.Account.State == token.Replaced {
		params := say.Params{"new": short(r.Account.Current)}
		code := "inspect.remade"
		if made, err := time.Parse(time.RFC3339, r.Account.Created); err == nil {
			code, params["ago"] = "inspect.remade.when", p.away(made, r.Now)
		}
		lines = append(lines, p.speaker.Say(code, params))
	}
	page.entry("why.who", lines...)
}

// tellBound says what the token dies with beside its account.
func (p *program) tellBound(page *page, r *toldToken) {
	b := r.Bound
	switch {
	case b == nil && r.Form == token.FormBound:
		page.entry("inspect.bound", p.speaker.Say("inspect.bound.nothing", nil))
		return
	case b == nil:
		return
	}
	kind := p.speaker.Say("inspect.kind."+b.Kind, nil)
	text := p.speaker.Say("inspect.bound.to", say.Params{"kind": kind, "name": b.Name})
	if b.State != "" {
		code := "inspect.state." + string(b.State)
		if r.Form == token.FormLegacy && b.State == token.Alive {
			code = "inspect.state.there" // a legacy token names its Secret without a uid
		}
		text += " " + p.speaker.Say(code, nil)
	}
	if b.Kind == "pod" && r.Node != "" {
		text += " " + p.speaker.Say("inspect.bound.node", say.Params{"node": r.Node})
	}
	page.entry("inspect.bound", text)
}

// tellIssued says when it was made, for how long, and who asked for it.
func (p *program) tellIssued(page *page, r *toldToken) {
	if r.Issued == nil {
		if r.Form == token.FormLegacy {
			page.entry("inspect.issued", p.speaker.Say("inspect.issued.legacy", nil))
		}
		return
	}
	text := p.when(*r.Issued, r.Now)
	if a := r.AskedBy; a != nil {
		node, kubelet := strings.CutPrefix(a.User, "system:node:")
		switch {
		case kubelet:
			text += ", " + p.speaker.Say("inspect.asked.kubelet", say.Params{"node": node, "n": a.Number})
		case a.Real != "":
			text += ", " + p.speaker.Say("inspect.asked.as", say.Params{"user": a.User, "real": a.Real, "n": a.Number})
		default:
			text += ", " + p.speaker.Say("inspect.asked.by", say.Params{"user": a.User, "n": a.Number})
		}
	}
	if r.Told != nil && r.Bound == nil {
		text += ", " + p.speaker.Say("inspect.for-long", say.Params{"d": r.Told.Sub(*r.Issued)})
	}
	page.entry("inspect.issued", text)
}

// tellRefresh says who renews it and when. Only the token in a pod's file is
// renewed, never a copy.
func (p *program) tellRefresh(page *page, r *toldToken) {
	if r.Bound == nil || r.Bound.Kind != "pod" {
		return
	}
	switch {
	case r.Refresh != nil:
		page.entry("inspect.refresh", p.speaker.Say("inspect.refresh.at", say.Params{"when": p.when(r.Refresh.From, r.Now), "node": r.Node}))
	case r.File != nil && !r.File.Current:
		page.entry("inspect.refresh", p.speaker.Say("inspect.refresh.copy", nil))
	default:
		page.entry("inspect.refresh", p.speaker.Say("inspect.refresh.nobody", nil))
	}
}

// tellEnds says when it ends. The standard mount's has two ends.
func (p *program) tellEnds(page *page, r *toldToken) {
	switch {
	case r.Ends == nil && r.Form == token.FormLegacy:
		page.entry("inspect.ends", p.speaker.Say("inspect.ends.legacy", nil))
	case r.Ends == nil && !r.Proven:
	case r.Ends == nil:
		page.entry("inspect.ends", p.speaker.Say("inspect.ends.never", nil))
	case r.Told != nil && !r.Told.Equal(*r.Ends):
		told, signed := p.when(*r.Told, r.Now), p.when(*r.Ends, r.Now)
		wide := max(say.Width(told), say.Width(signed)) + 2
		code := "inspect.ends.two"
		if r.Now.After(*r.Told) {
			code = "inspect.ends.two.late"
		}
		page.entry("inspect.ends",
			say.Pad(told, wide)+p.speaker.Say("inspect.ends.told", nil),
			say.Pad(signed, wide)+p.speaker.Say("inspect.ends.signed", nil),
			p.speaker.Say(code, nil))
		if r.Bound != nil && r.Accepted {
			page.more(p.speaker.Say("inspect.ends.copy", say.Params{"kind": p.speaker.Say("inspect.kind."+r.Bound.Kind, nil), "name": r.Bound.Name}))
		}
	case r.Now.After(r.Ends.Add(graceAfterEnd)):
		page.entry("inspect.ended", p.speaker.Say("inspect.ended.over", say.Params{"when": p.when(*r.Ends, r.Now)}))
	case r.Now.After(*r.Ends):
		page.entry("inspect.ended", p.speaker.Say("inspect.ended.grace", say.Params{
			"when": p.when(*r.Ends, r.Now), "left": r.Ends.Add(graceAfterEnd).Sub(r.Now),
		}))
	default:
		text := p.when(*r.Ends, r.Now)
		if !r.Accepted {
			text += p.speaker.Say("inspect.ends.no-matter", nil)
		}
		page.entry("inspect.ends", text)
	}
}

// tellMayDo says how to find out what its holder may do.
func (p *program) tellMayDo(page *page, r *toldToken) {
	who := ""
	switch {
	case !r.ForAPI:
		return
	case r.Bound != nil && r.Bound.Kind == "pod" && r.File != nil && r.File.Current:
		who = "pod/" + r.Bound.Name
		if r.Bound.Namespace != "default" {
			who = "pod/" + r.Bound.Namespace + "/" + r.Bound.Name
		}
	case r.Account != nil:
		who = r.Account.Namespace + ":" + r.Account.Name
	}
	page.entry("inspect.may", "kubemint as "+who+" -- kubectl auth can-i --list", p.speaker.Say("inspect.guard", nil))
}

// tellAdvice says what to do about it.
func (p *program) tellAdvice(page *page, r *toldToken) {
	for _, a := range r.Advice {
		if a.Code == token.AdviceSwitch || a.Code == token.AdviceCluster && a.Params["issuer"] == "" {
			continue // the line about what it is bound to says so; it names no cluster
		}
		code := a.Code
		if code == token.AdviceCreate && r.Account != nil && r.Account.State == token.Replaced {
			code = "inspect.do.remade"
		}
		page.entry("inspect.do", p.speaker.Say(code, p.facts(a.Params, r.Now)))
	}
}
