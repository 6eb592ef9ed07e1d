package bolt

import (
	"context"

	"github.com/kubemint/kubemint/storage"
)

// What one step of a sweep looks at and removes at most: the writers wait for it.
const (
	sweepScan   = 4096
	sweepRemove = 256
)

// Compact implements storage.Store. If ctx ends before all is swept, the
// revision is compacted nevertheless, and the next Compact sweeps the rest.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	return storage.Wrap("compact", "", s.compact(ctx, revision))
}

func (s *Store) compact(ctx context.Context, revision int64) error {
	var compacted, swept int64
	err := s.queue.doDirect(ctx, func(b *batch) error {
		if revision > b.revision {
			return storage.ErrFuture
		}
		var err error
		if compacted, swept, err = b.marks(); err != nil || revision <= compacted {
			return err
		}
		compacted = revision
		return b.mark(metaCompacted, revision)
	})
	if err != nil {
		return err
	}
	for swept < compacted {
		after := swept
		err := s.queue.doDirect(ctx, func(b *batch) (err error) {
			swept, err = b.sweep(after, s.feed.Floor(compacted))
			return err
		})
		if err != nil {
			return err
		}
		if swept == after {
			break // somebody has still to read what comes next
		}
	}
	return nil
}

// sweep removes what log entries after one revision and up to another replaced,
// and the tombstones among them, as far as one step goes. It returns up to
// where that was.
func (b *batch) sweep(after, upto int64) (int64, error) {
	var gone []int64
	swept := after
	from := revisionKey(after + 1)
	c := b.log.Cursor()
	k, v := c.Seek(from[:])
	for n := 0; k != nil && n < sweepScan && len(gone) < sweepRemove; n++ {
		at, _ := parseRevision(k)
		if at > upto {
			break
		}
		r, err := openRecord(v, at)
		if err != nil {
			return after, err
		}
		if r.previous != 0 {
			gone = append(gone, r.previous)
		}
		if r.created == 0 {
			gone = append(gone, at)
		}
		swept = at
		k, v = c.Next()
	}
	if k == nil {
		swept = max(swept, upto)
	}
	if swept == after {
		return after, nil
	}
	for _, revision := range gone {
		at := revisionKey(revision)
		if err := b.log.Delete(at[:]); err != nil {
			return after, err
		}
	}
	return swept, b.mark(metaSwept, swept)
}

// marks returns the compacted and the swept revision.
func (b *batch) marks() (compacted, swept int64, err error) {
	compacted, ok1 := parseRevision(b.meta.Get(metaCompacted))
	swept, ok2 := parseRevision(b.meta.Get(metaSwept))
	if !ok1 || !ok2 {
		return 0, 0, storage.Damaged("the database does not know what it has compacted")
	}
	return compacted, swept, nil
}

func (b *batch) mark(name []byte, revision int64) error {
	at := revisionKey(revision)
	b.dirty = true
	return b.meta.Put(name, at[:])
}
