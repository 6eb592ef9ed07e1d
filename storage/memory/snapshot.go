package memory

import (
	"context"
	"errors"
	"io"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/archive"
)

// Snapshot implements storage.Store.
func (s *Store) Snapshot(ctx context.Context, w io.Writer) (int64, error) {
	revision, err := s.snapshot(ctx, w)
	return revision, storage.Wrap("snapshot", "", err)
}

func (s *Store) snapshot(ctx context.Context, w io.Writer) (int64, error) {
	found, page, err := s.list(ctx, "", storage.ListOptions{})
	if err != nil {
		return 0, err
	}
	a, err := archive.NewWriter(w, page.Revision)
	if err != nil {
		return 0, err
	}
	for _, f := range found {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		// No copy: a writer must not keep or change what it is given.
		if err := a.Add(storage.Entry{Key: f.key, Value: f.value, Revision: f.revision, CreateRevision: f.created}); err != nil {
			return 0, err
		}
	}
	return page.Revision, a.Close()
}

// Restore returns a store with the entries of a snapshot. Its revision is the
// snapshot's or, if that is higher, the one after highest: the highest revision
// that was ever given out in the timeline that the new store takes the place
// of (0: none). What lies before the store's revision is compacted, so that
// nobody who has seen another timeline can go on from it.
func Restore(ctx context.Context, r io.Reader, highest int64) (*Store, error) {
	s, err := restore(ctx, r, highest)
	return s, storage.Wrap("restore", "", err)
}

func restore(ctx context.Context, r io.Reader, highest int64) (*Store, error) {
	a, err := archive.NewReader(r)
	if err != nil {
		return nil, err
	}
	s := newStore(max(a.Revision(), highest+1))
	s.compacted = s.revision
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := a.Next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		v := version{revision: e.Revision, created: e.CreateRevision, value: e.Value}
		s.items.ReplaceOrInsert(&item{key: e.Key, versions: []version{v}})
	}
}
