package token

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrNoSuchKey is returned for a kid the set does not hold.
	ErrNoSuchKey = errors.New("no such key")
	// ErrSigning is returned for an attempt to take away the key that signs.
	ErrSigning = errors.New("the key is signing: rotate first")
)

// KeySet is the key that signs and those that verify. Changes take effect with the next token.
type KeySet struct {
	mu  sync.Mutex // one change at a time
	now atomic.Pointer[keys]
}

// keys is one state of a KeySet, immutable once published.
type keys struct {
	signing *Key
	verify  []*Key // in the order they are announced
	byID    map[string][]*Key
	jwks    []byte
	algs    []string
}

// NewKeySet makes a set that signs with signer and verifies with exactly the given keys in this order (JWT-20), or with signer's own
// if none is given. A nil signer makes a set that only verifies.
func NewKeySet(signer crypto.Signer, verify ...crypto.PublicKey) (*KeySet, error) {
	var signing *Key
	if signer != nil {
		var err error
		if signing, err = newSigningKey(signer); err != nil {
			return nil, err
		}
	}
	var all []*Key
	for _, public := range verify {
		k, err := newKey(public)
		if err != nil {
			return nil, err
		}
		if signing != nil && k.id == signing.id {
			k = signing
		}
		if !slices.ContainsFunc(all, func(other *Key) bool { return other.id == k.id }) {
			all = append(all, k)
		}
	}
	if len(verify) == 0 && signing != nil {
		all = []*Key{signing}
	}
	s := &KeySet{}
	return s, s.publish(signing, all)
}

func (s *KeySet) publish(signing *Key, verify []*Key) error {
	next := &keys{signing: signing, verify: verify, byID: make(map[string][]*Key, len(verify))}
	for _, k := range verify {
		next.byID[k.id] = append(next.byID[k.id], k)
		if !slices.Contains(next.algs, k.alg) {
			next.algs = append(next.algs, k.alg)
		}
	}
	slices.Sort(next.algs)
	var err error
	if next.jwks, err = encodeJWKS(verify); err != nil {
		return err
	}
	s.now.Store(next)
	return nil
}

// Signing is the key that signs, or nil.
func (s *KeySet) Signing() *Key { return s.now.Load().signing }

// Verifying lists the keys that verify, as JWKS announces them.
func (s *KeySet) Verifying() []*Key { return slices.Clone(s.now.Load().verify) }

// JWKS is the document of /openid/v1/jwks (OIDC-2). The caller must not change it.
func (s *KeySet) JWKS() []byte { return s.now.Load().jwks }

// Add makes another key verify; one that the set holds already stays as it is.
func (s *KeySet) Add(public crypto.PublicKey) (*Key, error) {
	k, err := newKey(public)
	if err != nil {
		return nil, err
	}
	return k, s.change(func(now *keys) (*Key, []*Key, error) {
		if len(now.byID[k.id]) > 0 {
			k = now.byID[k.id][0]
			return now.signing, now.verify, nil
		}
		return now.signing, append(slices.Clone(now.verify), k), nil
	})
}

// Rotate makes signer the key that signs. The one before goes on verifying, so that tokens out there live on (JWT-22), until Retire.
func (s *KeySet) Rotate(signer crypto.Signer) (*Key, error) {
	k, err := newSigningKey(signer)
	if err != nil {
		return nil, err
	}
	return k, s.change(func(now *keys) (*Key, []*Key, error) {
		verify := slices.DeleteFunc(slices.Clone(now.verify), func(old *Key) bool { return old.id == k.id })
		return k, append(verify, k), nil
	})
}

// Retire takes a verification key away: all tokens it signed are refused from the next request on. The signing key must be rotated
// first.
func (s *KeySet) Retire(id string) error {
	return s.change(func(now *keys) (*Key, []*Key, error) {
		if len(now.byID[id]) == 0 {
			return nil, nil, fmt.Errorf("retire %q: %w", id, ErrNoSuchKey)
		}
		if now.signing != nil && now.signing.id == id {
			return nil, nil, fmt.Errorf("retire %q: %w", id, ErrSigning)
		}
		return now.signing, slices.DeleteFunc(slices.Clone(now.verify), func(k *Key) bool { return k.id == id }), nil
	})
}

// Supersede bounds a key that no longer signs to tokens issued at or before until. A restored snapshot does that to the key of the
// timeline it drops, which may have signed tokens after the snapshot.
func (s *KeySet) Supersede(id string, until time.Time) error {
	return s.change(func(now *keys) (*Key, []*Key, error) {
		if now.signing != nil && now.signing.id == id {
			return nil, nil, fmt.Errorf("supersede %q: %w", id, ErrSigning)
		}
		verify := slices.Clone(now.verify)
		i := slices.IndexFunc(verify, func(k *Key) bool { return k.id == id })
		if i < 0 {
			return nil, nil, fmt.Errorf("supersede %q: %w", id, ErrNoSuchKey)
		}
		bounded := *verify[i]
		bounded.until = until
		verify[i] = &bounded
		return now.signing, verify, nil
	})
}

func (s *KeySet) change(f func(now *keys) (signing *Key, verify []*Key, err error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	signing, verify, err := f(s.now.Load())
	if err != nil {
		return err
	}
	return s.publish(signing, verify)
}

// holds tells whether this very key still verifies.
func (k *keys) holds(key *Key) bool {
	for _, other := range k.byID[key.id] {
		if other == key {
			return true
		}
	}
	return false
}
