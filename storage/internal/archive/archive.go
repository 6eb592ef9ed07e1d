// Package archive is the format of snapshots: the entries of a store at one
// revision, which a store of any backend can be restored from.
//
//	"kubemint snapshot 1\n"
//	uvarint revision
//	for each entry, by ascending key: uvarint length of the key (never 0), key,
//	  uvarint revision, uvarint create revision, uvarint length of the value, value
//	uvarint 0
//	uvarint number of entries
//	SHA-256 of all the bytes above
package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/kubemint/kubemint/storage"
)

const magic = "kubemint snapshot 1\n"

// Writer writes a snapshot.
type Writer struct {
	out   *bufio.Writer
	sum   hash.Hash
	w     io.Writer // the end that the checksum itself goes to
	count uint64
	num   [binary.MaxVarintLen64]byte
}

// NewWriter begins a snapshot of a revision.
func NewWriter(w io.Writer, revision int64) (*Writer, error) {
	sum := sha256.New()
	a := &Writer{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), sum: sum, w: w}
	if _, err := a.out.WriteString(magic); err != nil {
		return nil, err
	}
	return a, a.number(uint64(revision))
}

// Add writes the next entry; keys must ascend.
func (a *Writer) Add(e storage.Entry) error {
	a.count++
	if err := a.number(uint64(len(e.Key))); err != nil {
		return err
	}
	if _, err := a.out.WriteString(e.Key); err != nil {
		return err
	}
	for _, n := range []uint64{uint64(e.Revision), uint64(e.CreateRevision), uint64(len(e.Value))} {
		if err := a.number(n); err != nil {
			return err
		}
	}
	_, err := a.out.Write(e.Value)
	return err
}

// Close writes the end. A snapshot without one is refused by Reader.
func (a *Writer) Close() error {
	if err := a.number(0); err != nil {
		return err
	}
	if err := a.number(a.count); err != nil {
		return err
	}
	if err := a.out.Flush(); err != nil {
		return err
	}
	_, err := a.w.Write(a.sum.Sum(nil))
	return err
}

func (a *Writer) number(n uint64) error {
	_, err := a.out.Write(binary.AppendUvarint(a.num[:0], n))
	return err
}

// Reader reads a snapshot. What it returned may be relied on only when Next has
// answered io.EOF: the checksum stands at the end.
type Reader struct {
	in       *summing
	revision int64
	count    uint64
	last     string
}

// NewReader reads the beginning of a snapshot. Its errors and those of Next are
// storage.ErrDamaged, with a reason, unless r itself fails.
func NewReader(r io.Reader) (*Reader, error) {
	a := &Reader{in: &summing{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(a.in, head); err != nil {
		return nil, cut(err)
	}
	if string(head) != magic {
		return nil, storage.Damaged("not a snapshot of kubemint")
	}
	revision, err := a.number()
	if err != nil {
		return nil, err
	}
	if revision < uint64(storage.FirstRevision) || revision > 1<<62 {
		return nil, storage.Damaged("the snapshot holds an impossible revision")
	}
	a.revision = int64(revision)
	return a, nil
}

// Revision is the revision that the snapshot shows.
func (a *Reader) Revision() int64 { return a.revision }

// Next returns the next entry, or io.EOF behind the last one of a snapshot that
// is complete and as it was written.
func (a *Reader) Next() (storage.Entry, error) {
	length, err := a.number()
	if err != nil {
		return storage.Entry{}, err
	}
	if length == 0 {
		return storage.Entry{}, a.end()
	}
	if length > storage.MaxKey {
		return storage.Entry{}, storage.Damaged("the snapshot holds an impossible key")
	}
	key := make([]byte, length)
	if _, err := io.ReadFull(a.in, key); err != nil {
		return storage.Entry{}, cut(err)
	}
	var n [3]uint64
	for i := range n {
		if n[i], err = a.number(); err != nil {
			return storage.Entry{}, err
		}
	}
	e := storage.Entry{Key: string(key), Revision: int64(n[0]), CreateRevision: int64(n[1])}
	switch {
	case e.Key <= a.last:
		return storage.Entry{}, storage.Damaged("the snapshot's keys are out of order")
	case n[0] > uint64(a.revision) || n[1] > n[0] || n[1] <= uint64(storage.FirstRevision):
		return storage.Entry{}, storage.Damaged("the snapshot holds an impossible revision")
	case n[2] > storage.MaxValue:
		return storage.Entry{}, storage.Damaged("the snapshot holds an impossible value")
	}
	// Not allocated at once: a damaged length must not cost 16 MiB.
	var value bytes.Buffer
	if _, err := io.CopyN(&value, a.in, int64(n[2])); err != nil {
		return storage.Entry{}, cut(err)
	}
	e.Value = append([]byte{}, value.Bytes()...)
	a.last = e.Key
	a.count++
	return e, nil
}

func (a *Reader) end() error {
	count, err := a.number()
	if err != nil {
		return err
	}
	want := a.in.sum.Sum(nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(a.in, got); err != nil {
		return cut(err)
	}
	if count != a.count || !bytes.Equal(got, want) {
		return storage.Damaged("the snapshot's checksum does not match")
	}
	return io.EOF
}

func (a *Reader) number() (uint64, error) {
	var n uint64
	for shift := 0; shift < 63; shift += 7 { // no number in here needs 64 bits
		b, err := a.in.ReadByte()
		if err != nil {
			return 0, cut(err)
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, storage.Damaged("the snapshot holds an impossible number")
}

// summing hashes what is read through it.
type summing struct {
	r   *bufio.Reader
	sum hash.Hash
	one [1]byte
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	return n, err
}

func (s *summing) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err == nil {
		s.one[0] = b
		s.sum.Write(s.one[:])
	}
	return b, err
}

// cut turns an early end into a sentence.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return storage.Damaged("the snapshot ends too early")
	}
	return fmt.Errorf("read snapshot: %w", err)
}
