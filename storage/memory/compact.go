package memory

import (
	"context"

	"github.com/kubemint/kubemint/storage"
)

// Compact implements storage.Store.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	return storage.Wrap("compact", "", s.compact(ctx, revision))
}

func (s *Store) compact(ctx context.Context, revision int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return storage.ErrClosed
	case revision > s.revision:
		return storage.ErrFuture
	case revision <= s.compacted:
		return nil
	}
	// Only a key written since the last compaction has a past to forget.
	s.feed.Between(s.compacted, revision, func(e *storage.Event) {
		it, ok := s.items.Get(&item{key: e.Key})
		if ok && !it.forget(revision) {
			s.items.Delete(it)
		}
	})
	s.compacted = revision
	s.feed.Trim(revision)
	return nil
}

// forget drops the versions that nobody can ask for at or after a revision and
// says whether any is left.
func (it *item) forget(revision int64) bool {
	stood := -1 // the version that stands at the revision
	for i, v := range it.versions {
		if v.revision > revision {
			break
		}
		stood = i
	}
	if stood < 0 {
		return true
	}
	if it.versions[stood].created == 0 {
		stood++
	}
	if stood > 0 {
		it.versions = append([]version(nil), it.versions[stood:]...) // a new array: the old holds values
	}
	return len(it.versions) > 0
}
