package token

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kubemint/kubemint/internal/pki"
)

// Ring is a KeySet kept in files, so that what was rotated and retired stays so after a restart: the signing key in one file, and beside
// it (NAME.verify.pem) the public keys that verify besides.
type Ring struct {
	*KeySet
	path string // of the signing key; empty: in memory

	mu    sync.Mutex // one change at a time, with its files
	fixed []string   // ids of keys given by flags, which are not ours to retire
}

// ErrFixed is returned for a key that a flag gives: it goes when the flag goes.
var ErrFixed = errors.New("the key is given by a flag")

// Headers of the PEM blocks in NAME.verify.pem.
const (
	pemUntil  = "Until"        // Key.Until
	pemSigned = "Signed-Until" // Key.SignedUntil
)

// OpenRing opens the ring at path, or makes one that signs by alg ("", ES256 or RS256); without a path it stays in memory. The keys in
// more verify as well. now is the cluster's time: an opened signing key may have signed tokens that live a year from it.
func OpenRing(path, alg string, now time.Time, more ...crypto.PublicKey) (*Ring, error) {
	_, err := os.Stat(path)
	fresh := path == "" || errors.Is(err, fs.ErrNotExist)
	signer, err := pki.OpenSigningKey(path, alg)
	if err != nil {
		return nil, err
	}
	r := &Ring{path: path}
	kept, err := r.load()
	if err != nil {
		return nil, err
	}
	var public []crypto.PublicKey
	for _, k := range kept {
		public = append(public, k.public)
	}
	public = append(public, signer.Public())
	for _, p := range more {
		id, err := keyID(p)
		if err != nil {
			return nil, err
		}
		r.fixed = append(r.fixed, id)
	}
	if r.KeySet, err = NewKeySet(signer, append(public, more...)...); err != nil {
		return nil, err
	}
	for _, k := range kept {
		own := r.now.Load().byID[k.id][0]
		own.noteEnd(k.SignedUntil())
		if !k.until.IsZero() && own != r.Signing() {
			if err := r.KeySet.Supersede(k.id, k.until); err != nil {
				return nil, err
			}
		}
	}
	if !fresh {
		r.Signing().noteEnd(now.Add(ExtendedSeconds * time.Second))
	}
	return r, nil
}

// Rotate makes a new key for alg sign. The one before goes on verifying until Retire.
func (r *Ring) Rotate(alg string) (*Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	signer, err := pki.NewSigningKey(alg)
	if err != nil {
		return nil, err
	}
	next, err := newSigningKey(signer)
	if err != nil {
		return nil, err
	}
	// First both keys verify, then the new one signs: a crash between leaves no token without its key.
	if err := r.save(append(r.Verifying(), next)); err != nil {
		return nil, err
	}
	if r.path != "" {
		data, err := pki.EncodePrivateKey(signer)
		if err != nil {
			return nil, err
		}
		if err := pki.WriteFile(r.path, data); err != nil {
			return nil, err
		}
	}
	return r.KeySet.Rotate(signer)
}

// Retire ends a key that no longer signs, and with it every token it signed.
func (r *Ring) Retire(id string) error {
	return r.reduce("retire", id, func() error { return r.KeySet.Retire(id) })
}

// Supersede is KeySet.Supersede, kept.
func (r *Ring) Supersede(id string, until time.Time) error {
	return r.reduce("supersede", id, func() error { return r.KeySet.Supersede(id, until) })
}

// reduce changes the set before its file: a crash between brings the key back, and the error has told nobody that it was gone.
func (r *Ring) reduce(what, id string, f func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.fixed, id) {
		return fmt.Errorf("%s %q: %w", what, id, ErrFixed)
	}
	if err := f(); err != nil {
		return err
	}
	return r.save(r.Verifying())
}

// Fixed tells whether a flag gives this key.
func (r *Ring) Fixed(id string) bool { return slices.Contains(r.fixed, id) }

func (r *Ring) verifyPath() string {
	return strings.TrimSuffix(r.path, filepath.Ext(r.path)) + ".verify.pem"
}

// save writes the keys that verify, without those given by flags.
func (r *Ring) save(keys []*Key) error {
	if r.path == "" {
		return nil
	}
	var out bytes.Buffer
	for _, k := range keys {
		if slices.Contains(r.fixed, k.id) {
			continue
		}
		der, err := x509.MarshalPKIXPublicKey(k.public)
		if err != nil {
			return fmt.Errorf("save key %s: %w", k.id, err)
		}
		block := &pem.Block{Type: "PUBLIC KEY", Headers: map[string]string{}, Bytes: der}
		for name, at := range map[string]time.Time{pemUntil: k.until, pemSigned: k.SignedUntil()} {
			if !at.IsZero() {
				block.Headers[name] = at.UTC().Format(time.RFC3339Nano)
			}
		}
		if err := pem.Encode(&out, block); err != nil {
			return fmt.Errorf("save key %s: %w", k.id, err)
		}
	}
	return pki.WriteFile(r.verifyPath(), out.Bytes())
}

// load reads what save wrote; a missing file holds nothing.
func (r *Ring) load() ([]*Key, error) {
	if r.path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(r.verifyPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read verification keys: %w", err)
	}
	var keys []*Key
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read verification keys in %s: %w", r.verifyPath(), err)
		}
		k, err := newKey(public)
		if err != nil {
			return nil, fmt.Errorf("read verification keys in %s: %w", r.verifyPath(), err)
		}
		for name, value := range block.Headers {
			at, err := time.Parse(time.RFC3339Nano, value)
			if err != nil { // a bound that cannot be read must not become no bound
				return nil, fmt.Errorf("read verification keys in %s: %s of key %s: %w", r.verifyPath(), name, k.id, err)
			}
			switch name {
			case pemUntil:
				k.until = at
			case pemSigned:
				k.noteEnd(at)
			}
		}
		keys = append(keys, k)
	}
	return keys, nil
}
