package bolt

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"github.com/kubemint/kubemint/storage"
)

// How far the journal may be ahead of the database: far enough that its commit is
// shared widely, not so far that a reader or a start would wait for it.
const (
	aheadWrites = 128
	aheadBytes  = 1 << 20
)

// letGoAfter is how many times the database was written, without a rest, before
// what is mapped of it is let go of.
const letGoAfter = 64

// ahead is what is durable in the journal and not yet in the database. It is in
// the writer's open transaction. Only the writer touches it, except for some.
type ahead struct {
	journal *journal // nil: there is none, writes go into the database one round at a time
	writes  int
	bytes   int
	timer   *time.Timer
	some    atomic.Bool // writes > 0; set before any of them is acknowledged

	over bool // the journal has failed, or could not be made

	rest time.Duration // how long a store at rest keeps the database waiting, in wall time
}

// takes tells whether a round may go into the journal: there is one, and room in
// the database's file for whatever is ahead then, so that a full disk cannot keep
// out of it what was acknowledged.
func (a *ahead) takes(tasks []*task, r *room) bool {
	if a.journal == nil || a.over {
		return false
	}
	bytes := a.bytes
	for _, t := range tasks {
		if t.direct {
			return false
		}
		bytes += t.bytes
	}
	return bytes <= 2*aheadBytes && r.has(pagesFor(a.writes+len(tasks), bytes))
}

// append makes a round's records durable. If it cannot, the database has to.
func (a *ahead) append(first int64, rows [][]byte) bool {
	if err := a.journal.append(first, rows); err != nil {
		a.over = true
		return false
	}
	if a.writes == 0 {
		a.some.Store(true)
		if a.timer == nil {
			a.timer = time.NewTimer(a.rest)
		} else {
			a.timer.Reset(a.rest)
		}
	}
	a.writes += len(rows)
	for _, row := range rows {
		a.bytes += len(row)
	}
	return true
}

// due fires when the database has waited long enough.
func (a *ahead) due() <-chan time.Time {
	if a.writes == 0 {
		return nil
	}
	return a.timer.C
}

// merged: the database has it all.
func (a *ahead) merged() {
	if a.writes == 0 {
		return
	}
	a.timer.Stop()
	a.writes, a.bytes = 0, 0
	a.journal.anew()
	a.some.Store(false)
}

// merge puts what the journal is ahead by into the database.
func (s *Store) merge() error {
	if s.ahead.writes == 0 {
		return nil
	}
	return s.commit()
}

// catchUp returns when the database has all that was acknowledged before the call.
func (s *Store) catchUp() error {
	if !s.ahead.some.Load() {
		return nil
	}
	return s.queue.doDirect(context.Background(), func(*batch) error { return nil })
}

// tidy does what no caller waits for. Its failures come back to the next who does.
func (s *Store) tidy(rest bool) {
	if s.broken != nil {
		return
	}
	if rest || s.ahead.writes >= aheadWrites || s.ahead.bytes >= aheadBytes {
		if err := s.merge(); err != nil {
			return
		}
	}
	if s.ahead.writes > 0 {
		return
	}
	if s.rounds++; rest || s.rounds >= letGoAfter {
		s.rounds = 0
		s.letGo()
	}
	s.keepRoom()
	if s.ahead.journal == nil && !s.ahead.over && s.room.has(pagesFor(aheadWrites, aheadBytes)) {
		if err := s.beginJournal(); err != nil {
			s.ahead.over = true
		}
	}
}

// keepRoom makes the file longer before the data needs it.
func (s *Store) keepRoom() {
	if tx, err := s.db.Begin(false); err == nil {
		used := tx.Size()
		_ = tx.Rollback() // nothing was written
		s.room.keep(used)
	}
}

// beginJournal makes a journal. From the commit on that notes its number, the
// database is not complete without it.
func (s *Store) beginJournal() error {
	j, err := createJournal(journalPath(s.db.Path()))
	if err != nil {
		return err
	}
	b, err := s.begin()
	if err != nil {
		return errors.Join(err, j.remove())
	}
	number := revisionKey(j.number)
	if err := b.meta.Put(metaJournal, number[:]); err != nil {
		return errors.Join(s.drop(err), j.remove())
	}
	if err := s.commit(); err != nil {
		return errors.Join(err, j.file.Close()) // the number may be noted: the file stays
	}
	s.ahead.journal = j
	return nil
}

// endJournal leaves a database that is complete by itself.
func (s *Store) endJournal() {
	if s.broken != nil || s.ahead.journal == nil {
		if s.open != nil {
			s.closeFail = s.open.tx.Rollback()
		}
		if j := s.ahead.journal; j != nil {
			s.closeFail = errors.Join(s.closeFail, j.file.Close())
		}
		return
	}
	s.closeFail = s.dropJournal()
}

func (s *Store) dropJournal() error {
	b, err := s.begin()
	if err != nil {
		return errors.Join(err, s.ahead.journal.file.Close())
	}
	if err := b.meta.Delete(metaJournal); err != nil {
		return errors.Join(s.drop(err), s.ahead.journal.file.Close())
	}
	if err := s.commit(); err != nil {
		return errors.Join(err, s.ahead.journal.file.Close())
	}
	return s.ahead.journal.remove()
}

// replay brings a database to where its journal is: what a process that was
// killed left.
func (s *Store) replay() error {
	path := journalPath(s.db.Path())
	var number int64
	err := s.look(func(v *view) error {
		s.revision, number = v.revision, v.journal
		return nil
	})
	if err != nil {
		return err
	}
	if number == 0 {
		// One that lies there belongs to nobody: the last commit of a store
		// that was closed came before the file's end.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	j, writes, err := openJournal(path, number, s.revision)
	if err != nil {
		return err
	}
	if err := s.apply(writes); err != nil {
		return errors.Join(err, j.file.Close())
	}
	s.ahead.journal = j
	return nil
}

func (s *Store) apply(writes []write) error {
	if len(writes) == 0 {
		return nil
	}
	b, err := s.begin()
	if err != nil {
		return err
	}
	for _, w := range writes {
		if err := b.again(w); err != nil {
			return s.drop(err)
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	s.revision = b.revision
	return nil
}

// again does a write a second time.
func (b *batch) again(w write) error {
	r, err := openRecord(w.row, w.revision)
	if err != nil {
		return err
	}
	old, err := openPlace(r.key, b.now.Get(r.key))
	if err != nil {
		return err
	}
	if old.revision != r.previous {
		return storage.Damaged("its journal and the record of revision %d contradict each other", w.revision)
	}
	return b.put(r.key, place{w.revision, r.created}, w.row)
}
