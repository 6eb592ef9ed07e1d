package rbac

import (
	"iter"
	"math/bits"
)

// hamt is a persistent hash map from string to V (a hash array mapped trie, 32-way). The zero value is empty. set and
// del return a new map that shares all untouched nodes with the old one; the old one stays as it was. The hash of a key
// is given by the caller, so that one subject is hashed once for several look-ups.
type hamt[V any] struct {
	root *hamtNode[V]
	size int
}

type hamtNode[V any] struct {
	bitmap uint32
	slots  []hamtSlot[V] // one per set bit of bitmap, in order
}

// hamtSlot holds either a child or a leaf, never both.
type hamtSlot[V any] struct {
	child *hamtNode[V]
	leaf  *hamtLeaf[V]
}

// hamtLeaf is an entry; next chains entries whose 64-bit hashes are equal.
type hamtLeaf[V any] struct {
	hash uint64
	key  string
	val  V
	next *hamtLeaf[V]
}

const hamtBits = 5

// hamtBit is the bit that stands for hash in a node whose level starts at shift.
func hamtBit(hash uint64, shift uint) uint32 { return 1 << (hash >> shift & (1<<hamtBits - 1)) }

func (n *hamtNode[V]) locate(hash uint64, shift uint) (bit uint32, at int) {
	bit = hamtBit(hash, shift)
	return bit, bits.OnesCount32(n.bitmap & (bit - 1))
}

func (m hamt[V]) get(hash uint64, key string) (V, bool) {
	n := m.root
	for shift := uint(0); n != nil; shift += hamtBits {
		bit, at := n.locate(hash, shift)
		if n.bitmap&bit == 0 {
			break
		}
		slot := &n.slots[at]
		if slot.child != nil {
			n = slot.child
			continue
		}
		for leaf := slot.leaf; leaf != nil; leaf = leaf.next {
			if leaf.hash == hash && leaf.key == key {
				return leaf.val, true
			}
		}
		break
	}
	var none V
	return none, false
}

func (m hamt[V]) set(hash uint64, key string, val V) hamt[V] {
	root, added := m.root.set(hash, key, val, 0)
	if added {
		m.size++
	}
	m.root = root
	return m
}

func (n *hamtNode[V]) set(hash uint64, key string, val V, shift uint) (*hamtNode[V], bool) {
	if n == nil {
		n = &hamtNode[V]{}
	}
	bit, at := n.locate(hash, shift)
	if n.bitmap&bit == 0 {
		grown := &hamtNode[V]{bitmap: n.bitmap | bit, slots: make([]hamtSlot[V], len(n.slots)+1)}
		copy(grown.slots, n.slots[:at])
		grown.slots[at].leaf = &hamtLeaf[V]{hash: hash, key: key, val: val}
		copy(grown.slots[at+1:], n.slots[at:])
		return grown, true
	}
	slot, added := n.slots[at], false
	switch {
	case slot.child != nil:
		slot.child, added = slot.child.set(hash, key, val, shift+hamtBits)
	case slot.leaf.hash == hash:
		slot.leaf, added = slot.leaf.put(hash, key, val)
	default: // two hashes part ways one or more levels down
		below := &hamtNode[V]{bitmap: hamtBit(slot.leaf.hash, shift+hamtBits), slots: []hamtSlot[V]{{leaf: slot.leaf}}}
		slot.leaf = nil
		slot.child, added = below.set(hash, key, val, shift+hamtBits)
	}
	return n.with(at, slot), added
}

func (n *hamtNode[V]) with(at int, slot hamtSlot[V]) *hamtNode[V] {
	changed := &hamtNode[V]{bitmap: n.bitmap, slots: make([]hamtSlot[V], len(n.slots))}
	copy(changed.slots, n.slots)
	changed.slots[at] = slot
	return changed
}

// put adds or replaces key in a chain of equal hashes.
func (l *hamtLeaf[V]) put(hash uint64, key string, val V) (*hamtLeaf[V], bool) {
	rest, found := l.drop(key)
	return &hamtLeaf[V]{hash: hash, key: key, val: val, next: rest}, !found
}

// drop returns the chain without key.
func (l *hamtLeaf[V]) drop(key string) (*hamtLeaf[V], bool) {
	if l == nil {
		return nil, false
	}
	if l.key == key {
		return l.next, true
	}
	rest, found := l.next.drop(key)
	if !found {
		return l, false
	}
	return &hamtLeaf[V]{hash: l.hash, key: l.key, val: l.val, next: rest}, true
}

func (m hamt[V]) del(hash uint64, key string) hamt[V] {
	root, found := m.root.del(hash, key, 0)
	if !found {
		return m
	}
	return hamt[V]{root: root, size: m.size - 1}
}

func (n *hamtNode[V]) del(hash uint64, key string, shift uint) (*hamtNode[V], bool) {
	if n == nil {
		return nil, false
	}
	bit, at := n.locate(hash, shift)
	if n.bitmap&bit == 0 {
		return n, false
	}
	slot, found := n.slots[at], false
	if slot.child != nil {
		slot.child, found = slot.child.del(hash, key, shift+hamtBits)
		if slot.child != nil && len(slot.child.slots) == 1 && slot.child.slots[0].leaf != nil {
			slot = slot.child.slots[0] // a lone leaf moves up
		}
	} else {
		slot.leaf, found = slot.leaf.drop(key)
	}
	switch {
	case !found:
		return n, false
	case slot.child != nil || slot.leaf != nil:
		return n.with(at, slot), true
	case len(n.slots) == 1:
		return nil, true
	}
	shrunk := &hamtNode[V]{bitmap: n.bitmap &^ bit, slots: make([]hamtSlot[V], len(n.slots)-1)}
	copy(shrunk.slots, n.slots[:at])
	copy(shrunk.slots[at:], n.slots[at+1:])
	return shrunk, true
}

// all yields every entry, in no useful order.
func (m hamt[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { m.root.each(yield) }
}

func (n *hamtNode[V]) each(yield func(string, V) bool) bool {
	if n == nil {
		return true
	}
	for _, slot := range n.slots {
		if slot.child != nil && !slot.child.each(yield) {
			return false
		}
		for leaf := slot.leaf; leaf != nil; leaf = leaf.next {
			if !yield(leaf.key, leaf.val) {
				return false
			}
		}
	}
	return true
}
