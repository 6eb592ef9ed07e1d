// Package feed keeps a store's latest events in memory and hands them to
// watchers.
//
// It is one list that all watchers read, each at its own pace: an event is kept
// once however many watch, and appending never waits for a reader. A reader that
// has fallen behind the list is served from the store's own history until it
// has caught up, so that what a slow reader costs is disk reads and not memory.
package feed

import (
	"strings"
	"sync"

	"github.com/kubemint/kubemint/storage"
)

// scan bounds how many events a reader looks at in one go.
const scan = 8 * batch

// Limit bounds what a Feed remembers. The zero value sets no bound: then only
// Trim forgets.
type Limit struct {
	Events int
	Bytes  int // of keys and values
}

// Feed is the list. Its events have consecutive revisions.
type Feed struct {
	limit Limit

	mu      sync.Mutex
	first   int64           // revision of events[0], or the next one to come
	events  []storage.Event // values are never changed once they are in here
	bytes   int
	changed chan struct{} // closed and replaced by the next Append
	readers map[*Reader]struct{}
	closed  bool

	done  chan struct{} // closed by Close
	pumps sync.WaitGroup
}

// New returns a feed whose first event will have the revision after the one
// named.
func New(revision int64, limit Limit) *Feed {
	return &Feed{
		limit:   limit,
		first:   revision + 1,
		changed: make(chan struct{}),
		readers: map[*Reader]struct{}{},
		done:    make(chan struct{}),
	}
}

// Append adds events in order and wakes the readers. The feed keeps the bytes:
// nobody may change them afterwards.
func (f *Feed) Append(events ...storage.Event) {
	if len(events) == 0 {
		return
	}
	f.mu.Lock()
	f.events = append(f.events, events...)
	for i := range events {
		f.bytes += size(&events[i])
	}
	f.forget(f.excess())
	wake := f.changed
	f.changed = make(chan struct{})
	f.mu.Unlock()
	close(wake)
}

// excess returns how many of the oldest events exceed the limit.
func (f *Feed) excess() int {
	n, bytes := 0, f.bytes
	for f.limit.Events > 0 && len(f.events)-n > f.limit.Events ||
		f.limit.Bytes > 0 && bytes > f.limit.Bytes && n < len(f.events) {
		bytes -= size(&f.events[n])
		n++
	}
	return n
}

// forget drops the n oldest events.
func (f *Feed) forget(n int) {
	for i := range f.events[:n] {
		f.bytes -= size(&f.events[i])
	}
	clear(f.events[:n]) // the array may live on; the values need not
	f.events = f.events[n:]
	f.first += int64(n)
}

// Between calls visit for each remembered event with after < revision ≤ upto,
// in order. visit must not call the feed.
func (f *Feed) Between(after, upto int64, visit func(*storage.Event)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.events {
		if e := &f.events[i]; e.Revision > after && e.Revision <= upto {
			visit(e)
		}
	}
}

// Trim forgets events up to revision that no reader has still to read.
func (f *Feed) Trim(revision int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	upto := min(revision, f.floor(revision))
	if n := upto - f.first + 1; n > 0 {
		f.forget(int(min(n, int64(len(f.events)))))
	}
}

// Floor returns the lowest revision up to which every reader has read, or
// otherwise when there is no reader: a store must keep what lies above it.
func (f *Feed) Floor(otherwise int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.floor(otherwise)
}

func (f *Feed) floor(otherwise int64) int64 {
	low := otherwise
	for r := range f.readers {
		low = min(low, r.after)
	}
	return low
}

// Close ends all watches and waits until their channels are closed.
func (f *Feed) Close() {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.done)
	}
	f.mu.Unlock()
	f.pumps.Wait()
}

// next returns up to max remembered events after a revision, only those with
// the prefix, and the revision up to which it looked. behind says that the
// events right after are no longer remembered; otherwise, if upto did not move,
// wait is closed when there is more.
func (f *Feed) next(after int64, prefix string, max int) (events []storage.Event, upto int64, wait <-chan struct{}, behind bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if after+1 < f.first {
		return nil, after, nil, true
	}
	upto = after
	from := after + 1 - f.first
	end := min(int64(len(f.events)), from+scan) // others wait for the lock
	for i := from; i < end && len(events) < max; i++ {
		e := &f.events[i]
		upto = e.Revision
		if strings.HasPrefix(e.Key, prefix) {
			events = append(events, *e)
		}
	}
	return events, upto, f.changed, false
}

func size(e *storage.Event) int { return len(e.Key) + len(e.Value) + len(e.PrevValue) }
