package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage"
)

// What one transaction takes at most: enough to share its cost widely, not so
// much that the first in it waits noticeably longer than for a small one.
const (
	batchTasks = 1024
	batchBytes = 4 << 20
)

// batch is the writer's transaction.
type batch struct {
	tx             *bbolt.Tx
	log, now, meta *bbolt.Bucket
	revision       int64 // of the last write in it
	events         []storage.Event
	dirty          bool // something is to be committed
}

// write is the writer: it commits what is queued until the queue is closed and
// empty.
func (s *Store) write() {
	defer close(s.written)
	var buffer []*task
	for {
		tasks := s.queue.take(buffer[:0], batchTasks, batchBytes)
		if len(tasks) == 0 {
			return
		}
		s.commit(tasks)
		s.keepRoom()
		s.gather(len(tasks))
		clear(tasks)
		buffer = tasks
	}
}

// keepRoom makes the file longer before the data needs it, while those who were
// answered are busy with what they got.
func (s *Store) keepRoom() {
	if s.broken != nil {
		return
	}
	if tx, err := s.db.Begin(false); err == nil {
		used := tx.Size()
		_ = tx.Rollback() // nothing was written
		s.room.keep(used)
	}
}

// gather lets the writers that were just answered come back with their next
// write before the next transaction begins, or it would begin with only the
// first of them. A lone writer is not waited for.
func (s *Store) gather(answered int) {
	if answered == 1 {
		return
	}
	for before := -1; ; {
		runtime.Gosched()
		now := s.queue.waiting()
		if now <= before || now >= answered {
			return
		}
		before = now
	}
}

// commit runs the tasks in one transaction, tells the watchers and then the
// callers.
func (s *Store) commit(tasks []*task) {
	b, err := s.attempt(tasks)
	if err != nil {
		for _, t := range tasks { // even a refusal was founded on what is not there now
			t.err = err
		}
	} else if b.dirty {
		s.revision = b.revision
		s.feed.Append(b.events...)
	}
	for _, t := range tasks {
		close(t.done)
	}
}

func (s *Store) attempt(tasks []*task) (*batch, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	b, err := s.begin()
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if t.err = t.do(b); t.err != nil && !refused(t.err) {
			return nil, errors.Join(t.err, b.tx.Rollback())
		}
	}
	if !b.dirty {
		return b, b.tx.Rollback()
	}
	if b.revision != s.revision {
		at := revisionKey(b.revision)
		if err := b.meta.Put(metaRevision, at[:]); err != nil {
			return nil, errors.Join(err, b.tx.Rollback())
		}
	}
	if err := b.tx.Commit(); err != nil {
		return nil, s.failed(err)
	}
	return b, nil
}

func (s *Store) begin() (*batch, error) {
	tx, err := s.db.Begin(true)
	if err != nil {
		return nil, err
	}
	b := &batch{
		tx:       tx,
		log:      tx.Bucket(bucketLog),
		now:      tx.Bucket(bucketNow),
		meta:     tx.Bucket(bucketMeta),
		revision: s.revision,
	}
	b.log.FillPercent = 1 // it grows at its end only
	return b, nil
}

// failed is called when a commit failed (a full disk, most often). If the old
// state stands, writing may go on. If the transaction's last page is there but
// was perhaps not forced to disk, no later write may build on it.
func (s *Store) failed(cause error) error {
	err := s.view(func(v *view) error {
		if v.revision != s.revision {
			return errors.New("the outcome is unknown")
		}
		return nil
	})
	cause = fmt.Errorf("commit: %w", cause)
	if err != nil {
		s.broken = fmt.Errorf("no write is taken after a failed one: %w: %w", cause, err)
		return s.broken
	}
	return cause
}

// refused tells the answer to one task, given before it wrote anything, from a
// failure that ends the whole batch.
func refused(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrExists) ||
		errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrFuture)
}

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
	if row != nil {
		next := place{revision: revision, created: old.created}
		if old.revision == 0 {
			next.created = revision
		}
		seal(row, revision, next.created, old.revision)
		event.Value = row[recordHead+len(key):]
		err = b.now.Put(k, next.encode())
	} else {
		event.Type = storage.Delete
		row = newRecord(key, nil)
		seal(row, revision, 0, old.revision)
		err = b.now.Delete(k)
	}
	if err != nil {
		return 0, err
	}
	at := revisionKey(revision)
	if err := b.log.Put(at[:], row); err != nil {
		return 0, err
	}
	b.revision = revision
	b.events = append(b.events, event)
	b.dirty = true
	return revision, nil
}
