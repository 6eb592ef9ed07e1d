package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// How long a watch lasts when the client does not say (API-102), how often it is told where it stands (API-129), and how long one
// write to a client that does not read may take before the watch is cut. All of it is wall time: it is about connections.
const (
	watchLeast    = 1800 * time.Second
	watchBookmark = time.Minute
	watchPatience = 30 * time.Second
)

// watch streams the changes of a collection (API-125 to API-138).
func (h *Handler) watch(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	o, err := listOptions(r)
	if err != nil {
		return err
	}
	o.Watch = true
	if err := validListOptions(o); err != nil {
		return err
	}
	accepted, err := schema.Negotiate(r.Header.Get("Accept"), schema.Stream)
	if err != nil {
		return err
	}
	sel, err := selectors(t.res, o)
	if err != nil {
		return err
	}
	s := &stream{handler: h, target: t, options: o, sel: sel, accepted: accepted, request: r, w: w, prefix: h.prefix(t)}
	if err := s.start(); err != nil {
		return err
	}
	if isWebSocket(r) {
		return s.overWebSocket()
	}
	return s.overHTTP()
}

// stream is one watch.
type stream struct {
	handler  *Handler
	target   *target
	options  *metav1.ListOptions
	sel      selection
	accepted schema.Accepted
	request  *http.Request
	w        http.ResponseWriter
	prefix   string

	cursor  *cache.Cursor
	initial []*cache.Object
	at      int64 // the revision of initial
	started bool  // a Table's columns have been sent
	// emit writes one line and flush makes it leave.
	emit  func(line []byte) error
	flush func() error
}

// start finds the place to begin: the present state, or the events behind a resource version (API-127).
func (s *stream) start() error {
	kind := s.target.store.Kind()
	wantInitial := s.options.SendInitialEvents != nil && *s.options.SendInitialEvents
	noInitial := s.options.SendInitialEvents != nil && !*s.options.SendInitialEvents
	rv := s.options.ResourceVersion
	after := int64(0)
	if rv != "" && rv != "0" {
		n, err := strconv.ParseUint(rv, 10, 63)
		if err != nil {
			return apierrors.NewBadRequest("invalid resource version: " + err.Error())
		}
		after = int64(n)
	}
	if now := s.handler.Registry.Cache().Revision(); after > now {
		return registry.TooLarge(after, now)
	}
	if after == 0 || wantInitial {
		snapshot := kind.Snapshot()
		s.at, after = snapshot.Revision, snapshot.Revision
		if !noInitial {
			snapshot.Each(s.prefix, "", func(o *cache.Object) bool {
				if s.sel.matches(o) {
					s.initial = append(s.initial, o)
				}
				return true
			})
		}
	}
	cursor, err := kind.Watch(after)
	if errors.Is(err, cache.ErrTooOld) {
		return apierrors.NewResourceExpired(err.Error())
	}
	s.cursor = cursor
	return err
}

// overHTTP writes the stream as lines of JSON.
func (s *stream) overHTTP() error {
	control := http.NewResponseController(s.w)
	head := s.w.Header()
	head.Set("Content-Type", schema.MediaTypeJSON)
	warnings(s.w, s.request)
	s.w.WriteHeader(http.StatusOK)
	s.emit = func(line []byte) error {
		_, err := s.w.Write(line)
		return err
	}
	s.flush = func() error {
		// Without a deadline of its own, a client that does not read would hold this goroutine for ever.
		_ = control.SetWriteDeadline(time.Now().Add(watchPatience)) // wall time: it is about a connection
		return control.Flush()
	}
	if err := s.flush(); err != nil {
		return nil
	}
	s.run(s.request.Context())
	return nil
}

