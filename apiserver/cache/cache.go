package cache

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kubemint/kubemint/storage"
)

// Cache follows a store.
type Cache struct {
	store  storage.Store
	prefix string
	kinds  map[string]*Kind // by the part of the key between prefix and the next slash
	budget int64            // of all windows together, in bytes

	applied atomic.Int64
	mu      sync.Mutex
	waiting chan struct{} // closed when applied moves on
	failed  error
}

// DefaultBudget is how many bytes the events of all kinds together may hold on to.
const DefaultBudget = 16 << 20

// New returns a cache of what the store holds below prefix ("/registry/"). Add kinds, then Fill, then Run.
func New(store storage.Store, prefix string) *Cache {
	return &Cache{store: store, prefix: prefix, kinds: map[string]*Kind{}, budget: DefaultBudget, waiting: make(chan struct{})}
}

// SetBudget replaces DefaultBudget. Call it before Run.
func (c *Cache) SetBudget(bytes int64) { c.budget = bytes }

// Add registers a kind.
func (c *Cache) Add(cfg KindConfig) *Kind {
	k := newKind(c, cfg)
	c.kinds[strings.TrimSuffix(strings.TrimPrefix(cfg.Prefix, c.prefix), "/")] = k
	return k
}

// Revision is the revision up to which everything has been applied.
func (c *Cache) Revision() int64 { return c.applied.Load() }

// Fill reads the store's present content. It must return before Run is called.
func (c *Cache) Fill(ctx context.Context) error {
	page, err := c.store.List(ctx, c.prefix, storage.ListOptions{})
	if err != nil {
		return fmt.Errorf("fill the cache: %w", err)
	}
	for _, e := range page.Entries {
		k, key := c.find(e.Key)
		if k == nil {
			continue // a kind this version does not serve: left alone
		}
		if err := k.fill(key, e.Value, e.Revision); err != nil {
			return fmt.Errorf("%s: %w", e.Key, err)
		}
	}
	for _, k := range c.kinds {
		k.mu.Lock()
		k.log.floor = page.Revision
		k.revision = page.Revision
		k.mu.Unlock()
	}
	c.applied.Store(page.Revision)
	return nil
}

// Run applies the store's events until the context ends or the store fails.
func (c *Cache) Run(ctx context.Context) error {
	events, err := c.store.Watch(ctx, c.prefix, c.Revision())
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return c.fail(fmt.Errorf("watch the store: %w", err))
	}
	for batch := range events {
		for _, e := range batch {
			k, key := c.find(e.Key)
			if k == nil {
				continue
			}
			if err := k.apply(key, e.Value, e.Revision, e.Type == storage.Delete); err != nil {
				return c.fail(fmt.Errorf("apply revision %d of %s: %w", e.Revision, e.Key, err))
			}
		}
		c.trim()
		if len(batch) > 0 {
			c.advance(batch[len(batch)-1].Revision)
		}
	}
	if ctx.Err() == nil {
		return c.fail(fmt.Errorf("the store ended its event stream"))
	}
	return nil
}

// trim keeps the windows within the budget: the kind that holds most gives first. Watchers that are still behind what is dropped are
// told to list again. Only Run calls it.
func (c *Cache) trim() {
	total := int64(0)
	for _, k := range c.kinds {
		total += k.held.Load()
	}
	if total <= c.budget {
		return
	}
	kinds := slices.Collect(maps.Values(c.kinds))
	for total > c.budget && len(kinds) > 0 {
		most := slices.MaxFunc(kinds, func(a, b *Kind) int { return cmp.Compare(a.held.Load(), b.held.Load()) })
		freed := most.dropOldest()
		if freed == 0 { // it has but one event left
			kinds = slices.DeleteFunc(kinds, func(k *Kind) bool { return k == most })
		}
		total -= freed
	}
}

func (c *Cache) advance(revision int64) {
	c.applied.Store(revision)
	c.mu.Lock()
	old := c.waiting
	c.waiting = make(chan struct{})
	c.mu.Unlock()
	close(old)
}

func (c *Cache) fail(err error) error {
	c.mu.Lock()
	c.failed = err
	old := c.waiting
	c.waiting = make(chan struct{})
	c.mu.Unlock()
	close(old)
	return err
}

// Wait blocks until a revision has been applied.
func (c *Cache) Wait(ctx context.Context, revision int64) error {
	for {
		if c.applied.Load() >= revision {
			return nil
		}
		c.mu.Lock()
		ch, err := c.waiting, c.failed
		c.mu.Unlock()
		if err != nil {
			return err
		}
		if c.applied.Load() >= revision {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return fmt.Errorf("wait for revision %d: %w", revision, ctx.Err())
		}
	}
}

// Nudge makes every cursor return with a bookmark at the present revision: how `clock advance` learns that informers have seen all.
func (c *Cache) Nudge() {
	for _, k := range c.kinds {
		k.mu.Lock()
		k.log.nudge++
		wake := k.log.rearm()
		k.mu.Unlock()
		close(wake)
	}
}

// find returns the kind of a storage key and the rest of the key.
func (c *Cache) find(key string) (*Kind, string) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(key, c.prefix), "/")
	if !ok {
		return nil, ""
	}
	return c.kinds[name], rest
}
