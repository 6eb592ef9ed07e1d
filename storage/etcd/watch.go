package etcd

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubemint/kubemint/storage"
)

// Watch implements storage.Store. What a slow reader has still to read is kept in
// memory. The channel is also closed if etcd has compacted what comes next.
func (s *Store) Watch(ctx context.Context, prefix string, after int64) (<-chan []storage.Event, error) {
	events, err := s.watch(ctx, prefix, max(after, storage.FirstRevision))
	return events, storage.Wrap("watch", prefix, err)
}

func (s *Store) watch(ctx context.Context, prefix string, after int64) (<-chan []storage.Event, error) {
	place := s.place(after)
	if err := s.readable(ctx, after); err != nil {
		s.leave(place)
		return nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		s.leave(place)
		return nil, err
	}
	watching, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
	stop := context.AfterFunc(s.ctx, cancel)
	source := s.client.Watch(watching, s.prefix+prefix, clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithRev(after+1))
	out := make(chan []storage.Event)
	go func() {
		defer end()
		defer close(out)
		defer s.leave(place)
		defer cancel()
		defer stop()
		for response := range source {
			if response.Err() != nil {
				return
			}
			if len(response.Events) == 0 {
				continue
			}
			select {
			case out <- s.events(response.Events):
				s.move(place, response.Events[len(response.Events)-1].Kv.ModRevision)
			case <-watching.Done():
				return
			}
		}
	}()
	return out, nil
}

// readable says whether what follows a revision can be asked for.
func (s *Store) readable(ctx context.Context, after int64) error {
	if err := s.visible(after); err != nil {
		return err
	}
	// A read of one key tells without waiting whether etcd has the revision.
	_, err := s.read(ctx, s.prefix, clientv3.WithRev(after), clientv3.WithCountOnly())
	return err
}

func (s *Store) events(source []*clientv3.Event) []storage.Event {
	events := make([]storage.Event, len(source))
	for i, e := range source {
		to := &events[i]
		*to = storage.Event{
			Type:     storage.Delete,
			Key:      string(e.Kv.Key[len(s.prefix):]),
			Revision: e.Kv.ModRevision,
		}
		if e.Type == clientv3.EventTypePut {
			to.Type, to.Value = storage.Put, value(e.Kv)
		}
		if e.PrevKv != nil {
			to.PrevValue, to.PrevRevision = value(e.PrevKv), e.PrevKv.ModRevision
		}
	}
	return events
}
