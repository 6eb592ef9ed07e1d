package bolt

import (
	"context"
	"errors"
	"io"

	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/archive"
)

// snapshotPage is how many entries a snapshot reads at a time: w may be slow, and
// no read transaction stays open while it is.
const snapshotPage = 512

// Snapshot implements storage.Store.
func (s *Store) Snapshot(ctx context.Context, w io.Writer) (int64, error) {
	revision, err := s.snapshot(ctx, w)
	return revision, storage.Wrap("snapshot", "", err)
}

func (s *Store) snapshot(ctx context.Context, w io.Writer) (int64, error) {
	place, err := s.feed.Open(storage.FirstRevision) // nothing is swept from here on
	if err != nil {
		return 0, err
	}
	defer place.Close()
	revision, err := s.Revision(ctx)
	if err != nil {
		return 0, err
	}
	place.Move(revision) // what lies before it may be swept
	a, err := archive.NewWriter(w, revision)
	if err != nil {
		return 0, err
	}
	for o := (storage.ListOptions{Revision: revision, Limit: snapshotPage}); ; {
		page, err := s.list(ctx, "", o, true)
		if err != nil {
			return 0, err
		}
		for _, e := range page.Entries {
			if err := a.Add(e); err != nil {
				return 0, err
			}
		}
		if !page.More {
			return revision, a.Close()
		}
		o.After = page.Entries[len(page.Entries)-1].Key
	}
}

// Restore creates a store at path, where no file may be, with the entries of a
// snapshot, and returns its revision: the snapshot's or, if that is higher, the
// one after highest. highest is the highest revision that was ever given out in
// the timeline that the new store takes the place of (0: none). What lies before
// the store's revision is compacted, so that nobody who has seen another
// timeline can go on from it. A snapshot that is damaged leaves no file.
func Restore(ctx context.Context, path string, r io.Reader, highest int64) (int64, error) {
	var revision int64
	err := create(path, func(db *bbolt.DB) (err error) {
		revision, err = restore(ctx, db, r, highest)
		return err
	})
	if err != nil {
		return 0, storage.Wrap("restore", path, err)
	}
	return revision, nil
}

// restorePage is how many entries one transaction of a restore takes.
const restorePage = 1024

func restore(ctx context.Context, db *bbolt.DB, r io.Reader, highest int64) (int64, error) {
	a, err := archive.NewReader(r)
	if err != nil {
		return 0, err
	}
	db.NoSync = true // create forces the file to the disk when it is complete
	revision := max(a.Revision(), highest+1)
	err = db.Update(func(tx *bbolt.Tx) error { return initialise(tx, revision) })
	for more := true; more && err == nil; {
		if err = ctx.Err(); err != nil {
			break
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			for range restorePage {
				e, err := a.Next()
				if errors.Is(err, io.EOF) {
					more = false
					return nil
				}
				if err != nil {
					return err
				}
				if err := restoreEntry(tx, e); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return revision, err
}

func restoreEntry(tx *bbolt.Tx, e storage.Entry) error {
	row := newRecord(e.Key, e.Value)
	previous := int64(0)
	if e.Revision != e.CreateRevision {
		// There was one, which is compacted; its revision is not known.
		previous = e.CreateRevision
	}
	seal(row, e.Revision, e.CreateRevision, previous)
	at := revisionKey(e.Revision)
	log := tx.Bucket(bucketLog)
	if log.Get(at[:]) != nil {
		return storage.Damaged("the snapshot holds two entries of revision %d", e.Revision)
	}
	if err := log.Put(at[:], row); err != nil {
		return err
	}
	return tx.Bucket(bucketNow).Put([]byte(e.Key), place{e.Revision, e.CreateRevision}.encode())
}