// run sends events until the client goes, the time is over or the cursor is lost.
func (s *stream) run(ctx context.Context) {
	limit := watchLeast + rand.N(watchLeast)
	if t := s.options.TimeoutSeconds; t != nil && *t > 0 {
		limit = time.Duration(*t) * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if s.sendInitial() != nil {
		return
	}
	for {
		wait, stop := ctx, context.CancelFunc(func() {})
		if s.options.AllowWatchBookmarks {
			wait, stop = context.WithTimeout(ctx, watchBookmark)
		}
		events, bookmark, err := s.cursor.Next(wait)
		stop()
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, cache.ErrTooOld):
			_ = s.fail(apierrors.NewResourceExpired(err.Error()))
			return
		case errors.Is(err, context.DeadlineExceeded):
			bookmark = s.cursor.Behind()
		case err != nil:
			return
		}
		if s.sendEvents(events) != nil {
			return
		}
		if bookmark > 0 && s.options.AllowWatchBookmarks && s.bookmark(bookmark, false) != nil {
			return
		}
		if s.flush() != nil {
			return
		}
	}
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
		if len(s.prefix) > 0 && (len(e.Object.Key) < len(s.prefix) || e.Object.Key[:len(s.prefix)] != s.prefix) {
			continue
		}
		kind := e.Type
		if !s.sel.every {
			var ok bool
			if kind, ok = s.seen(e); !ok {
				continue
			}
		}
		if err := s.send(kind, e.Object, e); err != nil {
			return err
		}
	}
	return nil
}

// seen says what an event is to a selector: an object that begins to match is new, one that no longer matches is gone (API-113).
func (s *stream) seen(e *cache.Event) (cache.EventType, bool) {
	before := e.Prev != nil && s.sel.matches(e.Prev)
	after := e.Type != cache.Deleted && s.sel.matches(e.Object)
	switch {
	case before && after:
		return cache.Modified, true
	case after:
		return cache.Added, true
	case before:
		return cache.Deleted, true
	}
	return "", false
}

// send writes one event in the form that was asked for. e is the event it comes from, if it is sent as it is.
func (s *stream) send(kind cache.EventType, o *cache.Object, e *cache.Event) error {
	res := s.target.res
	if s.accepted.As == schema.AsObject && res.StoredAs == "" {
		if e != nil && e.Type == kind {
			return s.emit(e.Frame(res.Head()))
		}
		return s.emit(cache.Frame(kind, res.Head(), o.Body))
	}
	body, err := s.shown(o)
	if err != nil {
		return err
	}
	return s.frame(string(kind), body)
}

// shown encodes an object in the form that was asked for; a Table sends its columns once (API-59).
func (s *stream) shown(o *cache.Object) ([]byte, error) {
	if s.accepted.As != schema.AsTable {
		return s.handler.view(s.request, s.target, []*cache.Object{o}, metav1.ListMeta{}, s.accepted, true)
	}
	include, err := includeObject(s.request)
	if err != nil {
		return nil, err
	}
	table, err := s.handler.table(s.target, []*cache.Object{o}, metav1.ListMeta{ResourceVersion: format(o.Revision)},
		schema.TableOptions{Version: s.accepted.Version, IncludeObject: include, NoHeaders: s.started})
	if err != nil {
		return nil, err
	}
	s.started = true
	return schema.EncodeTable(table)
}

// bookmark tells the client where it stands; initial ends the state it asked for (API-131).
func (s *stream) bookmark(revision int64, initial bool) error {
	res := s.target.res
	obj := res.New()
	m := obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
	m.SetResourceVersion(format(revision))
	if initial {
		m.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	shown := obj
	switch s.accepted.As {
	case schema.AsTable:
		table := &metav1.Table{ListMeta: metav1.ListMeta{ResourceVersion: format(revision)}, ColumnDefinitions: []metav1.TableColumnDefinition{}}
		obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
		row := metav1.TableRow{Cells: []any{}, Object: runtime.RawExtension{Object: schema.PartialMetadata(m, s.accepted.Version)}}
		table.Rows = append(table.Rows, row)
		table.APIVersion, table.Kind = "meta.k8s.io/"+s.accepted.Version, "Table"
		shown = table
	case schema.AsPartialObjectMetadata, schema.AsPartialObjectMetadataList:
		shown = schema.PartialMetadata(m, s.accepted.Version)
	default:
		obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	}
	return s.line("BOOKMARK", shown)
}

// fail ends the stream with the reason in it (API-126).
func (s *stream) fail(err error) error {
	if lerr := s.line("ERROR", schema.StatusOf(err)); lerr != nil {
		return lerr
	}
	return s.flush()
}

func (s *stream) line(kind string, obj runtime.Object) error {
	b, err := schema.EncodeJSON(obj)
	if err != nil {
		return err
	}
	return s.frame(kind, b)
}

func (s *stream) frame(kind string, body []byte) error {
	line := make([]byte, 0, len(body)+40)
	line = append(append(append(line, `{"type":"`...), kind...), `","object":`...)
	return s.emit(append(append(line, body...), '}', '\n'))
}
