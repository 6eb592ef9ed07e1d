package panel

import (
	"time"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/told"
)

// briefStory is a line of a list.
func (p *panel) briefStory(r *story.Record) told.Story {
	v := told.Story{
		Number: r.Number, AuditID: r.AuditID, At: r.At, TookMicros: r.Took.Microseconds(), User: r.User, Groups: r.Groups, Real: r.Real,
		Wanted: r.Wanted, Source: r.Source, Agent: r.Agent, Command: r.Command, Session: r.Session, Method: r.Method, Path: r.Path,
		Request: told.Request{
			Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
			Namespaced: p.namespaced(r.Group, r.Resource),
		},
		System: r.System, Discovery: r.Discovery(), Code: r.Code, Reason: r.Reason, Message: r.Message, Issued: r.Issued,
	}
	if d, ok := r.Authorization.(*authz.Decision); ok {
		v.Authorization = &told.Decision{Allowed: d.Allowed, By: d.By, Reason: d.Reason}
	}
	return v
}

// wholeStory is all that is known of a request.
func (p *panel) wholeStory(r *story.Record) told.Story {
	v := p.briefStory(r)
	v.Warnings, v.Steps = r.Warnings, steps(r.Times, r.Took)
	if d, ok := r.Authorization.(*authz.Decision); ok {
		for _, a := range d.Trace() {
			v.Authorization.Answers = append(v.Authorization.Answers, told.Answer{By: a.By, Allowed: a.Allowed, Reason: a.Reason})
		}
	}
	switch a := r.Authentication.(type) {
	case *authn.Result:
		v.AlsoToken = a.AlsoToken
		v.Authentication = p.attempts(a.Trace())
		if n := len(v.Authentication); a.Token != nil && n > 0 {
			v.Authentication[n-1].Token = p.tokenTold(a.Token)
		}
	case *authn.Unauthorized:
		v.Authentication = p.attempts(a.Attempts)
	}
	for _, found := range r.Admission {
		switch n := found.(type) {
		case admission.Note:
			v.Admission = append(v.Admission, told.Note(n))
		case *story.Change:
			edits, cut := n.Edits()
			v.ChangesCut = cut
			for _, e := range edits {
				v.Changes = append(v.Changes, told.Edit(e))
			}
		case *authz.Escalation:
			v.Missing = n.Missing
		case *authz.Asked:
			if p.answers(r, n) {
				q := p.questionOf(n.Attributes)
				v.Asked = &q
			}
		}
	}
	return v
}

// answers says whether it is the refusal of this question that the request got. Of the ways to be somebody else the plain one counts,
// which is one right and not several, whichever the answer names.
func (p *panel) answers(r *story.Record, asked *authz.Asked) bool {
	if r.Wanted != "" {
		return asked.Verb == "impersonate"
	}
	return authz.Forbidden(asked.Attributes, asked.Reason).ErrStatus.Message == r.Message
}

// steps turns moments into lengths. What follows the last step is the answer.
func steps(times request.Times, took time.Duration) []told.Step {
	var out []told.Step
	var from time.Duration
	for i, end := range times {
		if end > 0 {
			out = append(out, told.Step{Name: request.Step(i).String(), Micros: (end - from).Microseconds()})
			from = end
		}
	}
	return append(out, told.Step{Name: "answer", Micros: (took - from).Microseconds()})
}

func (p *panel) attempts(list []authn.Attempt) []told.Attempt {
	out := make([]told.Attempt, 0, len(list))
	for _, a := range list {
		v := told.Attempt{Method: string(a.Method), Outcome: string(a.Outcome), Code: a.Code, Params: a.Params}
		for _, check := range a.Checks {
			v.Checks = append(v.Checks, told.Check{Step: string(check.Step), Outcome: string(check.Outcome), Code: check.Code, Params: check.Params})
		}
		if a.Token != nil {
			v.Token = p.tokenTold(a.Token)
		}
		out = append(out, v)
	}
	return out
}

// tokenTold is what an account's token says; nil for what is no such token.
func (p *panel) tokenTold(r *token.Result) *told.Token {
	claims := r.Claims
	if claims == nil {
		return nil
	}
	moment := func(s *token.Seconds) *time.Time {
		if s == nil {
			return nil
		}
		t := s.Time()
		return &t
	}
	t := &told.Token{ID: claims.ID, Proven: r.Key != nil, Legacy: claims.Legacy(), Issued: moment(claims.IssuedAt), Ends: moment(claims.Expiry)}
	t.Namespace, t.Account, _ = claims.Who()
	if bound := claims.Private; bound != nil {
		for into, ref := range map[*string]*token.Ref{&t.Pod: bound.Pod, &t.Node: bound.Node, &t.Secret: bound.Secret} {
			if ref != nil {
				*into = ref.Name
			}
		}
		if bound.WarnAfter != nil { // the end that its holder was told (TOK-6)
			t.Signed, t.Ends = t.Ends, moment(bound.WarnAfter)
		}
	}
	if t.Legacy {
		t.Secret = claims.Secret
	}
	if by := p.askedBy(t.ID); by != nil && t.Proven {
		t.AskedBy = &told.AskedBy{User: by.User, Real: by.Real, At: by.At, Number: by.Number}
	}
	return t
}

// namespaced says whether a served resource lives in namespaces.
func (p *panel) namespaced(group, resource string) bool {
	for _, r := range p.Server.Registry().Resources() {
		if r.Group == group && r.Name == resource {
			return r.Namespaced
		}
	}
	return false
}
