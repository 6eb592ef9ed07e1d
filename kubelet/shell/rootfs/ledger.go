package rootfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
)

// key tells files apart, whatever they are called.
type key struct{ disk, number uint64 }

// owned is what the ledger says of a file.
type owned struct {
	Owner
	mode int32 // the twelve bits of chmod; negative: as on disk
}

// ledger remembers whose files are that are not root's, and modes that the disk is not to have. It is one
// for all containers of a pod, each of which may be read in another process: a file in the pod's directory,
// out of reach of the containers, that only grows. A later line of a file's counts.
type ledger struct {
	pod  *os.Root
	name string // empty: there is none, and all is kept in memory

	mu   sync.Mutex
	file *os.File
	read int64 // bytes
	all  map[key]owned
}

// DiskLedger is the name of the ledger of a node's disk, at its top: no volume may be called that.
const DiskLedger = ".owners"

// Disown has files of a node's disk be root's, with the modes that they have there: what the node makes may have the numbers of files
// that were somebody else's and are gone.
func Disown(disk *os.Root, names ...string) error {
	top, err := disk.OpenRoot(".")
	if err != nil {
		return err
	}
	l := &ledger{pod: top, name: DiskLedger}
	var errs []error
	for _, name := range names {
		i, err := disk.Lstat(name)
		if err == nil {
			err = l.disown(i)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, l.close())...)
}

// disown is for a file of which the ledger may still have what was said of another one with its number.
func (l *ledger) disown(i fs.FileInfo) error {
	k, ok := keyOf(i)
	if !ok {
		return nil
	}
	if _, noted := l.find(k); !noted {
		return nil
	}
	return l.note(k, owned{mode: -1})
}

// maxLedger bounds the ledger in bytes. What is made after that belongs to root.
const maxLedger = 4 << 20

// find is what is written of a file.
func (l *ledger) find(k key) (owned, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.catchUp()
	o, ok := l.all[k]
	return o, ok
}

// note writes a line.
func (l *ledger) note(k key, o owned) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.name == "" {
		l.keep(k, o)
		return nil
	}
	if err := l.open(os.O_CREATE); err != nil {
		return bare(err)
	}
	if i, err := l.file.Stat(); err != nil || i.Size() > maxLedger {
		return bare(err)
	}
	_, err := fmt.Fprintf(l.file, "%d %d %d %d %d\n", k.disk, k.number, o.UID, o.GID, o.mode)
	return bare(err)
}

func (l *ledger) keep(k key, o owned) {
	if l.all == nil {
		l.all = map[key]owned{}
	}
	l.all[k] = o
}

func (l *ledger) open(flag int) (err error) {
	if l.file == nil {
		l.file, err = l.pod.OpenFile(l.name, os.O_RDWR|os.O_APPEND|flag, 0o600)
	}
	return err
}

// catchUp reads what has been written since.
func (l *ledger) catchUp() {
	if l.name == "" || l.open(0) != nil {
		return
	}
	i, err := l.file.Stat()
	if err != nil || i.Size() <= l.read {
		return
	}
	b := make([]byte, min(i.Size()-l.read, maxLedger))
	n, err := l.file.ReadAt(b, l.read)
	if err != nil && !errors.Is(err, io.EOF) {
		return
	}
	end := bytes.LastIndexByte(b[:n], '\n') + 1
	l.read += int64(end)
	for line := range strings.Lines(string(b[:end])) {
		l.parse(line)
	}
}

func (l *ledger) parse(line string) {
	f := strings.Fields(line)
	if len(f) != 5 {
		return
	}
	disk, err1 := strconv.ParseUint(f[0], 10, 64)
	number, err2 := strconv.ParseUint(f[1], 10, 64)
	uid, err3 := strconv.ParseInt(f[2], 10, 64)
	gid, err4 := strconv.ParseInt(f[3], 10, 64)
	mode, err5 := strconv.ParseInt(f[4], 10, 32)
	if errors.Join(err1, err2, err3, err4, err5) == nil {
		l.keep(key{disk, number}, owned{Owner{uid, gid}, int32(mode)})
	}
}

func (l *ledger) close() error {
	var err error
	if l.file != nil {
		err = l.file.Close()
	}
	if l.pod != nil {
		err = errors.Join(err, l.pod.Close())
	}
	if errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}
