package panel

import (
	"net/http"
	"slices"
	"sync"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/told"
)

// maxRefusals bounds how many different refusals one report tells of.
const maxRefusals = 200

// refusals gathers the 401s and 403s that programs in pods got while the clock moved.
type refusals struct {
	mu   sync.Mutex
	list []*refusal
}

// refusal is one pod's answer of one kind, as often as it came.
type refusal struct {
	pod         string
	times       int
	first, last *story.Record
}

// watchRefusals gathers until stop is called.
func (p *panel) watchRefusals() (r *refusals, stop func()) {
	r = &refusals{}
	return r, p.Server.Stories().Listen(r.see)
}

func (r *refusals) see(s *story.Record) {
	if s.Code != http.StatusUnauthorized && s.Code != http.StatusForbidden {
		return
	}
	pod := podOf(s)
	if pod == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, known := range r.list {
		if f := known.first; known.pod == pod && f.Code == s.Code && f.Verb == s.Verb && f.Resource == s.Resource && f.Path == s.Path {
			known.times, known.last = known.times+1, s
			return
		}
	}
	if len(r.list) < maxRefusals {
		r.list = append(r.list, &refusal{pod: pod, times: 1, first: s, last: s})
	}
}

// podOf is the pod that a request's token is bound to, as namespace/name; empty: none, or no key of the cluster's signed it.
func podOf(s *story.Record) string {
	var judged *token.Result
	switch a := s.Authentication.(type) {
	case *authn.Result:
		judged = a.Token
	case *authn.Unauthorized:
		if n := len(a.Attempts); n > 0 {
			judged = a.Attempts[n-1].Token
		}
	}
	if judged == nil || judged.Key == nil || judged.Claims == nil || judged.Claims.Private == nil || judged.Claims.Private.Pod == nil {
		return ""
	}
	namespace, _, _ := judged.Claims.Who()
	return namespace + "/" + judged.Claims.Private.Pod.Name
}

// refused is what the report says, the first refusal first.
func (p *panel) refused(r *refusals) []told.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]told.Refusal, 0, len(r.list))
	for _, f := range r.list {
		out = append(out, told.Refusal{Pod: f.pod, Times: f.times, First: p.wholeStory(f.first), Last: f.last.At})
	}
	slices.SortStableFunc(out, func(a, b told.Refusal) int { return a.First.At.Compare(b.First.At) })
	return out
}
