package bolt

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/kubemint/kubemint/storage"
)

// record is an entry of the log: one write. Its encoding is
//
//	4 bytes  CRC-32C of the revision it is filed under and of all that follows
//	8 bytes  create revision, 0 for a tombstone
//	8 bytes  previous revision, 0 if the write created the entry
//	2 bytes  length of the key
//	         key, then value
//
// in big-endian order.
type record struct {
	created  int64
	previous int64
	key      []byte
	value    []byte
}

const (
	recordHead  = 4 + 8 + 8 + 2
	revisionLen = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// newRecord lays out a record whose head is still to be sealed.
func newRecord(key string, value []byte) []byte {
	b := make([]byte, recordHead+len(key)+len(value))
	binary.BigEndian.PutUint16(b[20:], uint16(len(key)))
	copy(b[recordHead:], key)
	copy(b[recordHead+len(key):], value)
	return b
}

// seal fills in what is known only when the write's turn has come.
func seal(b []byte, revision, created, previous int64) {
	binary.BigEndian.PutUint64(b[4:], uint64(created))
	binary.BigEndian.PutUint64(b[12:], uint64(previous))
	binary.BigEndian.PutUint32(b, sum(b, revision))
}

func sum(b []byte, revision int64) uint32 {
	at := revisionKey(revision)
	return crc32.Update(crc32.Checksum(at[:], castagnoli), castagnoli, b[4:])
}

// openRecord decodes a record without copying: its slices lie in b.
func openRecord(b []byte, revision int64) (record, error) {
	if len(b) < recordHead {
		return record{}, storage.Damaged("the record of revision %d is too short", revision)
	}
	if binary.BigEndian.Uint32(b) != sum(b, revision) {
		return record{}, storage.Damaged("the record of revision %d does not match its checksum", revision)
	}
	r := record{
		created:  int64(binary.BigEndian.Uint64(b[4:])),
		previous: int64(binary.BigEndian.Uint64(b[12:])),
	}
	n := int(binary.BigEndian.Uint16(b[20:]))
	if n == 0 || n > storage.MaxKey || n > len(b)-recordHead {
		return record{}, storage.Damaged("the record of revision %d has an impossible key", revision)
	}
	r.key, r.value = b[recordHead:recordHead+n:recordHead+n], b[recordHead+n:]
	if !r.possible(revision) {
		return record{}, storage.Damaged("the record of revision %d contradicts itself", revision)
	}
	return r, nil
}

func (r *record) possible(revision int64) bool {
	switch {
	case r.previous < 0 || r.previous >= revision || r.created < 0:
		return false
	case r.created == 0: // a tombstone removes something and holds nothing
		return r.previous > 0 && len(r.value) == 0
	case r.previous == 0:
		return r.created == revision
	default:
		return r.created <= r.previous
	}
}

func revisionKey(revision int64) [revisionLen]byte {
	var b [revisionLen]byte
	binary.BigEndian.PutUint64(b[:], uint64(revision))
	return b
}

func parseRevision(b []byte) (int64, bool) {
	if len(b) != revisionLen {
		return 0, false
	}
	n := int64(binary.BigEndian.Uint64(b))
	return n, n >= storage.FirstRevision
}

// place is an entry of now: where a key stands.
type place struct {
	revision int64 // 0: nowhere
	created  int64
}

func (p place) encode() []byte {
	b := make([]byte, 2*revisionLen)
	binary.BigEndian.PutUint64(b, uint64(p.revision))
	binary.BigEndian.PutUint64(b[revisionLen:], uint64(p.created))
	return b
}

func openPlace(key, b []byte) (place, error) {
	if b == nil {
		return place{}, nil
	}
	if len(b) == 2*revisionLen {
		r, ok1 := parseRevision(b[:revisionLen])
		c, ok2 := parseRevision(b[revisionLen:])
		if ok1 && ok2 && c <= r {
			return place{r, c}, nil
		}
	}
	return place{}, storage.Damaged("the index entry of %q is impossible", key)
}
