package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
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

	once  sync.Once
	frame []byte
}

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
	wake  chan struct{} // closed at the next event or nudge
	nudge int64
}

// append adds an event and returns the channel to close once the lock is released.
func (w *window) append(e *Event) chan struct{} {
	if len(w.events) >= w.limit {
		// Drop a quarter at a time, so that the copy is paid once in many events.
		n := max(w.limit/4, 1)
		w.floor = w.events[n-1].Revision
		rest := make([]*Event, len(w.events)-n, w.limit)
		copy(rest, w.events[n:])
		w.events = rest
		w.first += int64(n)
	}
	w.events = append(w.events, e)
	return w.rearm()
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

// Next blocks until there are events and returns them. Without events it returns when the cache was nudged: bookmark then is a revision
// up to which the watcher has seen everything. It ends with the context's error, or with ErrTooOld for a reader that fell behind.
func (c *Cursor) Next(ctx context.Context) (events []*Event, bookmark int64, err error) {
	k := c.kind
	for {
		applied := k.cache.Revision() // before the lock: all events up to it are in the window
		k.mu.RLock()
		if c.next < k.log.first {
			floor := k.log.floor
			k.mu.RUnlock()
			return nil, 0, fmt.Errorf("%w: the watcher fell behind (%d)", ErrTooOld, floor)
		}
		if i := c.next - k.log.first; i < int64(len(k.log.events)) {
			events = append(events, k.log.events[i:]...)
			c.next += int64(len(events))
		}
		nudged := c.nudge != k.log.nudge
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
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// Behind is a revision up to which the cursor has read everything.
func (c *Cursor) Behind() int64 {
	applied := c.kind.cache.Revision()
	c.kind.mu.RLock()
	defer c.kind.mu.RUnlock()
	i := c.next - c.kind.log.first
	if i >= 0 && i < int64(len(c.kind.log.events)) {
		return c.kind.log.events[i].Revision - 1
	}
	return max(applied, c.kind.revision)
}

// restamped replaces the resource version of a stamped body.
func restamped(body []byte, old, now int64) ([]byte, error) {
	prefix := strconv.AppendInt(append(append([]byte{}, metadataStart...), `"resourceVersion":"`...), old, 10)
	if !bytes.HasPrefix(body, prefix) {
		return nil, fmt.Errorf("body does not begin with its resource version: %.60q", body)
	}
	out := make([]byte, 0, len(body)+8)
	out = append(out, metadataStart...)
	out = append(out, `"resourceVersion":"`...)
	out = strconv.AppendInt(out, now, 10)
	return append(out, body[len(prefix):]...), nil
}
