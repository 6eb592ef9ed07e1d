package token

import (
	"crypto/sha256"
	"sync"

	"github.com/kubemint/kubemint/apiserver/request"
)

const (
	// generation is how many signatures one half of the cache holds.
	generation = 8192
	// maxCached is the longest token that is remembered, so that the cache's size has a bound.
	maxCached = 16 << 10
)

// signature is what a verified signature proves: these claims, by this key. Nothing in it goes stale, since it says nothing about
// time or about objects; only the key can be taken away, which its reader checks.
type signature struct {
	claims *Claims
	key    *Key
	user   *request.User
}

// signatures remembers good signatures by a hash of the token. It holds two generations: when the young one is full the old one is
// dropped, and what is still in use moves over. The zero value is ready.
type signatures struct {
	mu         sync.RWMutex
	young, old map[[sha256.Size]byte]*signature
}

func (s *signatures) get(hash [sha256.Size]byte) *signature {
	s.mu.RLock()
	e, ok := s.young[hash]
	if !ok {
		e = s.old[hash]
	}
	s.mu.RUnlock()
	if !ok && e != nil {
		s.put(hash, e)
	}
	return e
}

func (s *signatures) put(hash [sha256.Size]byte, e *signature) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil {
		s.young = make(map[[sha256.Size]byte]*signature)
	}
	if len(s.young) >= generation {
		s.old, s.young = s.young, make(map[[sha256.Size]byte]*signature)
	}
	s.young[hash] = e
}
