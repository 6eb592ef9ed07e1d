package bolt

import (
	"bytes"
	"cmp"
	"errors"
	"hash/maphash"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/kubemint/kubemint/storage"
)

// checkFile reads the whole file and says what is wrong with it. It changes
// nothing, and nobody else writes meanwhile: a shared lock is held.
func checkFile(path string, lockTimeout time.Duration) (err error) {
	// bbolt reads the two metas through its map when it opens the file,
	// and a fault in there must not end the process.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = storage.Damaged("the file cannot be read: %v", fault)
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return storage.Damaged("the file is empty")
	}
	var file *os.File
	lock, err := bbolt.Open(path, 0, &bbolt.Options{
		ReadOnly: true,
		Timeout:  lockTimeout,
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(path, flag, mode)
			file = f
			return f, err
		},
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return storage.ErrInUse
	case errors.Is(err, bolterrors.ErrChecksum):
		return storage.Damaged("both of the file's head pages have been overwritten")
	case errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrVersionMismatch):
		return storage.Damaged("not a database of kubemint")
	case err != nil && file == nil:
		return err // it could not be opened
	case err != nil:
		return storage.Damaged("not a database of kubemint: %v", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if info, err = file.Stat(); err != nil {
		return err
	}
	p, err := openPages(file, info.Size())
	if err != nil {
		return err
	}
	return check(p)
}

// check compares everything in the file with everything else.
func check(p *pages) error {
	c := checker{seed: maphash.MakeSeed()}
	buckets := map[string][]byte{}
	err := p.walk(p.head.root, 0, nil, nil, func(bucket bool, key, value []byte) error {
		if !bucket {
			return storage.Damaged("not a database of kubemint")
		}
		buckets[string(key)] = bytes.Clone(value)
		return nil
	})
	if err != nil {
		return err
	}
	meta := buckets[string(bucketMeta)]
	if len(buckets) != 3 || meta == nil || buckets[string(bucketLog)] == nil || buckets[string(bucketNow)] == nil {
		return storage.Damaged("not a database of kubemint")
	}
	for _, b := range []struct {
		name  []byte
		visit leaf
	}{{bucketMeta, c.meta}, {bucketLog, c.log}, {bucketNow, c.now}} {
		err := p.bucket(buckets[string(b.name)], func(bucket bool, key, value []byte) error {
			if bucket {
				return storage.Damaged("not a database of kubemint")
			}
			return b.visit(false, key, value)
		})
		if err != nil {
			return err
		}
		if bytes.Equal(b.name, bucketMeta) {
			if err := c.marks(); err != nil {
				return err
			}
		}
	}
	if err := c.end(); err != nil {
		return err
	}
	return p.freelist()
}

// checker remembers of each bucket what the others must agree with.
type checker struct {
	seed      maphash.Seed
	format    bool
	marked    map[string]int64 // what meta holds besides the format
	puts      []written        // by revision
	uncounted int64            // log entries above the compacted revision
	standing  int              // puts that no later write replaced or removed
	indexed   int              // entries of now
}

type written struct {
	revision, created int64
	key               uint64 // its hash
	replaced          bool
}

// put returns the put of a revision; nil: the log has none.
func (c *checker) put(revision int64) *written {
	i, ok := slices.BinarySearchFunc(c.puts, revision, func(w written, revision int64) int {
		return cmp.Compare(w.revision, revision)
	})
	if !ok {
		return nil
	}
	return &c.puts[i]
}

func (c *checker) meta(_ bool, key, value []byte) error {
	if bytes.Equal(key, metaFormat) {
		c.format = bytes.Equal(value, format)
		if !c.format {
			return storage.Damaged("the database is of another version of kubemint: %q", value)
		}
		return nil
	}
	revision, ok := parseRevision(value)
	if !ok {
		return storage.Damaged("the database holds no number as its %q", key)
	}
	if c.marked == nil {
		c.marked = map[string]int64{}
	}
	c.marked[string(key)] = revision
	return nil
}

func (c *checker) marks() error {
	revision, compacted, swept := c.marked[string(metaRevision)], c.marked[string(metaCompacted)], c.marked[string(metaSwept)]
	if !c.format || swept == 0 || swept > compacted || compacted > revision {
		return storage.Damaged("not a database of kubemint")
	}
	return nil
}

func (c *checker) log(_ bool, key, value []byte) error {
	revision, ok := parseRevision(key)
	if !ok || revision > c.marked[string(metaRevision)] {
		return storage.Damaged("the log has an entry %x that nobody wrote", key)
	}
	r, err := openRecord(value, revision)
	if err != nil {
		return err
	}
	if revision > c.marked[string(metaCompacted)] {
		c.uncounted++
	}
	hash := maphash.Bytes(c.seed, r.key)
	if old := c.put(r.previous); old != nil {
		if old.key != hash || old.replaced {
			return storage.Damaged("the records of revisions %d and %d contradict each other", r.previous, revision)
		}
		old.replaced = true
		c.standing--
	}
	if r.created != 0 {
		c.puts = append(c.puts, written{revision: revision, created: r.created, key: hash})
		c.standing++
	}
	return nil
}

func (c *checker) now(_ bool, key, value []byte) error {
	p, err := openPlace(key, value)
	if err != nil {
		return err
	}
	w := c.put(p.revision)
	if w == nil || w.replaced || w.created != p.created || w.key != maphash.Bytes(c.seed, key) {
		return storage.Damaged("the record of revision %d is not the one of %q", p.revision, key)
	}
	c.indexed++
	return nil
}

func (c *checker) end() error {
	if want := c.marked[string(metaRevision)] - c.marked[string(metaCompacted)]; c.uncounted != want {
		return storage.Damaged("the log holds %d of the %d writes since its compaction", c.uncounted, want)
	}
	if c.indexed != c.standing {
		return storage.Damaged("the index holds %d of the %d entries", c.indexed, c.standing)
	}
	return nil
}
