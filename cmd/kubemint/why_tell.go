package main

import (
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/rbac"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func storyFailure(id string, err error) error {
	if apierrors.IsNotFound(err) {
		return say.Failure("why.no-story", say.Params{"id": id}, err)
	}
	return err
}

// whoWas says who sent a request and by which credential.
func (p *program) whoWas(s toldStory) string {
	method := "anonymous"
	for _, attempt := range s.Authentication {
		if attempt.Outcome == "ok" {
			method = attempt.Method
		}
	}
	text := p.speaker.Say("who-by."+method, say.Params{"user": s.User})
	if s.Real != "" {
		text += " " + p.speaker.Say("why.who.impersonated", say.Params{"real": s.Real})
	}
	return text
}

// tellRefused explains a 401: no credential was accepted, and which check each
// one failed.
func (p *program) tellRefused(page *page, s toldStory) {
	page.entry("why.who", p.speaker.Say("why.who.nobody", nil))
	for _, attempt := range s.Authentication {
		page.entry("why.checks", p.checks(attempt.Checks, attempt.Code, attempt.Params))
	}
	if len(s.Authentication) == 0 {
		page.entry("why.checks", p.speaker.Say("why.no-attempt", nil))
	}
	page.entry("why.fix", p.speaker.Say("why.fix.new-token", nil))
}

// checks writes the steps of judging a token: those passed in a row, the one that
// failed with its reason, and what was not reached.
func (p *program) checks(checks []toldCheck, code string, params map[string]string) string {
	var passed, unreached []string
	failure := ""
	for _, check := range checks {
		step := p.speaker.Say("step."+check.Step, nil)
		switch check.Outcome {
		case "ok":
			passed = append(passed, step)
		case "failed":
			failure = p.speaker.Say("why.check.failed", say.Params{"step": step, "why": p.reason(check.Code, check.Params)})
		default:
			unreached = append(unreached, step)
		}
	}
	var lines []string
	if len(passed) > 0 {
		lines = append(lines, p.speaker.Say("why.check.ok", say.Params{"steps": passed}))
	}
	if failure != "" {
		lines = append(lines, failure)
	}
	if len(unreached) > 0 {
		lines = append(lines, p.speaker.Say("why.check.unreached", say.Params{"steps": unreached}))
	}
	if len(checks) == 0 && code != "" {
		lines = append(lines, p.reason(code, params))
	}
	return strings.Join(lines, "\n")
}

// reason is the sentence of a code that an engine gave.
func (p *program) reason(code string, params map[string]string) string {
	converted := say.Params{}
	for name, value := range params {
		converted[name] = value
	}
	return p.speaker.Say(code, converted)
}

// tellDecision explains what authorization said, and admission after it.
func (p *program) tellDecision(page *page, s toldStory, e *rbac.Explanation) {
	by := ""
	if s.Authorization != nil {
		by = s.Authorization.By
	}
	switch {
	case by == "masters":
		page.entry("why.by", p.speaker.Say("why.by.masters", nil))
	case by == "node":
		page.entry("why.by", p.speaker.Say("why.by.node", nil))
	case e == nil:
	case e.Decision.Allowed:
		p.tellGrants(page, e)
	default:
		p.tellDenied(page, s, e)
		return
	}
	if s.Code == http.StatusForbidden {
		page.entry("why.almost", p.speaker.Say("why.admission", say.Params{"message": s.Message}))
	} else if s.Code >= 400 {
		page.entry("why.answer", s.Message)
	}
}

func (p *program) tellGrants(page *page, e *rbac.Explanation) {
	if len(e.Grants) == 0 {
		page.entry("why.by", p.speaker.Say("why.by.grant", p.grant(e.Decision.Binding, e.Decision.Role)))
		return
	}
	first := e.Grants[0]
	text := p.speaker.Say("why.by.grant", p.grant(first.Binding, first.Role))
	if more := len(e.Grants) - 1; more > 0 {
		text += " " + p.speaker.Say("why.by.more", say.Params{"n": more})
	}
	page.entry("why.by", text)
}

func (p *program) grant(binding, role rbac.Ref) say.Params {
	return say.Params{"binding": refText(binding), "role": refText(role)}
}

func refText(r rbac.Ref) string {
	if r.Namespace != "" {
		return r.Kind + " " + r.Namespace + "/" + r.Name
	}
	return r.Kind + " " + r.Name
}

// tellDenied lists the near misses, where it would work, and the smallest fix.
func (p *program) tellDenied(page *page, s toldStory, e *rbac.Explanation) {
	var almost []string
	for i, near := range e.Near {
		if i == 3 {
			break
		}
		almost = append(almost, p.nearMiss(near, s))
	}
	if more := len(e.Near) - len(almost) + e.More; more > 0 {
		almost = append(almost, p.speaker.Say("why.more", say.Params{"n": more}))
	}
	if len(almost) == 0 {
		code := "why.nothing"
		if e.NamedUser == 0 {
			code = "why.nothing.unnamed"
		}
		almost = append(almost, p.speaker.Say(code, say.Params{"n": e.NamedGroups}))
	}
	page.entry("why.almost", almost...)
	if len(e.Works) > 0 {
		page.entry("why.works", p.speaker.Say("why.works-in", say.Params{"namespaces": e.Works}))
	}
	if e.Fix != nil {
		page.entry("why.fix", commandLines(e.Fix.Commands), p.price(e.Fix))
	}
}

// nearMiss is one sentence per point at which a binding does not match.
func (p *program) nearMiss(near rbac.NearMiss, s toldStory) string {
	var sentences []string
	for _, d := range near.Differences {
		sentences = append(sentences, p.speaker.Say("near."+string(d.Code), say.Params{
			"binding": refText(near.Binding), "role": refText(near.Role), "have": d.Have, "want": d.Want,
			"verb": s.Verb, "resource": s.Resource,
		}))
	}
	return strings.Join(sentences, " ")
}

// price says what else a fix would allow, and to whom.
func (p *program) price(fix *rbac.Fix) string {
	var sentences []string
	if len(fix.Also) == 0 && !fix.AnyName && len(fix.Others) == 0 {
		sentences = append(sentences, p.speaker.Say("fix.exact", nil))
	}
	if fix.AnyName {
		sentences = append(sentences, p.speaker.Say("fix.any-name", nil))
	}
	var also []string
	for _, rule := range fix.Also {
		also = append(also, rbac.RuleText(rule))
	}
	if len(also) > 0 {
		sentences = append(sentences, p.speaker.Say("fix.also", say.Params{"rules": also}))
	}
	var others []string
	for _, gain := range fix.Others {
		others = append(others, rbac.SubjectText(gain.Subject, gain.Namespace))
	}
	if len(others) > 0 {
		sentences = append(sentences, p.speaker.Say("fix.others", say.Params{"who": others}))
	}
	for _, danger := range fix.Dangers {
		sentences = append(sentences, p.speaker.Say("danger."+strings.TrimPrefix(string(danger), "danger-"), nil))
	}
	return strings.Join(sentences, " ")
}
