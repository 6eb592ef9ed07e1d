package clienttest

import (
	"reflect"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
)

// stream is one watch. What waits in it is bounded by the test alone.
type stream struct {
	tracker   *tracker
	resource  schema.GroupVersionResource
	namespace string // empty: all
	bookmarks bool   // whoever watches takes them

	out  chan watch.Event // without a buffer: what is taken is in work
	more chan struct{}    // something waits
	end  chan struct{}
	stop func()

	mu      sync.Mutex
	waiting []written
	done    bool // the one who watches came back for more after the last event
}

func newStream(t *tracker, gvr schema.GroupVersionResource, ns string, bookmarks bool) *stream {
	s := &stream{
		tracker: t, resource: gvr, namespace: ns, bookmarks: bookmarks, done: true,
		out: make(chan watch.Event), more: make(chan struct{}, 1), end: make(chan struct{}),
	}
	s.stop = sync.OnceFunc(func() { close(s.end); t.leave(s) })
	go s.run() // until whoever watches stops it, as watches are
	return s
}

func (s *stream) wants(w written) bool {
	return w.resource == s.resource && (s.namespace == "" || s.namespace == w.namespace)
}

func (s *stream) send(w written) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting, s.done = append(s.waiting, w), false
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// behind: an event is waiting or in work. Nobody knows that of those who take no bookmarks.
func (s *stream) behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bookmarks && !s.done
}

func (s *stream) take() []written {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.waiting
	s.waiting = nil
	return w
}

// run passes events on, and after them a bookmark: whoever takes that has done with what was before it.
func (s *stream) run() {
	defer close(s.out)
	for {
		select {
		case <-s.more:
		case <-s.end:
			return
		}
		batch := s.take()
		for _, w := range batch {
			if !s.pass(watch.Event{Type: w.event.Type, Object: w.event.Object.DeepCopyObject()}) {
				return
			}
		}
		if len(batch) == 0 || !s.bookmarks {
			continue
		}
		if !s.pass(bookmark(batch[len(batch)-1])) {
			return
		}
		s.mu.Lock()
		s.done = len(s.waiting) == 0
		s.mu.Unlock()
	}
}

func (s *stream) pass(e watch.Event) bool {
	select {
	case s.out <- e:
		return true
	case <-s.end:
		return false
	}
}

// bookmark says where a watch stands: an empty object of the kind that it is about.
func bookmark(last written) watch.Event {
	empty := reflect.New(reflect.TypeOf(last.event.Object).Elem()).Interface().(runtime.Object)
	if m, err := meta.Accessor(empty); err == nil {
		m.SetResourceVersion(strconv.FormatInt(last.version, 10))
	}
	return watch.Event{Type: watch.Bookmark, Object: empty}
}

func (s *stream) ResultChan() <-chan watch.Event { return s.out }
func (s *stream) Stop()                          { s.stop() }
