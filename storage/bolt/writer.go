package bolt

import (
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

// batch is the writer's transaction. It lives for one round, or on through many
// while what they wrote is in the journal.
type batch struct {
	tx             *bbolt.Tx
	log, now, meta *bbolt.Bucket
	revision       int64 // of the last write in it

	// What the round has done.
	rows   [][]byte // its records, in order
	events []storage.Event
	dirty  bool // something is to be committed
}

// write is the writer: it makes durable what is queued until the queue is closed
// and empty.
func (s *Store) write() {
	defer close(s.written)
	var buffer []*task
	for open := true; open; {
		var tasks []*task
		tasks, open = s.queue.take(buffer[:0], batchTasks, batchBytes, s.ahead.due())
		if len(tasks) > 0 {
			s.round(tasks)
		}
		// While those who were answered are busy with what they got.
		s.tidy(len(tasks) == 0)
		s.gather(len(tasks))
		clear(tasks)
		buffer = tasks
	}
	s.endJournal()
}

// gather lets the writers that were just answered come back with their next
// write before the next transaction begins, or it would begin with only the
// first of them. A lone writer is not waited for.
func (s *Store) gather(answered int) {
	if answered <= 1 {
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

// round does the tasks, tells the watchers and then the callers.
func (s *Store) round(tasks []*task) {
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
	journaled := s.ahead.takes(tasks, &s.room)
	if !journaled {
		if err := s.merge(); err != nil {
			return nil, err
		}
	}
	b, err := s.begin()
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if t.err = t.do(b); t.err != nil && !refused(t.err) {
			return nil, s.drop(t.err)
		}
	}
	if !b.dirty {
		if s.ahead.writes > 0 {
			return b, nil
		}
		return b, s.drop(nil)
	}
	if journaled && s.ahead.append(s.revision+1, b.rows) {
		return b, nil
	}
	return b, s.commit()
}

// begin returns the transaction that is open, or a new one.
func (s *Store) begin() (*batch, error) {
	if b := s.open; b != nil {
		b.rows, b.events, b.dirty = b.rows[:0], nil, false
		return b, nil
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return nil, err
	}
	s.open = &batch{
		tx:       tx,
		log:      tx.Bucket(bucketLog),
		now:      tx.Bucket(bucketNow),
		meta:     tx.Bucket(bucketMeta),
		revision: s.revision,
	}
	s.open.log.FillPercent = 1 // it grows at its end only
	return s.open, nil
}

// drop ends the transaction without a trace, for a cause.
func (s *Store) drop(cause error) error {
	err := errors.Join(cause, s.open.tx.Rollback())
	s.open = nil
	if s.ahead.writes > 0 {
		return s.fail(err) // what was acknowledged was in it
	}
	return err
}

// commit commits the transaction. The database then has all there is.
func (s *Store) commit() error {
	b := s.open
	if b.revision != s.revision || s.ahead.writes > 0 {
		at := revisionKey(b.revision)
		if err := b.meta.Put(metaRevision, at[:]); err != nil {
			return s.drop(err)
		}
	}
	s.open = nil
	if err := b.tx.Commit(); err != nil {
		return s.failed(err)
	}
	s.ahead.merged()
	return nil
}

// failed is called when a commit failed (a full disk, most often). If the old
// state stands and the database has all that was acknowledged, writing may go
// on. If the transaction's last page is there but was perhaps not forced to disk,
// no later write may build on it.
func (s *Store) failed(cause error) error {
	cause = fmt.Errorf("commit: %w", cause)
	if s.ahead.writes > 0 {
		return s.fail(cause)
	}
	err := s.look(func(v *view) error {
		if v.revision != s.revision {
			return errors.New("the outcome is unknown")
		}
		return nil
	})
	if err != nil {
		return s.fail(fmt.Errorf("%w: %w", cause, err))
	}
	return cause
}

// fail ends all writing.
func (s *Store) fail(cause error) error {
	s.broken = fmt.Errorf("no write is taken after a failed one: %w", cause)
	return s.broken
}

// refused tells the answer to one task, given before it wrote anything, from a
// failure that ends the whole batch.
func refused(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrExists) ||
		errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrFuture)
}
