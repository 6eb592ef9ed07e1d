package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/kubemint/kubemint/storage"
)

// journal makes writes durable before the database has them: it is appended to
// and forced to the disk once for each batch, where the database needs its pages
// and then its head forced, one after the other. From time to time the writes in
// it go into the database together, and it begins anew.
//
// The file has blocks of 4 KiB. The first names the journal:
//
//	8 bytes  "kmjournl"
//	8 bytes  its number
//	4 bytes  CRC-32C of both
//
// Frames follow, each at the beginning of a block:
//
//	4 bytes  CRC-32C of all that follows
//	4 bytes  length of the payload
//	8 bytes  the journal's number
//	8 bytes  revision of its first write
//	4 bytes  number of writes
//	         for each write 4 bytes of length and its record
//
// in big-endian order. Behind the last frame lie what earlier rounds left, whose
// revisions the database has already, and at most one frame that was not
// finished, whose writes nobody was told of.
type journal struct {
	file   *os.File
	number int64
	end    int64  // where the next frame goes
	buffer []byte // of the last frame
}

const (
	journalBlock = 4 << 10
	frameHead    = 4 + 4 + 8 + 8 + 4

	// journalRoom is written once when the file is made: to overwrite blocks
	// is quicker than to get new ones.
	journalRoom = 512 << 10
	// journalMost is more than there ever is between two merges.
	journalMost = 64 << 20
)

var journalMagic = [8]byte{'k', 'm', 'j', 'o', 'u', 'r', 'n', 'l'}

// journalPath is where the journal of a database lies.
func journalPath(database string) string { return database + ".journal" }

// createJournal makes a journal on the disk, in place of any that lies there.
func createJournal(path string) (_ *journal, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, number: 1 + rand.Int64N(1<<62), end: journalBlock}
	b := make([]byte, journalRoom)
	copy(b, j.name())
	if _, err = f.WriteAt(b, 0); err == nil {
		if err = f.Sync(); err == nil {
			err = syncDir(filepath.Dir(path))
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return j, nil
}

// name returns the head of the first block.
func (j *journal) name() []byte {
	b := binary.BigEndian.AppendUint64(journalMagic[:], uint64(j.number))
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// openJournal opens the journal of that number and returns what it holds beyond a
// revision, in order. It changes nothing.
func openJournal(path string, number, revision int64) (_ *journal, _ []write, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, storage.Damaged("its journal %s is missing, which may hold the last writes", filepath.Base(path))
	}
	if err != nil {
		return nil, nil, err
	}
	j := &journal{file: f, number: number, end: journalBlock}
	writes, err := j.read(revision)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return j, writes, nil
}

// write is one write as the log has it.
type write struct {
	revision int64
	row      []byte
}

func (j *journal) read(revision int64) ([]write, error) {
	info, err := j.file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > journalMost {
		return nil, j.damaged("is no journal of kubemint")
	}
	b := make([]byte, info.Size())
	if _, err := j.file.ReadAt(b, 0); err != nil {
		return nil, err
	}
	if want := j.name(); len(b) < len(want) || string(b[:len(want)]) != string(want) {
		return nil, j.damaged("is not the one of this database")
	}
	var writes []write
	for at := journalBlock; at+frameHead <= len(b); {
		f, ok := j.frame(b[at:])
		if !ok || f.first <= revision {
			at += journalBlock // not finished, or left from before
			continue
		}
		if next := revision + int64(len(writes)) + 1; f.first != next {
			return nil, j.damaged(fmt.Sprintf("lacks the writes from revision %d to %d", next, f.first-1))
		}
		w, err := f.writes()
		if err != nil {
			return nil, err
		}
		writes = append(writes, w...)
		at += blocks(frameHead + len(f.payload))
	}
	return writes, nil
}

func (j *journal) damaged(how string) error {
	return storage.Damaged("its journal %s %s", filepath.Base(j.file.Name()), how)
}

// frame is what one batch left in the journal.
type frame struct {
	first   int64
	count   int
	payload []byte
}

// frame reads the frame that b begins with, if it is one of this journal.
func (j *journal) frame(b []byte) (frame, bool) {
	n := int64(binary.BigEndian.Uint32(b[4:]))
	if n > int64(len(b)-frameHead) || int64(binary.BigEndian.Uint64(b[8:])) != j.number {
		return frame{}, false
	}
	b = b[:frameHead+n]
	if binary.BigEndian.Uint32(b) != crc32.Checksum(b[4:], castagnoli) {
		return frame{}, false
	}
	return frame{int64(binary.BigEndian.Uint64(b[16:])), int(binary.BigEndian.Uint32(b[24:])), b[frameHead:]}, true
}

func (f frame) writes() ([]write, error) {
	writes := make([]write, 0, f.count)
	b := f.payload
	for range f.count {
		if len(b) < 4 || int64(len(b)-4) < int64(binary.BigEndian.Uint32(b)) {
			return nil, storage.Damaged("a frame of its journal contradicts itself")
		}
		n := binary.BigEndian.Uint32(b)
		writes = append(writes, write{f.first + int64(len(writes)), b[4 : 4+n]})
		b = b[4+n:]
	}
	return writes, nil
}

// append adds a frame and forces it to the disk. After an error the journal can
// be read, but no longer be written.
func (j *journal) append(first int64, rows [][]byte) error {
	b := append(j.buffer[:0], make([]byte, frameHead)...)
	for _, row := range rows {
		b = binary.BigEndian.AppendUint32(b, uint32(len(row)))
		b = append(b, row...)
	}
	binary.BigEndian.PutUint32(b[4:], uint32(len(b)-frameHead))
	binary.BigEndian.PutUint64(b[8:], uint64(j.number))
	binary.BigEndian.PutUint64(b[16:], uint64(first))
	binary.BigEndian.PutUint32(b[24:], uint32(len(rows)))
	binary.BigEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	b = append(b, make([]byte, blocks(len(b))-len(b))...)
	j.buffer = b
	if _, err := j.file.WriteAt(b, j.end); err != nil {
		return err
	}
	if err := syncData(j.file); err != nil {
		return err
	}
	j.end += int64(len(b))
	return nil
}

// anew begins anew: the database has all that was appended.
func (j *journal) anew() { j.end = journalBlock }

// remove closes the journal and takes its file away.
func (j *journal) remove() error {
	path := j.file.Name()
	return errors.Join(j.file.Close(), os.Remove(path))
}

// blocks rounds a length up to whole blocks.
func blocks(n int) int { return (n + journalBlock - 1) / journalBlock * journalBlock }
