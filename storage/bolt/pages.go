package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"

	"github.com/kubemint/kubemint/storage"
)

// The layout of a bbolt file (version 2): pages of one size, each with a head;
// two of them are metas, of which the younger counts. Numbers are in the order
// of the machine.
const (
	pageHead    = 16 // id 8, flags 2, count 2, further pages 4
	element     = 16 // branch: pos 4, key size 4, page 8; leaf: flags 4, pos 4, key size 4, value size 4
	bucketHead  = 16 // root page 8, sequence 8
	metaSum     = 56 // the bytes of a meta that its checksum covers
	metaLen     = metaSum + 8
	maxPageSize = 1 << 24
	maxDepth    = 64

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10
	flagBucket   = 0x01 // of a leaf's element

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	noFreelist  = 1<<64 - 1
)

var order = binary.NativeEndian

// header is one of the two metas.
type header struct {
	pageSize uint32
	root     uint64 // page of the bucket of buckets
	freelist uint64
	pages    uint64 // all pages in use have a lower number
	tx       uint64
}

// pages reads a bbolt file page by page. It believes nothing: every number is
// checked before it is used, so that whatever is in the file leads to an error
// and to nothing else.
type pages struct {
	file io.ReaderAt
	head header
	seen []uint64 // a bit for each page that something refers to
	bufs [maxDepth][]byte
}

// openPages reads the metas of a file of so many bytes.
func openPages(file io.ReaderAt, size int64) (*pages, error) {
	if size == 0 {
		return nil, storage.Damaged("the file is empty")
	}
	first, err := readHeader(file, 0)
	if err != nil {
		return nil, err
	}
	var second *header
	if first != nil {
		second, err = readHeader(file, int64(first.pageSize))
	}
	for at := int64(1024); first == nil && second == nil && err == nil && at <= maxPageSize; at *= 2 {
		second, err = readHeader(file, at)
	}
	switch {
	case err != nil:
		return nil, err
	case first == nil && second == nil:
		return nil, storage.Damaged("not a database of kubemint")
	case first == nil || second == nil || first.pageSize != second.pageSize:
		// bbolt would go on from the other one, which may be a write behind.
		return nil, storage.Damaged("one of the file's two head pages has been overwritten")
	}
	p := &pages{file: file, head: *first}
	if second.tx > first.tx {
		p.head = *second
	}
	for _, h := range []*header{first, second} {
		if h.pages > uint64(size)/uint64(h.pageSize) {
			return nil, storage.Damaged("the file has been cut short: %d bytes are left of at least %d",
				size, h.pages*uint64(h.pageSize))
		}
	}
	p.seen = make([]uint64, p.head.pages/64+1)
	return p, nil
}

// readHeader reads the meta in the page at an offset; nil: there is none.
func readHeader(file io.ReaderAt, at int64) (*header, error) {
	var b [pageHead + metaLen]byte
	if _, err := file.ReadAt(b[:], at); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	m := b[pageHead:]
	sum := fnv.New64a()
	sum.Write(m[:metaSum])
	if order.Uint16(b[8:]) != flagMeta || order.Uint32(m) != metaMagic || order.Uint32(m[4:]) != metaVersion ||
		order.Uint64(m[metaSum:]) != sum.Sum64() {
		return nil, nil
	}
	h := &header{
		pageSize: order.Uint32(m[8:]),
		root:     order.Uint64(m[16:]),
		freelist: order.Uint64(m[32:]),
		pages:    order.Uint64(m[40:]),
		tx:       order.Uint64(m[48:]),
	}
	if h.pageSize < 1024 || h.pageSize > maxPageSize || h.pages < 4 || h.pages > 1<<48 {
		return nil, nil
	}
	return h, nil
}

// read reads a page with the pages that continue it, into the buffer of a depth.
func (p *pages) read(id uint64, depth int) ([]byte, error) {
	if depth >= maxDepth || id < 2 || id >= p.head.pages {
		return nil, p.bad(id)
	}
	size := int64(p.head.pageSize)
	b := p.bufs[depth]
	if int64(len(b)) < size {
		b = make([]byte, 4*size) // most leaves fit
		p.bufs[depth] = b
	}
	n, err := p.file.ReadAt(b, int64(id)*size)
	if int64(n) < size {
		return nil, errors.Join(p.bad(id), err)
	}
	more := uint64(order.Uint32(b[12:]))
	if order.Uint64(b) != id || more >= p.head.pages-id {
		return nil, p.bad(id)
	}
	for i := id; i <= id+more; i++ {
		if p.seen[i/64]&(1<<(i%64)) != 0 {
			return nil, p.bad(i) // two refer to it, or it contains itself
		}
		p.seen[i/64] |= 1 << (i % 64)
	}
	whole := int64(more+1) * size
	if int64(n) < whole {
		if int64(len(b)) < whole {
			b = append(b[:n], make([]byte, whole-int64(n))...)
			p.bufs[depth] = b
		}
		if _, err := p.file.ReadAt(b[n:whole], int64(id)*size+int64(n)); err != nil {
			return nil, errors.Join(p.bad(id), err)
		}
	}
	return b[:whole], nil
}

