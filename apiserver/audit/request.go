package audit

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Annotations of the decision (AUTHZ-27).
const (
	annotationDecision = "authorization.k8s.io/decision"
	annotationReason   = "authorization.k8s.io/reason"
)

// Request is what an event is made of.
type Request struct {
	ID        string
	URI       string
	Agent     string
	SourceIPs []string
	Received  time.Time
	Scope     *request.Scope
	// Attempted names the credentials that a request brought, to say of a 401 what failed.
	Attempted string
}

// Describe takes what an event needs from a request before the chain changes its headers.
func Describe(r *http.Request, scope *request.Scope, received time.Time) *Request {
	return &Request{
		ID: scope.AuditID, URI: r.RequestURI, Agent: r.UserAgent(), SourceIPs: sourceIPs(r), Received: received, Scope: scope,
		Attempted: attempted(r),
	}
}

// Outcome is how a request ended, or how its answer begins.
type Outcome struct {
	Code            int
	Reason, Message string
	// Decided says that somebody was asked whether the request is allowed.
	Decided, Allowed bool
	Why              string
}

// event makes the line of a stage.
func (q *Request) event(stage Stage, o Outcome, now time.Time) *Event {
	s := q.Scope
	e := &Event{
		Kind: "Event", APIVersion: "audit.k8s.io/v1", Level: "Metadata", AuditID: q.ID, Stage: stage, RequestURI: q.URI, Verb: s.Info.Verb,
		User: userOf(s.User), SourceIPs: q.SourceIPs, UserAgent: q.Agent, ObjectRef: objectOf(s.Info),
		ResponseStatus: status(o), Received: metav1.NewMicroTime(q.Received), Timestamp: metav1.NewMicroTime(now),
	}
	if s.Real != nil {
		as := userOf(s.User)
		e.User, e.ImpersonatedUser = userOf(s.Real), &as
		if s.Constraint != "" {
			e.Authentication = &Authentication{s.Constraint}
		}
	}
	if notes := s.Annotations(); len(notes) > 0 || o.Decided {
		e.Annotations = maps.Clone(notes)
		if e.Annotations == nil {
			e.Annotations = map[string]string{}
		}
	}
	if o.Decided {
		e.Annotations[annotationDecision], e.Annotations[annotationReason] = "forbid", o.Why
		if o.Allowed {
			e.Annotations[annotationDecision] = "allow"
		}
	}
	if o.Code == http.StatusUnauthorized && s.User == nil {
		e.Stage, e.ResponseStatus.Message = ResponseStarted, q.Attempted
	}
	return e
}

func status(o Outcome) *metav1.Status {
	st := &metav1.Status{Code: int32(o.Code), Reason: metav1.StatusReason(o.Reason), Message: o.Message}
	if o.Code >= http.StatusBadRequest {
		st.Status = metav1.StatusFailure
	}
	return st
}

// sourceIPs are those that proxies name, then the sender's own (API-253).
func sourceIPs(r *http.Request) []string {
	var out []string
	add := func(text string) {
		if ip := net.ParseIP(strings.TrimSpace(text)); ip != nil && !slices.Contains(out, ip.String()) {
			out = append(out, ip.String())
		}
	}
	for text := range strings.SplitSeq(r.Header.Get("X-Forwarded-For"), ",") {
		add(text)
	}
	add(r.Header.Get("X-Real-Ip"))
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	add(host)
	return out
}

// attempted is what Kubernetes' audit log says of a 401.
func attempted(r *http.Request) string {
	var methods []string
	if _, _, ok := r.BasicAuth(); ok {
		methods = append(methods, "basic")
	}
	if scheme, _, ok := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " "); ok && strings.EqualFold(scheme, "bearer") {
		methods = append(methods, "bearer")
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		methods = append(methods, "x509")
	}
	if len(methods) == 0 {
		return "Authentication failed, no credentials provided"
	}
	return "Authentication failed, attempted: " + strings.Join(methods, ", ")
}
