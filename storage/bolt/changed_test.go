package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/kubemint/kubemint/storage/bolt"
)

// changed returns a fresh store's file after a change made with bbolt itself.
func changed(t *testing.T, change func(*bbolt.Tx) error) []byte {
	t.Helper()
	return changedWith(t, nil, change)
}

// changedStore is the same with two entries in the store.
func changedStore(t *testing.T, change func(*bbolt.Tx) error) []byte {
	t.Helper()
	return changedWith(t, []string{"/a", "/b"}, change)
}

func changedWith(t *testing.T, keys []string, change func(*bbolt.Tx) error) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "changed.db")
	s := open(t, path, bolt.Options{})
	for _, key := range keys {
		if _, err := s.Create(t.Context(), key, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func freshBolt(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fresh.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withFormat(t *testing.T, format string) []byte {
	return changed(t, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(format))
	})
}

func withoutBucket(t *testing.T, name string) []byte {
	return changed(t, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(name)) })
}

func withBucket(t *testing.T, name string) []byte {
	return changed(t, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte(name))
		return err
	})
}

func withNested(t *testing.T) []byte {
	return changed(t, func(tx *bbolt.Tx) error {
		_, err := tx.Bucket([]byte("now")).CreateBucket([]byte("/a"))
		return err
	})
}

func withoutMeta(t *testing.T, key string) []byte {
	return changed(t, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte(key)) })
}
