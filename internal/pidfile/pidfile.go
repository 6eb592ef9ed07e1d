// Package pidfile says which process uses a data directory.
//
// The process holds a lock of the operating system on a file with its number in
// it. The lock ends with the process, however it ends, so a number left behind
// by a crash never misleads: without the lock it means nothing.
package pidfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// File is a taken lock.
type File struct{ file *os.File }

// InUse is the error of Take if another process has the lock.
type InUse struct {
	// PID is that process; 0 if its number could not be read.
	PID int
}

// Error says who has it.
func (e InUse) Error() string { return "in use by process " + strconv.Itoa(e.PID) }

// errHeld is what lock returns if another process has the lock.
var errHeld = errors.New("lock is held")

// Take locks the file, which is made if it is missing, and writes this process's
// number into it. If another process has it, the error is InUse.
func Take(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening pid file: %w", err)
	}
	if err := lock(f); err != nil {
		defer f.Close()
		if errors.Is(err, errHeld) {
			return nil, InUse{PID: read(f)}
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return &File{f}, nil
}

// Release gives the lock back. The file stays: removing it would let two
// processes lock two files of one name.
func (f *File) Release() error {
	_ = f.file.Truncate(0) // only the lock counts; the number is for people
	return f.file.Close()
}

// Owner returns the process that has the lock, and whether one has.
func Owner(path string) (pid int, held bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("opening pid file: %w", err)
	}
	defer f.Close() // gives back a lock that was taken
	err = lock(f)
	if errors.Is(err, errHeld) {
		return read(f), true, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("locking %s: %w", path, err)
	}
	return 0, false, nil
}

func read(f *os.File) int {
	content := make([]byte, 20)
	n, err := f.ReadAt(content, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content[:n])))
	if err != nil {
		return 0
	}
	return pid
}
