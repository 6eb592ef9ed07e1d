package etcd

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubemint/kubemint/storage"
)

// Compact implements storage.Store. etcd itself is compacted only if
// Options.Compact allows it, and only up to where every watch and snapshot of
// this store has read.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	return storage.Wrap("compact", "", s.forget(ctx, revision))
}

func (s *Store) forget(ctx context.Context, revision int64) error {
	now, err := s.now(ctx)
	if err != nil {
		return err
	}
	if revision > now {
		return storage.ErrFuture
	}
	s.mu.Lock()
	s.compacted = max(s.compacted, revision)
	upto := s.compacted
	for place := range s.places {
		upto = min(upto, *place)
	}
	s.mu.Unlock()
	if !s.compact || upto <= storage.FirstRevision {
		return nil
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	limited, cancel := s.reading(ctx)
	defer cancel()
	_, err = s.client.Compact(limited, upto)
	if errors.Is(err, rpctypes.ErrCompacted) {
		return nil // by us before, or by others further than that
	}
	return s.failure(ctx, err)
}

// place says that somebody has still to read what follows a revision.
func (s *Store) place(revision int64) *int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places[&revision] = true
	return &revision
}

func (s *Store) move(place *int64, revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*place = revision
}

func (s *Store) leave(place *int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.places, place)
}
