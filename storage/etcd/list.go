package etcd

import (
	"context"
	"io"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/internal/archive"
)

// List implements storage.Store.
func (s *Store) List(ctx context.Context, prefix string, o storage.ListOptions) (storage.Page, error) {
	if err := s.visible(o.Revision); err != nil && o.Revision != 0 {
		return storage.Page{}, storage.Wrap("list", prefix, err)
	}
	page, err := s.list(ctx, prefix, o)
	return page, storage.Wrap("list", prefix, err)
}

// visible returns ErrCompacted for a revision that this store compacted.
func (s *Store) visible(revision int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if revision < s.compacted || revision < 0 {
		return storage.ErrCompacted
	}
	return nil
}

func (s *Store) list(ctx context.Context, prefix string, o storage.ListOptions) (storage.Page, error) {
	from := prefix
	if o.After != "" && o.After >= from {
		from = o.After + "\x00"
	}
	options := []clientv3.OpOption{clientv3.WithRev(o.Revision)}
	if end := clientv3.GetPrefixRangeEnd(s.prefix + prefix); s.prefix+from < end {
		options = append(options, clientv3.WithRange(end), clientv3.WithLimit(int64(o.Limit)))
	} else {
		// Nothing with the prefix lies behind o.After: a range that etcd
		// would take for an error. The revision is still to be asked for.
		from = prefix
		options = append(options, clientv3.WithCountOnly())
	}
	response, err := s.read(ctx, s.prefix+from, options...)
	if err != nil {
		return storage.Page{}, err
	}
	page := storage.Page{Revision: o.Revision, More: response.More}
	if page.Revision == 0 {
		page.Revision = response.Header.Revision
	}
	if page.More {
		page.Remaining = response.Count - int64(len(response.Kvs))
	}
	if len(response.Kvs) > 0 {
		page.Entries = make([]storage.Entry, len(response.Kvs))
	}
	for i, kv := range response.Kvs {
		page.Entries[i] = s.entry(kv)
	}
	return page, nil
}

// entry takes over the bytes of an answer, which nobody else has.
func (s *Store) entry(kv *mvccpb.KeyValue) storage.Entry {
	return storage.Entry{
		Key:            string(kv.Key[len(s.prefix):]),
		Value:          value(kv),
		Revision:       kv.ModRevision,
		CreateRevision: kv.CreateRevision,
	}
}

// value is never nil: an empty value looks like none in an answer.
func value(kv *mvccpb.KeyValue) []byte {
	if kv.Value == nil {
		return []byte{}
	}
	return kv.Value
}

// snapshotPage is how many entries a snapshot asks for at a time.
const snapshotPage = 512

// Snapshot implements storage.Store.
func (s *Store) Snapshot(ctx context.Context, w io.Writer) (int64, error) {
	revision, err := s.snapshot(ctx, w)
	return revision, storage.Wrap("snapshot", "", err)
}

func (s *Store) snapshot(ctx context.Context, w io.Writer) (int64, error) {
	place := s.place(0)
	defer s.leave(place)
	revision, err := s.now(ctx)
	if err != nil {
		return 0, err
	}
	s.move(place, revision)
	a, err := archive.NewWriter(w, revision)
	if err != nil {
		return 0, err
	}
	for o := (storage.ListOptions{Revision: revision, Limit: snapshotPage}); ; {
		page, err := s.list(ctx, "", o)
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
