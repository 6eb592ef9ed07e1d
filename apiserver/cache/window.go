package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// EventType is what happened to an object, in the words of the watch protocol.
type EventType string

// The types of events (API-126).
const (
	Added    EventType = "ADDED"
	Modified EventType = "MODIFIED"
	Deleted  EventType = "DELETED"
)

// Event is one change of one object.
type Event struct {
	Type EventType
	// Object is the new state, or the last one for Deleted. Prev is the state before, nil for Added.
	Object, Prev *Object
	Revision     int64

	once     sync.Once
	frame    []byte
	lastOnce sync.Once
	last     *Object
}

// Last is what a watcher sees when the event takes an object away from it: its state before, under the revision of the event (API-113).
func (e *Event) Last() *Object {
	if e.Type == Deleted || e.Prev == nil {
		return e.Object
	}
	e.lastOnce.Do(func() {
		body, err := restamped(e.Prev.Body, e.Prev.Revision, e.Revision)
		if err != nil { // not to be: every cached body begins with its resource version
			body = e.Prev.Body
		}
		e.last = &Object{Key: e.Prev.Key, Revision: e.Revision, Body: body, kind: e.Prev.kind}
	})
	return e.last
}

// cost is about how much memory the window holds on to for an event: the state, its frame and the state before.
func (e *Event) cost() int64 {
	n := 2*len(e.Object.Body) + eventOverhead
	if e.Prev != nil {
		n += len(e.Prev.Body)
	}
	return int64(n)
}

const eventOverhead = 512

// Frame returns the event as a line of the watch stream, encoded once for all watchers. head is the kind's `"kind":…,"apiVersion":…,`.
func (e *Event) Frame(head string) []byte {
	e.once.Do(func() { e.frame = Frame(e.Type, head, e.Object.Body) })
	return e.frame
}

// Frame puts one line of a watch stream together.
func Frame(t EventType, head string, body []byte) []byte {
	b := make([]byte, 0, len(body)+len(head)+32)
	b = append(b, `{"type":"`...)
	b = append(b, t...)
	b = append(b, `","object":{`...)
	b = append(b, head...)
	b = append(b, body[1:]...)
	return append(b, '}', '\n')
}

// window holds the newest events of a kind.
type window struct {
	limit  int
	first  int64 // sequence number of events[0]
	events []*Event
	// floor is the revision of the last event that was dropped, or of the fill: watches may start at it or later.
	floor int64
	bytes int64         // the cost of events
	wake  chan struct{} // closed at the next event or nudge
	nudge int64
}

// append adds an event and returns the channel to close once the lock is released.
func (w *window) append(e *Event) chan struct{} {
	if len(w.events) >= w.limit {
		w.drop()
	}
	w.events = append(w.events, e)
	w.bytes += e.cost()
	return w.rearm()
}

// drop forgets the oldest quarter, so that the copy is paid once in many events, and returns how many bytes that gave back.
func (w *window) drop() int64 {
	n := max(len(w.events)/4, 1)
	freed := int64(0)
	for _, e := range w.events[:n] {
		freed += e.cost()
	}
	w.floor = w.events[n-1].Revision
	w.events = append(make([]*Event, 0, len(w.events)), w.events[n:]...)
	w.first += int64(n)
	w.bytes -= freed
	return freed
}

func (w *window) rearm() chan struct{} {
	old := w.wake
	w.wake = make(chan struct{})
	return old
}

// ErrTooOld says that a watch asks for events that are no longer kept.
var ErrTooOld = errors.New("too old resource version")

// Cursor reads a kind's events one after another.
type Cursor struct {
	kind  *Kind
	next  int64 // sequence number
	nudge int64
}

// Watch returns a cursor that starts behind a revision, or an error that wraps ErrTooOld and says which revision is the oldest.
func (k *Kind) Watch(after int64) (*Cursor, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if after < k.log.floor {
		return nil, fmt.Errorf("%w: %d (%d)", ErrTooOld, after, k.log.floor)
	}
	i := len(k.log.events)
	for i > 0 && k.log.events[i-1].Revision > after {
		i--
	}
	return &Cursor{kind: k, next: k.log.first + int64(i), nudge: k.log.nudge}, nil
}

// Next blocks until there are events and returns them; they are shared with all who watch. Without events it returns when the cache was nudged or a tick comes: bookmark
// then is a revision up to which the watcher has seen everything. It ends with the context's error, or with ErrTooOld for a reader that
// fell behind. tick may be nil.
func (c *Cursor) Next(ctx context.Context, tick <-chan time.Time) (events []*Event, bookmark int64, err error) {
	k := c.kind
	for ticked := false; ; {
		applied := k.cache.Revision() // before the lock: all events up to it are in the window
		k.mu.RLock()
		if c.next < k.log.first {
			floor := k.log.floor
			k.mu.RUnlock()
			return nil, 0, fmt.Errorf("%w: the watcher fell behind (%d)", ErrTooOld, floor)
		}
		if i := c.next - k.log.first; i < int64(len(k.log.events)) {
			events = slices.Clip(k.log.events[i:]) // what is in the window is never overwritten: drop makes another one
			c.next += int64(len(events))
		}
		nudged := ticked || c.nudge != k.log.nudge
		c.nudge = k.log.nudge
		revision := max(applied, k.revision)
		wake := k.log.wake
		k.mu.RUnlock()
		if nudged {
			return events, revision, nil
		}
		if len(events) > 0 {
			return events, 0, nil
		}
		select {
		case <-wake:
		case <-tick:
			ticked = true
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}
