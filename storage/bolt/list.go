package bolt

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage"
)

// List implements storage.Store.
func (s *Store) List(ctx context.Context, prefix string, o storage.ListOptions) (storage.Page, error) {
	page, err := s.list(ctx, prefix, o, false)
	return page, storage.Wrap("list", prefix, err)
}

// list reads a page. A caller that keeps its revision from being swept may read
// behind the compacted one.
func (s *Store) list(ctx context.Context, prefix string, o storage.ListOptions, kept bool) (storage.Page, error) {
	if err := ctx.Err(); err != nil {
		return storage.Page{}, err
	}
	var page storage.Page
	err := s.view(func(v *view) error {
		page.Revision = o.Revision
		switch {
		case o.Revision == 0:
			page.Revision = v.revision
		case o.Revision < v.compacted && !kept:
			return storage.ErrCompacted
		case o.Revision > v.revision:
			return storage.ErrFuture
		}
		undone, err := v.undo([]byte(prefix), page.Revision)
		if err != nil {
			return err
		}
		l := lister{ctx: ctx, view: v, page: &page, limit: o.Limit}
		return l.walk([]byte(prefix), []byte(o.After), undone)
	})
	if err != nil {
		return storage.Page{}, err
	}
	return page, nil
}

// undo returns, for each key with the prefix that was written after a revision,
// the revision that it had then; 0: there was no such key.
func (v *view) undo(prefix []byte, revision int64) (map[string]int64, error) {
	undone := map[string]int64{}
	if revision == v.revision {
		return undone, nil
	}
	from := revisionKey(revision + 1)
	c := v.log.Cursor()
	for k, b := c.Seek(from[:]); k != nil; k, b = c.Next() {
		at, _ := parseRevision(k)
		r, err := openRecord(b, at)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(r.key, prefix) {
			continue
		}
		if _, ok := undone[string(r.key)]; !ok {
			undone[string(r.key)] = r.previous
		}
	}
	return undone, nil
}

// lister fills a page.
type lister struct {
	ctx   context.Context
	view  *view
	page  *storage.Page
	limit int
}

// walk merges the keys of now that are as they were with those that are undone.
func (l *lister) walk(prefix, after []byte, undone map[string]int64) error {
	var back []string // keys that were elsewhere than they are now, or are gone
	for key, revision := range undone {
		if revision != 0 && (len(after) == 0 || key > string(after)) {
			back = append(back, key)
		}
	}
	slices.Sort(back)
	from := prefix
	if len(after) > 0 && bytes.Compare(after, from) >= 0 {
		from = append(bytes.Clone(after), 0)
	}
	c := l.view.now.Cursor()
	for k, b := seek(c, from); k != nil && bytes.HasPrefix(k, prefix); k, b = c.Next() {
		for len(back) > 0 && back[0] < string(k) {
			if err := l.add(back[0], undone[back[0]]); err != nil {
				return err
			}
			back = back[1:]
		}
		if _, ok := undone[string(k)]; ok {
			continue // its turn is in back, or it was not there
		}
		if l.full() {
			l.skip()
			continue
		}
		p, err := openPlace(k, b)
		if err != nil {
			return err
		}
		if err := l.add(string(k), p.revision); err != nil {
			return err
		}
	}
	for _, key := range back {
		if err := l.add(key, undone[key]); err != nil {
			return err
		}
	}
	return nil
}

// seek moves to the first key from a given one on; bbolt knows no empty key.
func seek(c *bbolt.Cursor, from []byte) (key, value []byte) {
	if len(from) == 0 {
		return c.First()
	}
	return c.Seek(from)
}

func (l *lister) full() bool { return l.limit > 0 && len(l.page.Entries) == l.limit }

func (l *lister) skip() {
	l.page.More = true
	l.page.Remaining++
}

func (l *lister) add(key string, revision int64) error {
	if l.full() {
		l.skip()
		return nil
	}
	if len(l.page.Entries)%1024 == 0 {
		if err := l.ctx.Err(); err != nil {
			return err
		}
	}
	e, err := l.view.entry(key, revision)
	if err != nil {
		return err
	}
	l.page.Entries = append(l.page.Entries, e)
	return nil
}
