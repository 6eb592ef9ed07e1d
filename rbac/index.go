package rbac

import (
	"sync"
	"sync/atomic"
)

// Index holds the current policy. Set and Delete replace it, Snapshot reads it without a lock; all may be called
// concurrently.
type Index struct {
	mu      sync.Mutex // held by writers
	current atomic.Pointer[Policy]
}

// NewIndex returns an index without roles and bindings: it allows nothing.
func NewIndex() *Index {
	empty, _ := NewPolicy() // no objects, hence no error
	x := &Index{}
	x.current.Store(empty)
	return x
}

// Set adds or replaces objects (pointers to the four rbacv1 kinds), which must not be changed afterwards. They come into
// force together before Set returns. On an object of another type nothing changes and an error is returned.
func (x *Index) Set(objects ...any) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	next, err := x.current.Load().With(objects...)
	if err != nil {
		return err
	}
	x.current.Store(next)
	return nil
}

// Delete takes an object out; one that is not there is passed over.
func (x *Index) Delete(kind, namespace, name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.current.Store(x.current.Load().Without(Ref{Kind: kind, Namespace: namespace, Name: name}))
}

// Snapshot returns the policy in force now. It costs nothing and never changes.
func (x *Index) Snapshot() *Policy { return x.current.Load() }