func (p *pages) bad(id uint64) error {
	return storage.Damaged("page %d of the file is not what was written there", id)
}

// leaf is called for each element of a tree in the order of its keys. The bytes
// are valid only during the call.
type leaf func(bucket bool, key, value []byte) error

// walk visits the tree below a page. Its keys lie between low and high, where
// nil is no bound.
func (p *pages) walk(id uint64, depth int, low, high []byte, visit leaf) error {
	b, err := p.read(id, depth)
	if err != nil {
		return err
	}
	switch order.Uint16(b[8:]) {
	case flagLeaf:
		return p.leaf(id, b, low, high, visit)
	case flagBranch:
		return p.branch(id, b, depth, low, high, visit)
	}
	return p.bad(id)
}

// leaf visits the elements of a leaf page.
func (p *pages) leaf(id uint64, b, low, high []byte, visit leaf) error {
	count := int(order.Uint16(b[10:]))
	if pageHead+count*element > len(b) {
		return p.bad(id)
	}
	var last []byte
	for i := range count {
		at := pageHead + i*element
		e := b[at:]
		flags, from := order.Uint32(e), uint64(at)+uint64(order.Uint32(e[4:]))
		mid := from + uint64(order.Uint32(e[8:]))
		end := mid + uint64(order.Uint32(e[12:]))
		if flags&^flagBucket != 0 || from < uint64(pageHead+count*element) || mid == from || end > uint64(len(b)) {
			return p.bad(id)
		}
		key := b[from:mid]
		if !between(key, low, high) || last != nil && bytes.Compare(last, key) >= 0 {
			return p.bad(id)
		}
		last = key
		if err := visit(flags == flagBucket, key, b[mid:end]); err != nil {
			return err
		}
	}
	return nil
}

// branch visits the pages below a branch page.
func (p *pages) branch(id uint64, b []byte, depth int, low, high []byte, visit leaf) error {
	count := int(order.Uint16(b[10:]))
	if count == 0 || pageHead+count*element > len(b) {
		return p.bad(id)
	}
	var key []byte
	var child uint64
	for i := range count {
		at := pageHead + i*element
		e := b[at:]
		from := uint64(at) + uint64(order.Uint32(e))
		end := from + uint64(order.Uint32(e[4:]))
		if from < uint64(pageHead+count*element) || end == from || end > uint64(len(b)) {
			return p.bad(id)
		}
		next := b[from:end]
		if !between(next, low, high) || key != nil && bytes.Compare(key, next) >= 0 {
			return p.bad(id)
		}
		if key != nil {
			if err := p.walk(child, depth+1, key, next, visit); err != nil {
				return err
			}
		}
		key, child = next, order.Uint64(e[8:])
	}
	return p.walk(child, depth+1, key, high, visit)
}

func between(key, low, high []byte) bool {
	return bytes.Compare(key, low) >= 0 && (high == nil || bytes.Compare(key, high) < 0)
}

// bucket visits the elements of a bucket, given the value that describes it. A
// small one lies in that value as a whole.
func (p *pages) bucket(value []byte, visit leaf) error {
	if len(value) < bucketHead {
		return storage.Damaged("a bucket of the file is cut short")
	}
	if root := order.Uint64(value); root != 0 {
		return p.walk(root, 1, nil, nil, visit)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHead || order.Uint16(inline[8:]) != flagLeaf {
		return storage.Damaged("a bucket of the file is not what was written there")
	}
	return p.leaf(0, inline, nil, nil, visit)
}

// freelist checks that no free page is in use. kubemint writes no such list, but
// other tools for the format do.
func (p *pages) freelist() error {
	id := p.head.freelist
	if id == noFreelist {
		return nil
	}
	b, err := p.read(id, 0)
	if err != nil {
		return err
	}
	if order.Uint16(b[8:]) != flagFreelist {
		return p.bad(id)
	}
	ids := b[pageHead:]
	count := uint64(order.Uint16(b[10:]))
	if count == 0xFFFF { // too many for the head: the first element counts them
		count, ids = order.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids))/8 {
		return p.bad(id)
	}
	for i := range count {
		free := order.Uint64(ids[8*i:])
		if free < 2 || free >= p.head.pages || p.seen[free/64]&(1<<(free%64)) != 0 {
			return p.bad(id)
		}
	}
	return nil
}
