package kubemint

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/story"
)

// storyView is the story of a request as /kubemint/v1/stories tells it: codes and facts; sentences are made by the one who prints them.
type storyView struct {
	Number      int64     `json:"number"`
	AuditID     string    `json:"auditID"`
	At          time.Time `json:"at"`
	TookMicros  int64     `json:"tookMicros"`
	User        string    `json:"user,omitempty"`
	Groups      []string  `json:"groups,omitempty"`
	Real        string    `json:"impersonatedBy,omitempty"`
	Source      string    `json:"source,omitempty"`
	Agent       string    `json:"userAgent,omitempty"`
	Command     string    `json:"command,omitempty"`
	Session     string    `json:"session,omitempty"`
	Method      string    `json:"method"`
	Path        string    `json:"path"`
	Verb        string    `json:"verb"`
	Group       string    `json:"group,omitempty"`
	Resource    string    `json:"resource,omitempty"`
	Subresource string    `json:"subresource,omitempty"`
	Namespace   string    `json:"namespace,omitempty"`
	Name        string    `json:"name,omitempty"`
	System      bool      `json:"system,omitempty"`
	Discovery   bool      `json:"discovery,omitempty"`
	Code        int       `json:"code"`
	Reason      string    `json:"reason,omitempty"`
	Message     string    `json:"message,omitempty"`

	Authentication []authn.Attempt `json:"authentication,omitempty"`
	Authorization  *decisionView   `json:"authorization,omitempty"`
	Admission      []any           `json:"admission,omitempty"`
}

type decisionView struct {
	Allowed bool           `json:"allowed"`
	By      string         `json:"by,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Answers []authz.Answer `json:"answers"`
}

func viewStory(r *story.Record, whole bool) storyView {
	v := storyView{
		Number: r.Number, AuditID: r.AuditID, At: r.At, TookMicros: r.Took.Microseconds(), User: r.User, Groups: r.Groups, Real: r.Real,
		Source: r.Source, Agent: r.Agent, Command: r.Command, Session: r.Session, Method: r.Method, Path: r.Path, Verb: r.Verb,
		Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
		System: r.System, Discovery: r.Discovery(), Code: r.Code, Reason: r.Reason, Message: r.Message,
	}
	if d, ok := r.Authorization.(*authz.Decision); ok {
		v.Authorization = &decisionView{Allowed: d.Allowed, By: d.By, Reason: d.Reason}
		if whole {
			v.Authorization.Answers = d.Trace()
		}
	}
	if !whole {
		return v
	}
	switch a := r.Authentication.(type) {
	case *authn.Result:
		v.Authentication = a.Trace()
	case *authn.Unauthorized:
		v.Authentication = a.Attempts
	}
	v.Admission = r.Admission
	return v
}

// storiesShown bounds one answer.
const storiesShown = 500

func (c *Cluster) ownStories(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q := r.URL.Query()
	limit, after := 50, int64(0)
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("limit %q is not a positive number", s))
		}
		limit = min(n, storiesShown)
	}
	if s := q.Get("after"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("after %q is not a number", s))
		}
		after = n
	}
	found := c.server.Stories().Newest(limit, q.Get("system") == "true", func(s *story.Record) bool {
		return s.Number > after && matchesStory(s, q)
	})
	out := make([]storyView, 0, len(found))
	for _, s := range found {
		out = append(out, viewStory(s, false))
	}
	return out, nil
}

// matchesStory filters by user, verb, resource and outcome (a code, or its first digit as in 4xx).
func matchesStory(s *story.Record, q map[string][]string) bool {
	want := func(name string) string {
		if v := q[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	if u := want("user"); u != "" && u != s.User {
		return false
	}
	if v := want("verb"); v != "" && v != s.Verb {
		return false
	}
	if res := want("resource"); res != "" && res != s.Resource {
		return false
	}
	if code := want("code"); code != "" {
		have := strconv.Itoa(s.Code)
		if code != have && !(len(code) == 3 && code[1:] == "xx" && code[:1] == have[:1]) {
			return false
		}
	}
	return true
}

func (c *Cluster) ownStory(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	id := chi.URLParam(r, "id") // names no object that anybody is authorized for
	s := c.findStory(id)
	if s == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "stories"}, id)
	}
	return viewStory(s, true), nil
}

// findStory takes a number, an Audit-Id or "last": the newest request of a person or a pod that is not discovery.
func (c *Cluster) findStory(id string) *story.Record {
	ring := c.server.Stories()
	if id == "last" {
		found := ring.Newest(1, false, func(s *story.Record) bool {
			return !s.Discovery() && s.Verb != "" && !ownPath(s.Path)
		})
		if len(found) == 0 {
			return nil
		}
		return found[0]
	}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
		return ring.Find(n, "")
	}
	return ring.Find(0, id)
}

func ownPath(p string) bool { return len(p) > 10 && p[:10] == "/kubemint/" }
