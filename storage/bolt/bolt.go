package bolt

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/feed"
)

// Options of Open. The zero value is a good choice.
type Options struct {
	// LockTimeout is how long Open waits, in wall time, for another process
	// to let go of the file; 0 is 250 ms.
	LockTimeout time.Duration
	// Window is how many of the latest events are kept in memory, so that
	// a watch that begins after them reads nothing from the file; 0 is 4096.
	// They take up to WindowBytes; 0 is 8 MiB.
	Window      int
	WindowBytes int
	// MaxSize is the size in bytes beyond which the file does not grow:
	// writes that need more fail, reads go on. 0 is no bound.
	MaxSize int

	rest time.Duration // of ahead; 0 is 100 ms
}

func (o Options) withDefaults() Options {
	if o.LockTimeout <= 0 {
		o.LockTimeout = 250 * time.Millisecond
	}
	if o.Window <= 0 {
		o.Window = 4096
	}
	if o.WindowBytes <= 0 {
		o.WindowBytes = 8 << 20
	}
	if o.rest == 0 {
		o.rest = 100 * time.Millisecond
	}
	return o
}

// Store implements storage.Store.
type Store struct {
	db    *bbolt.DB
	feed  *feed.Feed
	queue *queue

	// Only the writer goroutine touches these, before it runs whoever opens
	// the store, and after it has ended whoever closes it.
	room     room
	revision int64  // of the last write that was acknowledged
	open     *batch // its transaction, if one is open
	ahead    ahead
	rounds   int   // since what is mapped was let go of
	broken   error // set when nobody can know what a commit left

	written   chan struct{} // closed when the writer has ended
	closing   sync.Once
	closeFail error
}

// The buckets, and the keys of the meta bucket.
var (
	bucketLog  = []byte("log")
	bucketNow  = []byte("now")
	bucketMeta = []byte("meta")

	metaFormat    = []byte("format")
	metaRevision  = []byte("revision")  // of the last write
	metaCompacted = []byte("compacted") // the past before it is gone
	metaSwept     = []byte("swept")     // log entries up to it hold nothing to remove
	metaJournal   = []byte("journal")   // the number of the journal that belongs to it, if there is one

	format = []byte("kubemint storage 1")
)

// Open opens the store in the file at path and creates it if there is none; its
// directory must exist. A file that is in use is refused with storage.ErrInUse,
// one that is damaged, empty or something else with storage.ErrDamaged; both
// are left as they are.
func Open(path string, o Options) (*Store, error) {
	s, err := open(path, o.withDefaults())
	return s, storage.Wrap("open", path, err)
}

func open(path string, o Options) (*Store, error) {
	if err := ensure(path); err != nil {
		return nil, err
	}
	if err := checkFile(path, o.LockTimeout); err != nil {
		return nil, err
	}
	db, file, err := openDB(path, o)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, room: newRoom(file, o.MaxSize), queue: newQueue(), ahead: ahead{rest: o.rest}, written: make(chan struct{})}
	if err := s.replay(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.letGo() // bbolt has looked at every page
	s.feed = feed.New(s.revision, feed.Limit{Events: o.Window, Bytes: o.WindowBytes})
	go s.write() // ends with Close, which waits for it
	return s, nil
}

// Close implements storage.Store. Writes that are queued already are committed.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.queue.close()
		<-s.written
		s.feed.Close()
		s.closeFail = storage.Wrap("close", "", errors.Join(s.closeFail, s.db.Close())) // waits for readers
	})
	return s.closeFail
}

// view is a read transaction: a consistent sight of one revision. What it gives
// out lies in bbolt's memory and must be copied before it ends.
type view struct {
	log, now            *bbolt.Bucket
	revision, compacted int64
	journal             int64 // 0: none
}

// view runs read in a transaction of its own, on all that was acknowledged before.
func (s *Store) view(read func(*view) error) error {
	if err := s.catchUp(); err != nil {
		return err
	}
	return s.look(read)
}

// look runs read on what the database has.
func (s *Store) look(read func(*view) error) error {
	tx, err := s.db.Begin(false)
	if err != nil {
		if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
			return storage.ErrClosed
		}
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	v := &view{log: tx.Bucket(bucketLog), now: tx.Bucket(bucketNow)}
	meta := tx.Bucket(bucketMeta)
	if v.log == nil || v.now == nil || meta == nil {
		return storage.Damaged("not a database of kubemint")
	}
	var ok1, ok2 bool
	v.revision, ok1 = parseRevision(meta.Get(metaRevision))
	v.compacted, ok2 = parseRevision(meta.Get(metaCompacted))
	if !ok1 || !ok2 {
		return storage.Damaged("the database does not know its revision")
	}
	v.journal, _ = parseRevision(meta.Get(metaJournal))
	return read(v)
}

// place returns where a key stands now.
func (v *view) place(key string) (place, error) {
	k := []byte(key)
	return openPlace(k, v.now.Get(k))
}

// record returns the log's entry of a revision; it lies in bbolt's memory.
func (v *view) record(revision int64) (record, error) { return readRecord(v.log, revision) }

func readRecord(log *bbolt.Bucket, revision int64) (record, error) {
	at := revisionKey(revision)
	b := log.Get(at[:])
	if b == nil {
		return record{}, storage.Damaged("the record of revision %d is missing", revision)
	}
	return openRecord(b, revision)
}

// entry returns a copy of what was written under key at a revision.
func (v *view) entry(key string, revision int64) (storage.Entry, error) {
	r, err := v.record(revision)
	if err != nil {
		return storage.Entry{}, err
	}
	if string(r.key) != key || r.created == 0 {
		return storage.Entry{}, storage.Damaged("the record of revision %d is not the one of %q", revision, key)
	}
	return storage.Entry{Key: key, Value: clone(r.value), Revision: revision, CreateRevision: r.created}, nil
}

// Get implements storage.Store.
func (s *Store) Get(ctx context.Context, key string) (storage.Entry, error) {
	e, err := s.get(ctx, key)
	return e, storage.Wrap("get", key, err)
}

func (s *Store) get(ctx context.Context, key string) (e storage.Entry, err error) {
	if err := storage.CheckKey(key); err != nil {
		return e, err
	}
	if err := ctx.Err(); err != nil {
		return e, err
	}
	err = s.view(func(v *view) error {
		p, err := v.place(key)
		if err != nil {
			return err
		}
		if p.revision == 0 {
			return storage.ErrNotFound
		}
		e, err = v.entry(key, p.revision)
		return err
	})
	return e, err
}

// Revision implements storage.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var revision int64
	err := ctx.Err()
	if err == nil {
		err = s.view(func(v *view) error {
			revision = v.revision
			return nil
		})
	}
	return revision, storage.Wrap("revision", "", err)
}

// clone copies; the copy of nothing is empty and not nil.
func clone(b []byte) []byte {
	if len(b) == 0 {
		return []byte{}
	}
	return bytes.Clone(b)
}
