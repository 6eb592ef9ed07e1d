package feed

import (
	"bytes"
	"context"

	"github.com/kubemint/kubemint/storage"
)

// batch bounds how many events one receive from a watch yields.
const batch = 1024

// History reads events that the feed no longer remembers: those after a
// revision that have the prefix, at most about max, and the revision up to
// which it looked. The bytes belong to the caller.
type History func(after int64, prefix string, max int) (events []storage.Event, upto int64, err error)

// Reader holds a place in the events: as long as it is open, Floor and Trim
// respect it.
type Reader struct {
	feed  *Feed
	after int64 // guarded by feed.mu
}

// Open returns a reader placed after revision, or ErrClosed.
func (f *Feed) Open(revision int64) (*Reader, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, storage.ErrClosed
	}
	r := &Reader{feed: f, after: revision}
	f.readers[r] = struct{}{}
	return r, nil
}

// Move goes on to a later place.
func (r *Reader) Move(revision int64) {
	r.feed.mu.Lock()
	defer r.feed.mu.Unlock()
	r.after = revision
}

// Close gives the place up.
func (r *Reader) Close() {
	r.feed.mu.Lock()
	defer r.feed.mu.Unlock()
	delete(r.feed.readers, r)
}

// Watch sends what follows the reader's place until ctx ends or the feed is
// closed, then closes the channel and the reader. history may be nil if the
// feed remembers all. If history fails, the watch ends.
func (r *Reader) Watch(ctx context.Context, prefix string, history History) (<-chan []storage.Event, error) {
	f := r.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		delete(f.readers, r)
		return nil, storage.ErrClosed
	}
	out := make(chan []storage.Event)
	f.pumps.Add(1)
	go func() {
		defer f.pumps.Done()
		defer close(out)
		defer r.Close()
		r.pump(ctx, prefix, history, out)
	}()
	return out, nil
}

func (r *Reader) pump(ctx context.Context, prefix string, history History, out chan<- []storage.Event) {
	f, after := r.feed, r.after
	for {
		events, upto, wait, behind := f.next(after, prefix, batch)
		if behind {
			if history == nil {
				return
			}
			var err error
			if events, upto, err = history(after, prefix, batch); err != nil {
				return
			}
		} else {
			own(events)
		}
		if len(events) > 0 {
			select {
			case out <- events:
			case <-ctx.Done():
				return
			case <-f.done:
				return
			}
		} else if upto == after {
			select {
			case <-wait:
			case <-ctx.Done():
				return
			case <-f.done:
				return
			}
		}
		if upto > after {
			after = upto
			r.Move(after)
		}
	}
}

// own gives the receiver bytes of its own.
func own(events []storage.Event) {
	for i := range events {
		events[i].Value = bytes.Clone(events[i].Value)
		events[i].PrevValue = bytes.Clone(events[i].PrevValue)
	}
}
