package etcd

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubemint/kubemint/storage"
)

// Create implements storage.Store.
func (s *Store) Create(ctx context.Context, key string, value []byte) (int64, error) {
	revision, err := s.put(ctx, key, value, 0)
	return revision, storage.Wrap("create", key, err)
}

// Update implements storage.Store.
func (s *Store) Update(ctx context.Context, key string, value []byte, revision int64) (int64, error) {
	revision, err := s.put(ctx, key, value, seen(revision))
	return revision, storage.Wrap("update", key, err)
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	revision, err := s.swap(ctx, key, seen(revision), clientv3.OpDelete(s.prefix+key))
	return revision, storage.Wrap("delete", key, err)
}

// seen keeps a revision that no entry has from meaning "there is none" to etcd.
func seen(revision int64) int64 {
	if revision <= 0 {
		return -1
	}
	return revision
}

func (s *Store) put(ctx context.Context, key string, value []byte, seen int64) (int64, error) {
	if err := storage.CheckValue(value); err != nil {
		return 0, err
	}
	return s.swap(ctx, key, seen, clientv3.OpPut(s.prefix+key, string(value)))
}

// swap does write if the entry's revision is the one that was seen; 0: if there
// is no entry.
func (s *Store) swap(ctx context.Context, key string, seen int64, write clientv3.Op) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	// Once it is sent, only its answer tells whether it has happened.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	defer cancel()
	name := s.prefix + key
	response, err := s.client.Txn(limited).
		If(clientv3.Compare(clientv3.ModRevision(name), "=", seen)).
		Then(write).
		Else(clientv3.OpGet(name, clientv3.WithCountOnly())).
		Commit()
	switch {
	case errors.Is(err, rpctypes.ErrRequestTooLarge):
		return 0, storage.ErrValue
	case err != nil:
		return 0, err
	case response.Succeeded:
		return response.Header.Revision, nil
	case seen == 0:
		return 0, storage.ErrExists
	case response.Responses[0].GetResponseRange().Count == 0:
		return 0, storage.ErrNotFound
	}
	return 0, storage.ErrConflict
}
