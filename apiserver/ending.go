package apiserver

import (
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/apiserver/audit"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
)

// policyKept is about what an old policy keeps alive beside the one after it.
const policyKept = 8 << 10

// end closes a request's story.
func (s *Server) end(rec *story.Record, scope *request.Scope) {
	rec.Times = scope.Times()
	rec.Admission = scope.Notes()
	rec.Issued = strings.TrimPrefix(scope.Annotations()[token.AnnotationIssued], "JTI=")
	if reason, message := scope.Answer(); reason != "" || message != "" {
		rec.Reason, rec.Message = reason, sayable(scope.Info, rec.Code, message)
	}
	if !scope.Info.Secretive() {
		rec.Warnings = scope.Warnings()
	}
	if d, ok := rec.Authorization.(*authz.Decision); ok && d.Policy != s.toldPolicy.Swap(d.Policy) {
		rec.Keeps += policyKept
	}
	// Who asks for stories does not want to find the asking among them.
	if strings.HasPrefix(rec.Path, "/kubemint/v1/") && rec.Code < http.StatusBadRequest {
		rec.System = true
	}
	s.stories.Add(rec)
	s.observe.request(rec)
}

// sayable leaves out what an answer says of a body that holds secrets: the texts of a refused body may quote it.
func sayable(info *request.Info, code int, message string) string {
	switch code {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		if info.Secretive() {
			return ""
		}
	}
	return message
}

// auditing writes the audit events of one request.
type auditing struct {
	log *audit.Log
	req *audit.Request
	rec *story.Record
}

// auditOf begins the audit of a request; nil if nobody keeps a log.
func (s *Server) auditOf(r *http.Request, scope *request.Scope, rec *story.Record) *auditing {
	if s.audit == nil {
		return nil
	}
	return &auditing{s.audit, audit.Describe(r, scope, rec.At), rec}
}

// began is told of the first byte of the answer: watches and streams have an event of their own for it (API-251).
func (a *auditing) began(code int) {
	if a.rec.LongRun {
		a.log.Add(a.req, audit.ResponseStarted, a.outcome(code))
	}
}

func (a *auditing) ended(panicked bool) {
	stage := audit.ResponseComplete
	if panicked {
		stage = audit.Panic
	}
	a.log.Add(a.req, stage, a.outcome(a.rec.Code))
}

func (a *auditing) outcome(code int) audit.Outcome {
	reason, message := a.req.Scope.Answer()
	o := audit.Outcome{Code: code, Reason: reason, Message: sayable(a.req.Scope.Info, code, message)}
	if d, ok := a.rec.Authorization.(*authz.Decision); ok {
		o.Decided, o.Allowed, o.Why = true, d.Allowed, d.Reason
	}
	return o
}
