package bolt

import (
	"context"

	"github.com/kubemint/kubemint/storage"
)

// Create implements storage.Store.
func (s *Store) Create(ctx context.Context, key string, value []byte) (int64, error) {
	revision, err := s.put(ctx, key, value, func(now place) error {
		if now.revision != 0 {
			return storage.ErrExists
		}
		return nil
	})
	return revision, storage.Wrap("create", key, err)
}

// Update implements storage.Store.
func (s *Store) Update(ctx context.Context, key string, value []byte, revision int64) (int64, error) {
	revision, err := s.put(ctx, key, value, seen(revision))
	return revision, storage.Wrap("update", key, err)
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	revision, err := s.remove(ctx, key, revision)
	return revision, storage.Wrap("delete", key, err)
}

// seen is the compare of a compare-and-swap.
func seen(revision int64) func(place) error {
	return func(now place) error {
		switch now.revision {
		case 0:
			return storage.ErrNotFound
		case revision:
			return nil
		}
		return storage.ErrConflict
	}
}

func (s *Store) put(ctx context.Context, key string, value []byte, check func(place) error) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	if err := storage.CheckValue(value); err != nil {
		return 0, err
	}
	row := newRecord(key, value) // the copy; nothing refers to the caller's bytes from here on
	var revision int64
	err := s.queue.do(ctx, len(row), func(b *batch) (err error) {
		revision, err = b.append(key, row, check)
		return err
	})
	if err != nil {
		return 0, err
	}
	return revision, nil
}

func (s *Store) remove(ctx context.Context, key string, seenAt int64) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	var revision int64
	err := s.queue.do(ctx, recordHead+len(key), func(b *batch) (err error) {
		revision, err = b.append(key, nil, seen(seenAt))
		return err
	})
	if err != nil {
		return 0, err
	}
	return revision, nil
}

// append writes the next revision: the unsealed record, or a tombstone if row is
// nil, unless check refuses what stands there.
func (b *batch) append(key string, row []byte, check func(place) error) (int64, error) {
	k := []byte(key)
	old, err := openPlace(k, b.now.Get(k))
	if err != nil {
		return 0, err
	}
	if err := check(old); err != nil {
		return 0, err
	}
	revision := b.revision + 1
	event := storage.Event{Type: storage.Put, Key: key, Revision: revision, PrevRevision: old.revision}
	if old.revision != 0 {
		r, err := readRecord(b.log, old.revision)
		if err != nil {
			return 0, err
		}
		event.PrevValue = clone(r.value)
	}
	next := place{revision: revision, created: old.created}
	switch {
	case row == nil:
		event.Type = storage.Delete
		row, next.created = newRecord(key, nil), 0
	case old.revision == 0:
		next.created = revision
	}
	seal(row, revision, next.created, old.revision)
	if event.Type == storage.Put {
		event.Value = row[recordHead+len(key):]
	}
	if err := b.put(k, next, row); err != nil {
		return 0, err
	}
	b.rows = append(b.rows, row)
	b.events = append(b.events, event)
	return revision, nil
}

// put writes a sealed record, of the next revision, where key stands then.
func (b *batch) put(key []byte, at place, row []byte) error {
	var err error
	if at.created == 0 {
		err = b.now.Delete(key)
	} else {
		err = b.now.Put(key, at.encode())
	}
	if err != nil {
		return err
	}
	revision := revisionKey(at.revision)
	if err := b.log.Put(revision[:], row); err != nil {
		return err
	}
	b.revision = at.revision
	b.dirty = true
	return nil
}
