package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage"
)

// Before the writer has taken it, a task can be withdrawn; after that, its
// outcome is waited for.
func TestATaskIsWithdrawnOrAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		failed := errors.New("failed")
		for _, c := range []struct {
			name  string
			taken bool
			want  error
		}{
			{"withdrawn", false, context.Canceled},
			{"answered", true, failed},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			answer := make(chan error, 1)
			go func() { answer <- q.do(ctx, 1, func(*batch) error { return nil }) }()
			synctest.Wait()
			var tasks []*task
			if c.taken {
				tasks, _ = q.take(nil, 10, 10, nil)
			}
			cancel()
			synctest.Wait()
			for _, task := range tasks {
				task.err = failed
				close(task.done)
			}
			if got := <-answer; !errors.Is(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		q.close()
		if tasks, open := q.take(nil, 10, 10, nil); len(tasks) != 0 || open {
			t.Errorf("the writer was given %d withdrawn tasks", len(tasks))
		}
		if err := q.do(t.Context(), 1, nil); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	})
}

func TestABatchIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { _ = q.do(t.Context(), 100, nil) })
		}
		synctest.Wait()
		for _, c := range []struct{ most, bytes, want int }{{3, 1000, 3}, {10, 150, 2}, {10, 1, 1}, {10, 1000, 4}} {
			tasks, _ := q.take(nil, c.most, c.bytes, nil)
			if len(tasks) != c.want {
				t.Errorf("at most %d tasks and %d bytes: got %d tasks, want %d", c.most, c.bytes, len(tasks), c.want)
			}
			for _, task := range tasks {
				close(task.done)
			}
		}
		all.Wait()
	})
}

// Many concurrent writers share a transaction, and with it the fsync.
func TestWritersShareTransactions(t *testing.T) {
	t.Parallel()
	s := openIn(t, filepath.Join(t.TempDir(), "kubemint.db"), never)
	if err := s.Journaled(); err != nil { // which is a transaction too
		t.Fatal(err)
	}
	transactions := func() (n int) {
		if err := s.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := transactions()
	const writers, rounds = 100, 20
	var all sync.WaitGroup
	for worker := range writers {
		all.Go(func() {
			for i := range rounds {
				if _, err := s.Create(t.Context(), fmt.Sprintf("/%d/%d", worker, i), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	used := transactions() - before
	t.Logf("%d writes in %d transactions", writers*rounds, used)
	if used > writers*rounds/5 {
		t.Errorf("%d writes took %d transactions", writers*rounds, used)
	}
	// What is refused costs none.
	if err := s.catchUp(); err != nil {
		t.Fatal(err)
	}
	before = transactions()
	if _, err := s.Create(t.Context(), "/0/0", nil); !errors.Is(err, storage.ErrExists) {
		t.Error(err)
	}
	if _, err := s.Update(t.Context(), "/0/0", nil, 1); !errors.Is(err, storage.ErrConflict) {
		t.Error(err)
	}
	if used := transactions() - before; used != 0 {
		t.Errorf("refused writes took %d transactions", used)
	}
}
