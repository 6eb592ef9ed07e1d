package cache

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/btree"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
)

// KindConfig says what a Kind holds.
type KindConfig struct {
	// Name is the resource for messages: "pods", "deployments.apps".
	Name string
	// Prefix is the storage prefix of its keys, one segment below the cache's, with a final slash: "/registry/deployments.apps/".
	Prefix string
	// New makes an empty object; Decode fills it from a body.
	New    func() runtime.Object
	Decode func(body []byte, into runtime.Object) error
	// Fields are the selectable fields of an object, metadata.name and metadata.namespace included.
	Fields func(runtime.Object) fields.Set
	// Hot kinds keep their decoded objects: those that authentication, authorization and admission read.
	Hot bool
	// Window is how many events are kept for watches; 0 means DefaultWindow.
	Window int
}

// DefaultWindow is the number of events that a kind keeps for watches to resume from.
const DefaultWindow = 4096

// Kind is the cache of one kind.
type Kind struct {
	cfg   KindConfig
	cache *Cache

	mu       sync.RWMutex
	byKey    map[string]*Object
	tree     *btree.BTreeG[*Object]
	revision int64 // of the last event applied
	log      window
	held     atomic.Int64 // log.bytes: what the events kept for watches cost

	observers []Observer
}

// Observer is told of every change of a kind, in order, before the write that made it is answered. prev is nil on creation, obj on
// deletion. It must be quick and must not write.
type Observer func(obj, prev *Object)

func newKind(c *Cache, cfg KindConfig) *Kind {
	if cfg.Window == 0 {
		cfg.Window = DefaultWindow
	}
	return &Kind{
		cfg: cfg, cache: c,
		byKey: map[string]*Object{},
		tree:  btree.NewG(32, func(a, b *Object) bool { return a.Key < b.Key }),
		log:   window{limit: cfg.Window, wake: make(chan struct{})},
	}
}

// Observe registers an observer. It is called for all objects that are there already when the cache is filled; register before Run.
func (k *Kind) Observe(o Observer) { k.observers = append(k.observers, o) }

// Get returns one object, or nil.
func (k *Kind) Get(key string) *Object {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.byKey[key]
}

// dropOldest forgets some events, but never the newest one, and returns how many bytes that gave back.
func (k *Kind) dropOldest() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.log.events) < 2 {
		return 0
	}
	freed := k.log.drop()
	k.held.Store(k.log.bytes)
	return freed
}

// Len is the number of objects.
func (k *Kind) Len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.byKey)
}

// Snapshot is the state of a kind at one revision.
type Snapshot struct {
	// Revision is the store's: the snapshot holds all that was written up to it, and nothing later.
	Revision int64
	tree     *btree.BTreeG[*Object]
}

// Snapshot takes the current state; it costs the same for ten objects as for ten thousand.
func (k *Kind) Snapshot() Snapshot {
	applied := k.cache.Revision()
	k.mu.Lock() // Clone marks the tree's nodes as shared, which is a write
	defer k.mu.Unlock()
	return Snapshot{Revision: max(applied, k.revision), tree: k.tree.Clone()}
}

// Each calls f for the objects below prefix with a key greater than after, in order, until f returns false.
func (s Snapshot) Each(prefix, after string, f func(*Object) bool) {
	from := prefix
	if after != "" && after >= from {
		from = after
	}
	s.tree.AscendGreaterOrEqual(&Object{Key: from}, func(o *Object) bool {
		if !strings.HasPrefix(o.Key, prefix) {
			return false
		}
		if after != "" && o.Key <= after {
			return true
		}
		return f(o)
	})
}

// Len is the number of objects in the snapshot.
func (s Snapshot) Len() int { return s.tree.Len() }

// Make returns an object that is not in the cache: the answer to the write that made this revision, which may have been overtaken.
func (k *Kind) Make(key string, value []byte, revision int64, typed runtime.Object) (*Object, error) {
	body, err := stamped(value, revision)
	if err != nil {
		return nil, err
	}
	o := &Object{Key: key, Revision: revision, Body: body, kind: k}
	if typed != nil {
		o.strong.Store(&decoded{typed}) // for as long as the answer takes
	}
	return o, nil
}

// Loose returns an object that was never stored: the answer to a dry run, or the last state of what is gone. body may hold any
// resource version.
func (k *Kind) Loose(key string, body []byte, typed runtime.Object) *Object {
	o := &Object{Key: key, Body: body, kind: k}
	o.strong.Store(&decoded{typed})
	return o
}

// Remember hands the cache the decoded form of an object it holds, which saves decoding it. typed must not be changed any more.
func (k *Kind) Remember(key string, revision int64, typed runtime.Object) {
	if o := k.Get(key); o != nil && o.Revision == revision && k.cfg.Hot {
		o.remember(typed)
	}
}

// fill puts an object in at start, without an event.
func (k *Kind) fill(key string, value []byte, revision int64) error {
	body, err := stamped(value, revision)
	if err != nil {
		return err
	}
	o := &Object{Key: key, Revision: revision, Body: body, kind: k}
	k.mu.Lock()
	k.byKey[key] = o
	k.tree.ReplaceOrInsert(o)
	k.mu.Unlock()
	for _, f := range k.observers {
		f(o, nil)
	}
	return nil
}

// apply makes an event of the store visible.
func (k *Kind) apply(key string, value []byte, revision int64, deleted bool) error {
	ev := &Event{Revision: revision}
	k.mu.RLock()
	prev := k.byKey[key]
	k.mu.RUnlock()
	if deleted {
		if prev == nil {
			return nil
		}
		// The last state, under the revision of its deletion (API-126).
		body, err := restamped(prev.Body, prev.Revision, revision)
		if err != nil {
			return err
		}
		last := &Object{Key: key, Revision: revision, Body: body, kind: k}
		ev.Type, ev.Object, ev.Prev = Deleted, last, prev
	} else {
		body, err := stamped(value, revision)
		if err != nil {
			return err
		}
		o := &Object{Key: key, Revision: revision, Body: body, kind: k}
		ev.Type, ev.Object, ev.Prev = Modified, o, prev
		if prev == nil {
			ev.Type = Added
		}
	}
	for _, f := range k.observers {
		if deleted {
			f(nil, prev)
		} else {
			f(ev.Object, prev)
		}
	}
	k.mu.Lock()
	if deleted {
		delete(k.byKey, key)
		k.tree.Delete(prev)
	} else {
		k.byKey[key] = ev.Object
		k.tree.ReplaceOrInsert(ev.Object)
	}
	k.revision = revision
	wake := k.log.append(ev)
	k.held.Store(k.log.bytes)
	k.mu.Unlock()
	close(wake)
	return nil
}
