package storage

import (
	"errors"
	"fmt"
)

// What a Store can answer besides success. They arrive wrapped in an *Error
// that names the operation and the key: test with errors.Is.
var (
	// ErrNotFound: there is no entry under the key.
	ErrNotFound = errors.New("not found")
	// ErrExists: Create found an entry under the key.
	ErrExists = errors.New("exists already")
	// ErrConflict: the entry's revision is not the one the caller named.
	ErrConflict = errors.New("changed since the revision named")
	// ErrCompacted: the revision asked for has been compacted away.
	ErrCompacted = errors.New("revision has been compacted")
	// ErrFuture: the store has not reached the revision asked for.
	ErrFuture = errors.New("revision has not been reached yet")
	// ErrClosed: the store has been closed.
	ErrClosed = errors.New("store is closed")
	// ErrKey: the key is empty or longer than MaxKey.
	ErrKey = errors.New("key is empty or too long")
	// ErrValue: the value is longer than MaxValue.
	ErrValue = errors.New("value is too long")
	// ErrInUse: another process has the database open.
	ErrInUse = errors.New("in use by another process")
	// ErrDamaged: what is stored cannot be what the store wrote, or it is
	// not a database of this kind at all. The error itself says which.
	ErrDamaged = errors.New("damaged")
)

// Damaged returns an error that is ErrDamaged and says only why.
func Damaged(format string, args ...any) error {
	return damage(fmt.Sprintf(format, args...))
}

type damage string

func (d damage) Error() string        { return string(d) }
func (d damage) Is(target error) bool { return target == ErrDamaged }

// Error says what was attempted, and on which key or file.
type Error struct {
	Op  string // "create", "update", "delete", "get", "list", "watch", "compact", "snapshot", "restore", "open"
	Key string // the key, the prefix or the file; may be empty
	Err error
}

func (e *Error) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("storage: %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("storage: %s %s: %v", e.Op, e.Key, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Wrap returns err as an *Error, and nil for nil.
func Wrap(op, key string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Key: key, Err: err}
}
