package storage

import (
	"context"
	"io"
)

// FirstRevision is the revision of an empty store; the first write takes the
// next one.
const FirstRevision int64 = 1

// The lengths in bytes of the longest key and the longest value.
const (
	MaxKey   = 4096
	MaxValue = 16 << 20
)

// Entry is what is stored under a key.
type Entry struct {
	Key            string
	Value          []byte
	Revision       int64 // of the last write
	CreateRevision int64 // of the write that created it
}

// ListOptions narrow a List. The zero value asks for everything, as of now.
type ListOptions struct {
	Revision int64  // show the store as it stood at this revision; 0 is now
	After    string // start behind this key (exclusive)
	Limit    int    // at most so many entries; 0 is all
}

// Page is the answer of a List: entries in the order of their keys' bytes.
type Page struct {
	Entries   []Entry
	Revision  int64 // the one revision all of it was read at; never 0
	More      bool  // there are entries behind the last one
	Remaining int64 // how many
}

// EventType says what a write did.
type EventType uint8

// The types of events. A Put with PrevRevision 0 created the entry.
const (
	Put EventType = iota + 1
	Delete
)

func (t EventType) String() string {
	switch t {
	case Put:
		return "put"
	case Delete:
		return "delete"
	}
	return "unknown"
}

// Event is one write, as a watch tells it.
type Event struct {
	Type         EventType
	Key          string
	Value        []byte // nil for Delete
	PrevValue    []byte // what the write replaced; nil if it created the entry
	Revision     int64  // of this write
	PrevRevision int64  // of the write before it; 0 if this one created the entry
}

// Store keeps revisioned bytes. It is safe for concurrent use. Errors wrap the
// sentinels of this package together with operation and key; a call whose
// context has ended answers with the context's error, and any call after Close
// with ErrClosed.
//
// A write that returned nil is durable (as far as the backend keeps anything)
// and visible to every Get, List and Watch that follows. A write whose context
// ends while it waits has not happened; once the backend has begun to commit
// it, its real outcome is waited for and returned. Backends reached over a
// network cannot promise that and say so.
type Store interface {
	// Get returns the entry under key, or ErrNotFound.
	Get(ctx context.Context, key string) (Entry, error)

	// List returns the entries whose keys begin with prefix, all as of one
	// revision. ErrCompacted and ErrFuture answer a revision the store has
	// no longer or not yet.
	List(ctx context.Context, prefix string, o ListOptions) (Page, error)

	// Create stores a new entry and returns its revision, or ErrExists.
	Create(ctx context.Context, key string, value []byte) (int64, error)

	// Update replaces an entry whose revision is still the one named, and
	// returns its new revision. ErrNotFound, ErrConflict.
	Update(ctx context.Context, key string, value []byte, revision int64) (int64, error)

	// Delete removes an entry whose revision is still the one named, and
	// returns the revision of the removal. ErrNotFound, ErrConflict.
	Delete(ctx context.Context, key string, revision int64) (int64, error)

	// Watch sends every write to keys that begin with prefix and with a
	// revision above after: each once, in order, none left out, in batches.
	// A write's event is on its way before the write returns. A reader may
	// be as slow as it likes: writers never wait for it, and compaction
	// leaves what it has still to read. The channel is closed when ctx ends
	// or the store is closed (or cannot be read any more). ErrCompacted if
	// after lies before the compacted revision, ErrFuture if the store has
	// not reached it.
	Watch(ctx context.Context, prefix string, after int64) (<-chan []Event, error)

	// Revision returns the revision of the last write.
	Revision(ctx context.Context) (int64, error)

	// Compact forgets the past before revision: what was replaced or
	// removed by then. The store as it stood at revision can still be read,
	// and Watch may still begin after it. Compacting what is compacted
	// already does nothing. ErrFuture.
	Compact(ctx context.Context, revision int64) error

	// Snapshot writes the store as of one revision, which it returns, in
	// the format that every backend's Restore reads. It holds the entries
	// and their revisions and no past. Writers go on meanwhile.
	Snapshot(ctx context.Context, w io.Writer) (int64, error)

	// Close ends all watches, waits for the writes that have begun and
	// releases what the store holds. A second Close does nothing.
	Close() error
}

// CheckKey returns ErrKey for a key that no backend takes.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return ErrKey
	}
	return nil
}

// CheckValue returns ErrValue for a value that no backend takes.
func CheckValue(value []byte) error {
	if len(value) > MaxValue {
		return ErrValue
	}
	return nil
}
