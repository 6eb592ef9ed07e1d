package memory

import (
	"context"
	"strings"

	"github.com/kubemint/kubemint/storage"
)

// List implements storage.Store.
func (s *Store) List(ctx context.Context, prefix string, o storage.ListOptions) (storage.Page, error) {
	found, page, err := s.list(ctx, prefix, o)
	if err != nil {
		return storage.Page{}, storage.Wrap("list", prefix, err)
	}
	if len(found) > 0 {
		page.Entries = make([]storage.Entry, len(found))
	}
	for i, f := range found {
		page.Entries[i] = entry(f.key, f.version)
	}
	return page, nil
}

// keyed is a version with its key.
type keyed struct {
	key string
	version
}

// list finds the entries but copies no bytes, so that writers wait only for the
// walk.
func (s *Store) list(ctx context.Context, prefix string, o storage.ListOptions) ([]keyed, storage.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, storage.Page{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	at := o.Revision
	switch {
	case s.closed:
		return nil, storage.Page{}, storage.ErrClosed
	case at == 0:
		at = s.revision
	case at < s.compacted:
		return nil, storage.Page{}, storage.ErrCompacted
	case at > s.revision:
		return nil, storage.Page{}, storage.ErrFuture
	}
	from := prefix
	if o.After != "" && o.After >= from {
		from = o.After + "\x00"
	}
	page := storage.Page{Revision: at}
	var found []keyed
	s.items.AscendGreaterOrEqual(&item{key: from}, func(it *item) bool {
		if !strings.HasPrefix(it.key, prefix) {
			return false
		}
		v := it.at(at)
		switch {
		case v.created == 0:
		case o.Limit > 0 && len(found) == o.Limit:
			page.More = true
			page.Remaining++
		default:
			found = append(found, keyed{it.key, v})
		}
		return true
	})
	return found, page, nil
}

// at returns the version that stood at a revision, the zero one if none did.
func (it *item) at(revision int64) version {
	for i := len(it.versions) - 1; i >= 0; i-- {
		if it.versions[i].revision <= revision {
			return it.versions[i]
		}
	}
	return version{}
}
