package panel

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/internal/told"
)

// storiesShown bounds one answer.
const storiesShown = 500

// storyQuery says which stories somebody wants.
type storyQuery struct {
	limit  int
	after  int64
	system bool
	user, verb, resource, subresource,
	outcome, session string
}

func readStoryQuery(q url.Values) (storyQuery, error) {
	s := storyQuery{
		limit: 50, system: q.Get("system") == "true", user: q.Get("user"), verb: q.Get("verb"), outcome: q.Get("outcome"), session: q.Get("session"),
	}
	s.resource, s.subresource, _ = strings.Cut(q.Get("resource"), "/")
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return s, apierrors.NewBadRequest(fmt.Sprintf("limit %q is not a positive number", text))
		}
		s.limit = min(n, storiesShown)
	}
	if text := q.Get("after"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return s, apierrors.NewBadRequest(fmt.Sprintf("after %q is not a number", text))
		}
		s.after = n
	}
	if !knownOutcome(s.outcome) {
		return s, apierrors.NewBadRequest(fmt.Sprintf("outcome %q is none of allowed, denied, refused, failed, a code or 4xx", s.outcome))
	}
	return s, nil
}

func knownOutcome(text string) bool {
	switch text {
	case "", "allowed", "denied", "refused", "failed":
		return true
	}
	if family, ok := strings.CutSuffix(text, "xx"); ok {
		return len(family) == 1 && family >= "1" && family <= "5"
	}
	code, err := strconv.Atoi(text)
	return err == nil && code >= 100 && code < 600
}

// came says how a request ended, in the words of the filter.
func came(outcome string, code int) bool {
	switch outcome {
	case "":
		return true
	case "allowed":
		return code < http.StatusBadRequest
	case "denied":
		return code == http.StatusForbidden
	case "refused":
		return code == http.StatusUnauthorized
	case "failed":
		return code >= http.StatusBadRequest
	}
	have := strconv.Itoa(code)
	return outcome == have || strings.HasSuffix(outcome, "xx") && outcome[:1] == have[:1]
}

// wants says whether a story is one of those asked for.
func (q *storyQuery) wants(s *story.Record) bool {
	if s.Number <= q.after || !came(q.outcome, s.Code) {
		return false
	}
	if q.user != "" && q.user != s.User && q.user != s.Real {
		return false
	}
	if q.verb != "" && q.verb != s.Verb || q.session != "" && q.session != s.Session {
		return false
	}
	if q.resource == "" {
		return true
	}
	name, group, qualified := strings.Cut(q.resource, ".")
	return s.Resource == name && (!qualified || s.Group == group) && (q.subresource == "" || s.Subresource == q.subresource)
}

// stories lists stories, the newest first.
func (p *panel) stories(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q, err := readStoryQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	return p.brief(p.Server.Stories().Newest(q.limit, q.system, q.wants)), nil
}

func (p *panel) brief(records []*story.Record) []told.Story {
	out := make([]told.Story, 0, len(records))
	for _, s := range records {
		out = append(out, p.briefStory(s))
	}
	return out
}

// nextWait is how long one question for new stories waits for an answer, of wall time: clients ask again.
const nextWait = 20 * time.Second

// nextStories waits until there are stories after a number and lists them, the oldest first. After nextWait the list is empty.
func (p *panel) nextStories(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q, err := readStoryQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	ring := p.Server.Stories()
	arrived := make(chan struct{}, 1)
	defer ring.Listen(func(*story.Record) {
		select {
		case arrived <- struct{}{}:
		default:
		}
	})()
	wait := time.NewTimer(nextWait)
	defer wait.Stop()
	for {
		// Listening came first: what arrives between is not missed.
		if found := ring.Newest(q.limit, q.system, q.wants); len(found) > 0 {
			slices.Reverse(found)
			return p.brief(found), nil
		}
		select {
		case <-arrived:
		case <-wait.C:
			return []told.Story{}, nil
		case <-r.Context().Done():
			return []told.Story{}, nil
		}
	}
}

// story tells one story, by number, Audit-Id or as "last", with its siblings.
func (p *panel) story(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	id := chi.URLParam(r, "id") // names no object that anybody is authorized for
	s := p.findStory(id)
	if s == nil {
		return nil, noStory(id)
	}
	out := p.wholeStory(s)
	for _, other := range p.run(s) {
		if other != s {
			out.Others = append(out.Others, p.briefStory(other))
		}
	}
	return out, nil
}

func noStory(id string) error {
	return apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "stories"}, id)
}

func (p *panel) findStory(id string) *story.Record {
	ring := p.Server.Stories()
	if id == "last" {
		return p.lastStory()
	}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
		return ring.Find(n, "")
	}
	return ring.Find(0, id)
}

// lastStory is the most telling request of the newest command of a person or a pod: the first that was refused, else the first that
// failed, else discovery if even that failed, else the last one.
func (p *panel) lastStory() *story.Record {
	found := p.Server.Stories().Newest(1, false, meant)
	if len(found) == 0 {
		return nil
	}
	run := p.run(found[0])
	for _, telling := range []func(s *story.Record) bool{
		func(s *story.Record) bool {
			return !s.Discovery() && (s.Code == http.StatusUnauthorized || s.Code == http.StatusForbidden)
		},
		func(s *story.Record) bool { return !s.Discovery() && s.Code >= http.StatusBadRequest },
		func(s *story.Record) bool { return s.Discovery() },
	} {
		if i := slices.IndexFunc(run, telling); i >= 0 {
			return run[i]
		}
	}
	return found[0]
}

// meant tells the requests that somebody meant to send from those that were sent on the way: discovery, unless it failed, and what
// kubemint's own commands look up.
func meant(s *story.Record) bool {
	if s.Discovery() && s.Code < http.StatusBadRequest {
		return false
	}
	return !strings.HasPrefix(s.Path, "/kubemint/") && !strings.HasPrefix(s.Agent, lookUp)
}

// lookUp begins the User-Agent of what kubemint's commands ask on the way to something else.
const lookUp = "kubemint-lookup/"

// run lists the requests of the same run of kubectl, oldest first, without discovery; of anything else it is the request alone. Anybody
// can send any session, so those of others do not count.
func (p *panel) run(s *story.Record) []*story.Record {
	if s.Session == "" {
		return []*story.Record{s}
	}
	out := p.Server.Stories().Newest(storiesShown, true, func(other *story.Record) bool {
		return other.Session == s.Session && other.Sender() == s.Sender() && (meant(other) || other == s)
	})
	slices.Reverse(out)
	return out
}
