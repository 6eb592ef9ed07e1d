package memory

import (
	"bytes"
	"context"
	"sync"

	"github.com/google/btree"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/feed"
)

// Store implements storage.Store.
type Store struct {
	feed *feed.Feed // remembers all events since the last compaction

	mu        sync.RWMutex
	revision  int64
	compacted int64
	items     *btree.BTreeG[*item]
	closed    bool
}

// item is a key and its past: versions in the order of their revisions, at
// least one. The bytes of a version are never changed.
type item struct {
	key      string
	versions []version
}

type version struct {
	revision int64
	created  int64 // 0: removed at this revision
	value    []byte
}

// New returns an empty store.
func New() *Store { return newStore(storage.FirstRevision) }

func newStore(revision int64) *Store {
	return &Store{
		feed:     feed.New(revision, feed.Limit{}),
		revision: revision,
		items:    btree.NewG(32, func(a, b *item) bool { return a.key < b.key }),
	}
}

// Get implements storage.Store.
func (s *Store) Get(ctx context.Context, key string) (storage.Entry, error) {
	v, err := s.get(ctx, key)
	if err != nil {
		return storage.Entry{}, storage.Wrap("get", key, err)
	}
	return entry(key, v), nil
}

func (s *Store) get(ctx context.Context, key string) (version, error) {
	if err := storage.CheckKey(key); err != nil {
		return version{}, err
	}
	if err := ctx.Err(); err != nil {
		return version{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return version{}, storage.ErrClosed
	}
	_, v := s.latest(key)
	if v.created == 0 {
		return version{}, storage.ErrNotFound
	}
	return v, nil
}

// Revision implements storage.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, storage.Wrap("revision", "", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, storage.Wrap("revision", "", storage.ErrClosed)
	}
	return s.revision, nil
}

// Create implements storage.Store.
func (s *Store) Create(ctx context.Context, key string, value []byte) (int64, error) {
	revision, err := s.write(ctx, key, owned(value), func(now version) error {
		if now.created != 0 {
			return storage.ErrExists
		}
		return nil
	})
	return revision, storage.Wrap("create", key, err)
}

// Update implements storage.Store.
func (s *Store) Update(ctx context.Context, key string, value []byte, revision int64) (int64, error) {
	revision, err := s.write(ctx, key, owned(value), seen(revision))
	return revision, storage.Wrap("update", key, err)
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	revision, err := s.write(ctx, key, nil, seen(revision))
	return revision, storage.Wrap("delete", key, err)
}

// seen is the compare of a compare-and-swap.
func seen(revision int64) func(version) error {
	return func(now version) error {
		switch {
		case now.created == 0:
			return storage.ErrNotFound
		case now.revision != revision:
			return storage.ErrConflict
		}
		return nil
	}
}

// write stores value under key, or removes the key if value is nil, unless
// check refuses what is there now.
func (s *Store) write(ctx context.Context, key string, value []byte, check func(version) error) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	if err := storage.CheckValue(value); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, storage.ErrClosed
	}
	if err := ctx.Err(); err != nil { // after the wait for the lock
		return 0, err
	}
	it, now := s.latest(key)
	if err := check(now); err != nil {
		return 0, err
	}
	s.revision++
	next := version{revision: s.revision, value: value}
	event := storage.Event{Type: storage.Delete, Key: key, Value: value, Revision: s.revision}
	if now.created != 0 {
		event.PrevValue, event.PrevRevision = now.value, now.revision
	}
	if value != nil {
		event.Type = storage.Put
		next.created = now.created
		if next.created == 0 {
			next.created = s.revision
		}
	}
	if it == nil {
		it = &item{key: key}
		s.items.ReplaceOrInsert(it)
	}
	it.versions = append(it.versions, next)
	s.feed.Append(event)
	return s.revision, nil
}

// latest returns the item under key, nil if there is none, and its latest
// version. s.mu must be held.
func (s *Store) latest(key string) (*item, version) {
	it, ok := s.items.Get(&item{key: key})
	if !ok {
		return nil, version{}
	}
	return it, it.versions[len(it.versions)-1]
}

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
	s.mu.RLock()
	defer s.mu.RUnlock() // no compaction between the check and the reader
	switch {
	case s.closed:
		return nil, storage.ErrClosed
	case after < s.compacted:
		return nil, storage.ErrCompacted
	case after > s.revision:
		return nil, storage.ErrFuture
	}
	reader, err := s.feed.Open(after)
	if err != nil {
		return nil, err
	}
	return reader.Watch(ctx, prefix, nil)
}

// Close implements storage.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.feed.Close()
	return nil
}

// owned returns a copy that is not nil even if value is.
func owned(value []byte) []byte { return append([]byte{}, value...) }

func entry(key string, v version) storage.Entry {
	return storage.Entry{Key: key, Value: bytes.Clone(v.value), Revision: v.revision, CreateRevision: v.created}
}
