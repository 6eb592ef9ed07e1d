package bolt_test

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/bolt"
	"github.com/kubemint/kubemint/storage/storagetest"
)

func open(t testing.TB, path string, o bolt.Options) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// suiteWith opens stores with options in directories of their own.
func suiteWith(o bolt.Options) storagetest.Suite {
	return storagetest.Suite{
		Open: func(t testing.TB) storage.Store {
			return open(t, filepath.Join(t.TempDir(), "kubemint.db"), o)
		},
		Restore: func(t testing.TB, r io.Reader, highest int64) (storage.Store, error) {
			path := filepath.Join(t.TempDir(), "kubemint.db")
			if _, err := bolt.Restore(t.Context(), path, r, highest); err != nil {
				return nil, err
			}
			s, err := bolt.Open(path, o)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	suiteWith(bolt.Options{}).Run(t)
}

// With next to nothing kept in memory, watches live on the log.
func TestStoreWithASmallWindow(t *testing.T) {
	t.Parallel()
	suiteWith(bolt.Options{Window: 3}).Run(t)
}

// With all that can be in the journal there first.
func TestStoreWithAJournal(t *testing.T) {
	t.Parallel()
	suite := suiteWith(bolt.Options{})
	suite.Open = func(t testing.TB) storage.Store {
		return journaled(t, filepath.Join(t.TempDir(), "kubemint.db"), bolt.Options{})
	}
	suite.Run(t)
}

// journaled opens a store that has its journal already.
func journaled(t testing.TB, path string, o bolt.Options) *bolt.Store {
	t.Helper()
	s := open(t, path, o)
	if err := s.Journaled(); err != nil {
		t.Fatal(err)
	}
	return s
}
