// Package recent is a bounded map that forgets what has not been used lately.
//
// It holds two generations. When the young one is full the old one is dropped and
// the young one becomes old; what is still asked for moves back. So it holds
// between one and two times its size, and a look-up costs one read lock.
package recent

import "sync"

// Map remembers values by key. It is safe for concurrent use. Nothing in it ever
// goes stale by itself: its user stores only what stays true, or checks.
type Map[K comparable, V any] struct {
	size       int
	mu         sync.RWMutex
	young, old map[K]V
}

// New returns a map that keeps at least the size entries used last.
func New[K comparable, V any](size int) *Map[K, V] {
	return &Map[K, V]{size: size, young: make(map[K]V)}
}

// Get returns the value of a key.
func (m *Map[K, V]) Get(key K) (V, bool) {
	m.mu.RLock()
	v, young := m.young[key]
	ok := young
	if !young {
		v, ok = m.old[key]
	}
	m.mu.RUnlock()
	if ok && !young {
		m.Put(key, v)
	}
	return v, ok
}

// Put sets the value of a key.
func (m *Map[K, V]) Put(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= m.size {
		m.old, m.young = m.young, make(map[K]V)
	}
	m.young[key] = value
}

// Len is how many entries the map holds, some perhaps twice.
func (m *Map[K, V]) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.young) + len(m.old)
}
