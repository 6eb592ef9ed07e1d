package registry

import (
	"context"
	"fmt"
	"time"
)

// Compaction says how much of the past is kept. All of it is wall time: clients that read page by page know no other.
type Compaction struct {
	// Keep is for how long a past revision can be read: lists at a revision, and continue tokens. 0 keeps everything, which is for
	// stores that somebody else looks after.
	Keep time.Duration
	// Every is how often the past is looked at; 0 means a tenth of Keep.
	Every time.Duration
	// Most is how many revisions are kept at most, however young; 0 means DefaultMost.
	Most int64
	// Failed hears of a compaction that did not succeed; it is tried again with the next. Nil: nobody.
	Failed func(error)
}

// DefaultMost bounds the past of a cluster whose clock is moved: years of it may be written in a minute.
const DefaultMost = 200_000

// Compact forgets the past as it gets old, until the context ends. Its error is always nil: a cluster can live with its past.
func (r *Registry) Compact(ctx context.Context, c Compaction) error {
	if c.Keep <= 0 {
		return nil
	}
	if c.Every <= 0 {
		c.Every = max(c.Keep/10, time.Millisecond)
	}
	if c.Most <= 0 {
		c.Most = DefaultMost
	}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	past := history{compaction: c}
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			revision := past.forget(now, r.cache.Revision())
			if revision == 0 {
				continue
			}
			err := r.backend.Compact(ctx, revision)
			if err != nil && ctx.Err() == nil && c.Failed != nil {
				c.Failed(fmt.Errorf("compact the store to revision %d: %w", revision, err))
			}
		}
	}
}

// history remembers which revision there was when.
type history struct {
	compaction Compaction
	marks      []mark
	done       int64
}

type mark struct {
	at       time.Time
	revision int64
}

// forget notes the present revision and returns the one up to which the past is too old, or 0 if there is nothing new to forget.
func (h *history) forget(now time.Time, revision int64) int64 {
	h.marks = append(h.marks, mark{now, revision})
	old := int64(0)
	for len(h.marks) > 1 && now.Sub(h.marks[0].at) >= h.compaction.Keep {
		old = h.marks[0].revision
		h.marks = h.marks[1:]
	}
	old = max(old, revision-h.compaction.Most)
	if old <= h.done {
		return 0
	}
	h.done = old
	return old
}
