//go:build !linux

package bolt

// letGo does nothing here: whether a mapping can be let go of while it is read
// differs from one system to the next.
func (s *Store) letGo() {}
