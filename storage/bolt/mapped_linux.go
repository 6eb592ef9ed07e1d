package bolt

import (
	"os"
	"syscall"
)

// letGo takes what is mapped of the database out of this process's memory. It
// stays in the kernel's, from where the next use maps it again; most of it is not
// used again, since those who ask often have caches of their own.
func (s *Store) letGo() {
	tx, err := s.db.Begin(false) // while it lasts, the file is not mapped elsewhere
	if err != nil {
		return
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	page := int64(os.Getpagesize())
	length := (tx.Size() + page - 1) / page * page
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, s.db.Info().Data, uintptr(length), syscall.MADV_DONTNEED)
}
