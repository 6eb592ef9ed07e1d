package memory_test

import (
	"io"
	"testing"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"
	"github.com/kubemint/kubemint/storage/storagetest"
)

var suite = storagetest.Suite{
	Open: func(testing.TB) storage.Store { return memory.New() },
	Restore: func(t testing.TB, r io.Reader, highest int64) (storage.Store, error) {
		s, err := memory.Restore(t.Context(), r, highest)
		if err != nil {
			return nil, err // and not a *Store that is nil
		}
		return s, nil
	},
}

func TestStore(t *testing.T) {
	t.Parallel()
	suite.Run(t)
}

func TestAnEmptyStoreStandsAtTheFirstRevision(t *testing.T) {
	t.Parallel()
	s := memory.New()
	defer s.Close()
	if r, err := s.Revision(t.Context()); err != nil || r != storage.FirstRevision {
		t.Errorf("revision %d, %v; want %d", r, err, storage.FirstRevision)
	}
}
