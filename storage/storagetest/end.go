package storagetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// calls makes every call that takes a context and returns the errors by name.
func (f fixture) calls(ctx context.Context, seen int64) map[string]error {
	out := map[string]error{}
	_, out["get"] = f.Get(ctx, "/a")
	_, out["list"] = f.Store.List(ctx, "/", storage.ListOptions{})
	_, out["create"] = f.Create(ctx, "/new", nil)
	_, out["update"] = f.Store.Update(ctx, "/a", nil, seen)
	_, out["delete"] = f.Store.Delete(ctx, "/a", seen)
	_, out["watch"] = f.Store.Watch(ctx, "/", f.base)
	_, out["revision"] = f.Store.Revision(ctx)
	out["compact"] = f.Store.Compact(ctx, seen)
	_, out["snapshot"] = f.Store.Snapshot(ctx, io.Discard)
	return out
}

// ContextEnded: every call answers with the context's error and does nothing.
func (s Suite) ContextEnded(t *testing.T) {
	f := s.open(t)
	r := f.create("/a", "one")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range f.calls(ctx, r) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want %v", name, err, context.Canceled)
		}
	}
	same(t, "revision", f.revision(), r)
	same(t, "value", string(f.get("/a").Value), "one")
}

// Closed: every call answers ErrClosed, watches have ended, Close can be repeated.
func (s Suite) Closed(t *testing.T) {
	f := s.open(t)
	r := f.create("/a", "one")
	idle, unread := f.watch("/none/", f.base), f.watch("/", f.base)
	if err := f.Store.Close(); err != nil {
		t.Fatal(err)
	}
	f.ended(idle)
	f.ended(unread)
	for name, err := range f.calls(t.Context(), r) {
		if !errors.Is(err, storage.ErrClosed) {
			t.Errorf("%s: error %v, want %v", name, err, storage.ErrClosed)
		}
	}
	if err := f.Store.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

// CloseUnderLoad: Close returns while all kinds of calls are under way, and each
// of them is answered.
func (s Suite) CloseUnderLoad(t *testing.T) {
	f := s.open(t)
	f.create("/a", "one")
	var running, all sync.WaitGroup
	until := func(call func(i int) error) {
		running.Add(1)
		all.Go(func() {
			for i := 0; ; i++ {
				err := call(i)
				if i == 0 {
					running.Done()
				}
				if errors.Is(err, storage.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for worker := range 4 {
		until(func(i int) error {
			_, err := f.Create(t.Context(), fmt.Sprintf("/%d/%d", worker, i), []byte("x"))
			return err
		})
		until(func(int) error {
			_, err := f.Store.List(t.Context(), "/", storage.ListOptions{Limit: 10})
			return err
		})
		until(func(int) error {
			_, err := f.Get(t.Context(), "/a")
			return err
		})
	}
	until(func(int) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events, err := f.Store.Watch(ctx, "/", f.base)
		if err == nil {
			<-events
		}
		return err
	})
	until(func(int) error {
		_, err := f.Store.Snapshot(t.Context(), io.Discard)
		return err
	})
	running.Wait()
	if err := f.Store.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	all.Wait()
}
