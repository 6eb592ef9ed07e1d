package bolt

import (
	"bytes"
	"context"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/feed"
)

// Watch implements storage.Store.
func (s *Store) Watch(ctx context.Context, prefix string, after int64) (<-chan []storage.Event, error) {
	events, err := s.watch(ctx, prefix, after)
	return events, storage.Wrap("watch", prefix, err)
}

func (s *Store) watch(ctx context.Context, prefix string, after int64) (<-chan []storage.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	after = max(after, storage.FirstRevision)
	// Placed first, checked then: once it is placed, no sweep passes it.
	reader, err := s.feed.Open(after)
	if err != nil {
		return nil, err
	}
	err = s.view(func(v *view) error {
		switch {
		case after < v.compacted:
			return storage.ErrCompacted
		case after > v.revision:
			return storage.ErrFuture
		}
		return nil
	})
	if err != nil {
		reader.Close()
		return nil, err
	}
	return reader.Watch(ctx, prefix, s.history)
}

// What one transaction of history looks at and brings at most, so that no read
// transaction lasts long.
const (
	historyScan  = 4096
	historyBytes = 4 << 20
)

// history reads events from the log.
func (s *Store) history(after int64, prefix string, most int) (events []storage.Event, upto int64, err error) {
	upto = after
	match := []byte(prefix)
	err = s.view(func(v *view) error {
		from := revisionKey(after + 1)
		c := v.log.Cursor()
		size := 0
		k, b := c.Seek(from[:])
		for n := 0; k != nil && n < historyScan && len(events) < most && size < historyBytes; n++ {
			at, _ := parseRevision(k)
			r, err := openRecord(b, at)
			if err != nil {
				return err
			}
			if bytes.HasPrefix(r.key, match) {
				e, err := v.event(at, r)
				if err != nil {
					return err
				}
				size += len(e.Value) + len(e.PrevValue)
				events = append(events, e)
			}
			upto = at
			k, b = c.Next()
		}
		return nil
	})
	return events, upto, err
}

var _ feed.History = (*Store)(nil).history

// event makes a record an event, with bytes of its own.
func (v *view) event(revision int64, r record) (storage.Event, error) {
	e := storage.Event{Type: storage.Delete, Key: string(r.key), Revision: revision, PrevRevision: r.previous}
	if r.created != 0 {
		e.Type, e.Value = storage.Put, clone(r.value)
	}
	if r.previous != 0 {
		old, err := v.record(r.previous)
		if err != nil {
			return storage.Event{}, err
		}
		e.PrevValue = clone(old.value)
	}
	return e, nil
}
