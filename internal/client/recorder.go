package client

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
	"k8s.io/utils/clock"
	"k8s.io/utils/lru"
)

// Sizes of a recorder: events waiting to be written, of which ten thousand pods that start at once make several each, and events it
// remembers so that a repetition raises a count.
const (
	recorderQueue  = 1 << 16
	recorderMemory = 4096
)

// RecorderConfig says who reports and through whom.
type RecorderConfig struct {
	Client kubernetes.Interface
	// Clock stamps the events: the cluster's time.
	Clock clock.PassiveClock
	// Component and Host are the event's source, as in "kubelet, node-1". Host may be empty.
	Component, Host string
	// Log hears of events that could not be written. Nil is slog.Default().
	Log *slog.Logger
}

// Recorder writes events on the cluster's clock (client-go's own recorder knows only wall time): a POST for a new
// event, a PATCH of count and last time for its repetition, a POST again when the first one is gone (API-227).
//
// Reporting never blocks. When the queue is full, an event is dropped and the log says how many were.
type Recorder struct {
	cfg     RecorderConfig
	more    chan struct{} // holds one token when something has been queued
	pending atomic.Int64
	dropped atomic.Int64

	mu    sync.Mutex
	queue []*note
	last  int64 // Unix nanoseconds in the newest name: two events of one moment must not share a name

	known *lru.Cache // noteKey → written; used by Run alone
}

var _ record.EventRecorder = (*Recorder)(nil)

// note is one thing said, before it is known whether it is a repetition.
type note struct {
	key         noteKey
	annotations map[string]string
	at          time.Time
	name        string
}

// noteKey holds all that two reports share if the second repeats the first.
type noteKey struct {
	ref             corev1.ObjectReference
	related         corev1.ObjectReference
	kind            string
	reason, message string
	action          string
	modern          bool
}

// NewRecorder returns a recorder that keeps what it is told until [Recorder.Run] writes it.
func NewRecorder(cfg RecorderConfig) *Recorder {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Recorder{cfg: cfg, more: make(chan struct{}, 1), known: lru.New(recorderMemory)}
}

// Event reports on object; kind is Normal or Warning.
func (r *Recorder) Event(object runtime.Object, kind, reason, message string) {
	r.report(object, nil, nil, noteKey{kind: kind, reason: reason, message: message})
}

// Eventf is Event with a format.
func (r *Recorder) Eventf(object runtime.Object, kind, reason, format string, args ...any) {
	r.Event(object, kind, reason, fmt.Sprintf(format, args...))
}

// AnnotatedEventf is Eventf with annotations on a new event.
func (r *Recorder) AnnotatedEventf(object runtime.Object, annotations map[string]string, kind, reason, format string, args ...any) {
	r.report(object, nil, annotations, noteKey{kind: kind, reason: reason, message: fmt.Sprintf(format, args...)})
}

// Action reports as recorders of events.k8s.io do, the scheduler for one: with an eventTime and an action, without
// first and last time; a repetition becomes a series. related may be nil.
func (r *Recorder) Action(object, related runtime.Object, kind, reason, action, format string, args ...any) {
	r.report(object, related, nil, noteKey{kind: kind, reason: reason, message: fmt.Sprintf(format, args...), action: action, modern: true})
}

func (r *Recorder) report(object, related runtime.Object, annotations map[string]string, key noteKey) {
	ref, err := reference.GetReference(scheme.Scheme, object)
	if err != nil {
		r.cfg.Log.Error("event about an object that cannot be referred to", "reason", key.reason, "err", err)
		return
	}
	key.ref = *ref
	key.ref.ResourceVersion = "" // it differs from report to report of the same fact
	if related != nil {
		if ref, err := reference.GetReference(scheme.Scheme, related); err == nil {
			key.related = *ref
			key.related.ResourceVersion = ""
		}
	}
	now := r.cfg.Clock.Now()
	n := note{key: key, annotations: annotations, at: now, name: r.name(ref.Name, now)}
	r.mu.Lock()
	full := len(r.queue) >= recorderQueue
	if !full {
		r.pending.Add(1)
		r.queue = append(r.queue, &n)
	}
	r.mu.Unlock()
	if full {
		r.dropped.Add(1)
		return
	}
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// next takes the oldest of the queue; nil if it is empty.
func (r *Recorder) next() *note {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.queue = nil // a rush leaves no room behind that nobody needs
		return nil
	}
	n := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	return n
}

// name is what an event about an object of that name is called.
func (r *Recorder) name(object string, at time.Time) string {
	return fmt.Sprintf("%s.%x", object, r.stamp(at))
}

// stamp returns a number of nanoseconds that no earlier event of this recorder has, even while the clock stands.
func (r *Recorder) stamp(now time.Time) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = max(r.last+1, now.UnixNano())
	return r.last
}

// Pending says what is reported but not yet written; it is empty when there is nothing.
func (r *Recorder) Pending() []string {
	if n := r.pending.Load(); n > 0 {
		return []string{fmt.Sprintf("%d events of %s", n, r.cfg.Component)}
	}
	return nil
}

// Run writes events until ctx ends; what is queued then is left unwritten.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.more:
		}
		for n := r.next(); n != nil && ctx.Err() == nil; n = r.next() {
			if err := r.write(ctx, *n); err != nil && ctx.Err() == nil {
				r.cfg.Log.Warn("event not written", "component", r.cfg.Component, "reason", n.key.reason,
					"object", n.key.ref.Kind+" "+n.key.ref.Namespace+"/"+n.key.ref.Name, "err", err)
			}
			r.pending.Add(-1)
			if lost := r.dropped.Swap(0); lost > 0 {
				r.cfg.Log.Warn("events dropped: too many at once", "component", r.cfg.Component, "count", lost)
			}
		}
	}
}
