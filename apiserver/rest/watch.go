package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// How long a watch lasts when the client does not say (API-102), how often it is told where it stands, and how long before its end it
// is told once more (API-129). All of it is wall time: it is about connections.
const (
	watchLeast    = 1800 * time.Second
	watchBookmark = time.Minute
	watchFarewell = 2 * time.Second
)

// watch streams the changes of a collection (API-125 to API-138).
func (h *Handler) watch(w http.ResponseWriter, r *http.Request, t *target) error {
	o, sel, err := listOptions(r, t)
	if err != nil {
		return err
	}
	s := &stream{handler: h, target: t, options: o, sel: sel, request: r, w: w, prefix: h.prefix(t)}
	if t.accepted.As == schema.AsTable {
		if s.include, err = includeObject(r); err != nil {
			return err
		}
	}
	if err := s.start(); err != nil {
		return err
	}
	if isWebSocket(r) {
		return s.overWebSocket()
	}
	s.overHTTP()
	return nil
}

// stream is one watch.
type stream struct {
	handler *Handler
	target  *target
	options *metav1.ListOptions
	sel     selection
	include metav1.IncludeObjectPolicy
	request *http.Request
	w       http.ResponseWriter
	prefix  string

	cursor  *cache.Cursor
	initial []*cache.Object
	at      int64 // the revision of initial
	after   int64 // events up to this revision, which is still to come, are not sent
	started bool  // a Table's columns have been sent
	expired error // where the client wants to begin is forgotten
	// emit writes one line and flush makes it leave.
	emit  func(line []byte) error
	flush func() error
}

// start finds the place to begin: the present state, or the events behind a resource version (API-127).
func (s *stream) start() error {
	kind := s.target.store.Kind()
	after, err := parseVersion(s.options.ResourceVersion)
	if err != nil {
		return err // a real server does not make a Status of it here
	}
	all := s.options.SendInitialEvents != nil && *s.options.SendInitialEvents
	if now := s.handler.Registry.Cache().Revision(); after > now {
		if all { // the state asked for is not there yet, and nobody waits for it
			s.expired = registry.TooLarge(after, now)
			return nil
		}
		s.after = after // what comes before that is of no interest
	}
	if all || after == 0 {
		snapshot := kind.Snapshot()
		s.at, after = snapshot.Revision, snapshot.Revision
		if all {
			snapshot.Each(s.prefix, "", func(o *cache.Object) bool {
				if s.sel.matches(o) {
					s.initial = append(s.initial, o)
				}
				return true
			})
		}
	}
	s.cursor, err = kind.Watch(after)
	if errors.Is(err, cache.ErrTooOld) { // as in a real server, the stream begins, and ends with this
		s.expired = apierrors.NewResourceExpired(err.Error())
		return nil
	}
	return err
}

// overHTTP writes the stream as lines of JSON.
func (s *stream) overHTTP() {
	control := http.NewResponseController(s.w)
	// A client that does not read would hold this goroutine for ever: it is cut off, and goes on elsewhere from what it has read. The
	// deadline is set when it has passed, and not before each write, because a stream of HTTP/2 ends at its deadline even if it is idle.
	guard := newGuard(s.handler.Patience, func() { _ = control.SetWriteDeadline(time.Unix(1, 0)) })
	defer guard.stop()
	s.emit = func(line []byte) error {
		guard.begin()
		defer guard.end()
		_, err := s.w.Write(line)
		return err
	}
	s.flush = func() error {
		guard.begin()
		defer guard.end()
		return control.Flush()
	}
	s.w.Header().Set("Content-Type", schema.MediaTypeJSON)
	warnings(s.w, s.request)
	s.w.WriteHeader(http.StatusOK)
	if s.flush() != nil {
		return
	}
	s.run(s.request.Context())
}

// run sends events until the client goes, the time is over or the cursor is lost.
func (s *stream) run(ctx context.Context) {
	limit := watchLeast + rand.N(watchLeast)
	if t := s.options.TimeoutSeconds; t != nil && *t > 0 {
		limit = time.Duration(min(*t, maxTimeout)) * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if s.expired != nil {
		_ = s.fail(s.expired) // the stream ends here in any case
		return
	}
	if s.sendInitial() != nil {
		return
	}
	// A timer's own channel would be put among the runtime's timers with each event that is waited for.
	due := make(chan time.Time, 1)
	bookmark := time.AfterFunc(s.untilBookmark(limit), func() {
		select {
		case due <- time.Time{}:
		default:
		}
	})
	defer bookmark.Stop()
	end := time.Now().Add(limit) // wall time
	for {
		events, at, err := s.cursor.Next(ctx, due)
		switch {
		case errors.Is(err, cache.ErrTooOld):
			_ = s.fail(apierrors.NewResourceExpired(err.Error())) // the stream ends here in any case
			return
		case err != nil:
			return
		}
		if at > 0 {
			bookmark.Reset(s.untilBookmark(time.Until(end)))
		}
		if s.sendEvents(events) != nil {
			return
		}
		if at > s.after && s.options.AllowWatchBookmarks && s.bookmark(at, false) != nil {
			return
		}
		if s.flush() != nil {
			return
		}
	}
}

// maxTimeout bounds the seconds that a client may ask for, so that they are no overflow: about thirty years.
const maxTimeout = 1 << 30

// untilBookmark is when the next bookmark is due that nothing but the time causes: each minute, and shortly before the end.
func (s *stream) untilBookmark(left time.Duration) time.Duration {
	if !s.options.AllowWatchBookmarks {
		return left + time.Hour
	}
	if last := left - watchFarewell; last > 0 {
		return min(watchBookmark, last)
	}
	return left + time.Hour
}

func (s *stream) sendInitial() error {
	for _, o := range s.initial {
		if err := s.send(cache.Added, o, nil); err != nil {
			return err
		}
	}
	s.initial = nil
	if i := s.options.SendInitialEvents; i != nil && *i && s.options.AllowWatchBookmarks {
		if err := s.bookmark(s.at, true); err != nil {
			return err
		}
	}
	return s.flush()
}

func (s *stream) sendEvents(events []*cache.Event) error {
	for _, e := range events {
		if e.Revision <= s.after {
			continue
		}
		if len(s.prefix) > 0 && (len(e.Object.Key) < len(s.prefix) || e.Object.Key[:len(s.prefix)] != s.prefix) {
			continue
		}
		kind, o := e.Type, e.Object
		if !s.sel.every {
			if kind, o = s.seen(e); o == nil {
				continue
			}
		}
		if err := s.send(kind, o, e); err != nil {
			return err
		}
	}
	return nil
}

// seen says what an event is to a selector: an object that begins to match is new, one that no longer matches is gone, and shown as it
// was (API-113).
func (s *stream) seen(e *cache.Event) (cache.EventType, *cache.Object) {
	before := e.Prev != nil && s.sel.matches(e.Prev)
	after := e.Type != cache.Deleted && s.sel.matches(e.Object)
	switch {
	case before && after:
		return cache.Modified, e.Object
	case after:
		return cache.Added, e.Object
	case before:
		return cache.Deleted, e.Last()
	}
	return "", nil
}
