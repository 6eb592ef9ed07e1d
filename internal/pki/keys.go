package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The algorithms NewSigningKey makes keys for.
const (
	ES256 = "ES256"
	RS256 = "RS256"
)

// NewSigningKey makes a key for tokens: ES256 (the default, "") or RS256.
func NewSigningKey(alg string) (crypto.Signer, error) {
	switch alg {
	case "", ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("signing algorithm %q is neither %s nor %s", alg, ES256, RS256)
}

// OpenSigningKey loads the private key in path, whatever its algorithm, or makes
// one for alg and writes it there (PKCS #8 PEM, 0600). Without a path it stays in
// memory.
func OpenSigningKey(path, alg string) (crypto.Signer, error) {
	if path != "" {
		key, err := LoadPrivateKey(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return key, err
		}
	}
	key, err := NewSigningKey(alg)
	if err != nil || path == "" {
		return key, err
	}
	data, err := EncodePrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, WriteFile(path, data)
}

// LoadPrivateKey reads the first private key of a PEM file: PKCS #8, PKCS #1 or
// SEC 1. Errors name the file and never its content.
func LoadPrivateKey(path string) (crypto.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	key, err := ParsePrivateKey(data)
	if err != nil {
		return nil, fmt.Errorf("read private key in %s: %w", path, err)
	}
	return key, nil
}

// ParsePrivateKey is LoadPrivateKey for the content of a file.
func ParsePrivateKey(data []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if key, err := privateKey(block); key != nil || err != nil {
			return key, err
		}
	}
	return nil, errors.New("no PEM block with a private key")
}

// ParsePublicKeys reads every key of a PEM file in order: public keys (PKIX,
// PKCS #1), certificates, and private keys, of which the public half counts.
func ParsePublicKeys(data []byte) ([]crypto.PublicKey, error) {
	var keys []crypto.PublicKey
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		key, err := publicKey(block)
		if err != nil {
			return nil, err
		}
		if key != nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no PEM block with a key")
	}
	return keys, nil
}

// privateKey returns nil, nil for a block of another kind.
func privateKey(block *pem.Block) (crypto.Signer, error) {
	switch block.Type {
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed PKCS #8 key: %w", err)
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("a %T cannot sign", key)
		}
		return signer, nil
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed PKCS #1 key: %w", err)
		}
		return key, nil
	case "EC PRIVATE KEY":
		key, err := x509.ParseECPrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed SEC 1 key: %w", err)
		}
		return key, nil
	}
	return nil, nil
}

// publicKey returns nil, nil for a block without a key, such as EC PARAMETERS.
func publicKey(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed public key: %w", err)
		}
		return key, nil
	case "RSA PUBLIC KEY":
		key, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed PKCS #1 public key: %w", err)
		}
		return key, nil
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("malformed certificate: %w", err)
		}
		return cert.PublicKey, nil
	}
	key, err := privateKey(block)
	if key == nil || err != nil {
		return nil, err
	}
	return key.Public(), nil
}

// EncodePrivateKey is key as PKCS #8 PEM.
func EncodePrivateKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// WriteFile replaces path (0600) in one step, making its directory (0700).
func WriteFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.CreateTemp(dir, ".pki-*") // CreateTemp makes it 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync() // a key that signed must not be lost with the power
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}
