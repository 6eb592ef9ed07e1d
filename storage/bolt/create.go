package bolt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/kubemint/kubemint/storage"
)

// ensure creates an empty store at path if there is no file.
func ensure(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err := create(path, func(db *bbolt.DB) error {
			return db.Update(func(tx *bbolt.Tx) error {
				return initialise(tx, storage.FirstRevision)
			})
		})
		if errors.Is(err, fs.ErrExist) {
			return nil // another process was quicker; the lock will tell who may go on
		}
		return err
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return storage.Damaged("not a file")
	}
	return nil
}

// create makes a database in a file beside path and lets it appear under path
// when it is complete and on the disk. A process that dies meanwhile leaves no
// half database under the name that counts.
func create(path string, fill func(*bbolt.DB) error) (err error) {
	dir, base := filepath.Split(path)
	f, err := os.CreateTemp(filepath.Clean(dir+"."), base+".new-*") // 0600
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() {
		if rm := os.Remove(name); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	o := Options{}.withDefaults()
	db, err := bbolt.Open(name, 0o600, dbOptions(o))
	if err != nil {
		return err
	}
	if err := fill(db); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := errors.Join(db.Sync(), db.Close()); err != nil {
		return err
	}
	return appear(name, path)
}

// appear gives a file its name unless there is one of that name.
func appear(from, to string) error {
	if err := os.Link(from, to); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		// A file system without hard links.
		if _, err := os.Lstat(to); err == nil {
			return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(to))
}

// syncDir forces a directory's entries to the disk.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// initialise lays out the buckets of a store that stands at a revision and has
// no past.
func initialise(tx *bbolt.Tx, revision int64) error {
	for _, name := range [][]byte{bucketLog, bucketNow} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	meta, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if err := meta.Put(metaFormat, format); err != nil {
		return err
	}
	for _, name := range [][]byte{metaRevision, metaCompacted, metaSwept} {
		at := revisionKey(revision)
		if err := meta.Put(name, at[:]); err != nil {
			return err
		}
	}
	return nil
}

// openDB opens a file that has been checked. The file that it returns is the
// one that the database reads, writes and closes.
func openDB(path string, o Options) (*bbolt.DB, *os.File, error) {
	var file *os.File
	options := dbOptions(o)
	options.OpenFile = func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(path, flag&^os.O_CREATE, mode) // bbolt would make an empty one
		return file, err
	}
	db, err := bbolt.Open(path, 0o600, options)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, nil, storage.ErrInUse
	}
	return db, file, err
}

// pageSize is that of new files: three records of 2 KiB fill a page of 8 KiB; of
// 4 KiB pages, two would take two.
func pageSize() int { return max(8<<10, os.Getpagesize()) }

// mapped is how much of the address space the file may grow into without being
// mapped anew: that would wait for every read that is under way.
const mapped = 1 << 30

func dbOptions(o Options) *bbolt.Options {
	options := &bbolt.Options{
		Timeout: o.LockTimeout,
		// The list of free pages is found by a walk at the start instead of
		// being written with every commit.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
		NoStatistics:   true,
		PageSize:       pageSize(),
		MaxSize:        o.MaxSize,
	}
	// Windows makes the file as large as its map, and a small address space
	// has no room to spare.
	if strconv.IntSize == 64 && runtime.GOOS != "windows" {
		options.InitialMmapSize = mapped
	}
	return options
}
