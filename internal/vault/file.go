package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// Open opens the vault that lies in a file, or begins an empty one.
func Open(c Config) (*Vault, error) {
	s := &state{}
	if c.Path != "" {
		data, err := os.ReadFile(c.Path)
		if err == nil {
			if err = json.Unmarshal(data, s); err != nil {
				err = errors.New("the file is damaged") // what is wrong with it may quote a secret
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the vault in %s: %w", c.Path, err)
		}
	}
	if s.Secrets == nil {
		s.Secrets = map[string]secret{}
	}
	if s.Roles == nil {
		s.Roles = map[string]role{}
	}
	if s.Policies == nil {
		s.Policies = map[string]string{}
	}
	if s.Tokens == nil {
		s.Tokens = map[string]ticket{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	v := &Vault{cfg: c}
	v.now.Store(s)
	return v, nil
}

// errFull is that of a change after which there would be too much.
var errFull = fmt.Errorf("the vault is full: it holds %d bytes at most", maxBytes)

// save replaces the file, so that it is never half written.
func (s *state) save(path string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return errors.New("the data cannot be written as JSON")
	}
	if len(data) > maxBytes {
		return errFull
	}
	if path == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".vault-*") // 0600
	if err != nil {
		return fmt.Errorf("write the vault: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the vault: %w", err), os.Remove(f.Name()))
	}
	return nil
}
