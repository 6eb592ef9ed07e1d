package story

import (
	"encoding/json"
	"sync"
)

// Change is what admission made of an object. What differs is worked out when somebody asks, and once.
type Change struct {
	before, after any
	size          int

	once  sync.Once
	edits []Edit
	cut   bool
}

// keptWhole bounds the two objects that a Change may keep; of larger ones it keeps the differences only.
const keptWhole = 32 << 10

// NewChange compares two objects that nobody changes any more; both are encoded as JSON. size is about what they take in bytes together.
func NewChange(before, after any, size int) *Change {
	c := &Change{before: before, after: after, size: size}
	if size > keptWhole {
		c.size = MaxDiff
		c.Edits()
	}
	return c
}

// Edits lists what differs, by path, cut at MaxDiff bytes; cut says whether something is missing.
func (c *Change) Edits() (edits []Edit, cut bool) {
	c.once.Do(func() {
		before, after := tree(c.before), tree(c.after)
		c.before, c.after = nil, nil
		c.edits, c.cut = Diff(before, after)
	})
	return c.edits, c.cut
}

// tree is an object as JSON sees it.
func tree(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(b, &out) != nil {
		return nil
	}
	return out
}
