package container

import (
	"bytes"
	"sync"
)

// Bounded keeps the first Max bytes of what is written to it and drops the rest, as the output of a command whose end alone matters.
// It may be written to and read concurrently.
type Bounded struct {
	Max int // bytes

	mu   sync.Mutex
	kept bytes.Buffer
}

// Write never fails.
func (b *Bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept.Write(p[:min(len(p), max(b.Max-b.kept.Len(), 0))])
	return len(p), nil
}

func (b *Bounded) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept.String()
}
