package work

import (
	"context"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// Informers is a set of shared informers by name, each made and started once. The zero value is ready.
type Informers struct {
	mu   sync.Mutex
	all  map[string]*Informer
	list []*Informer
	wait sync.WaitGroup
}

// Informer is a shared informer that knows how far each of its handlers has come. Between the moment an informer has
// taken in an event and the moment its handlers have seen it lies a buffer; a cluster is not quiet while something is
// in it.
type Informer struct {
	cache.SharedIndexInformer
	Name string

	arrived versionMark // newest object taken in from the server
	known   versionMark // newest object in the store that a handler was told of

	mu       sync.Mutex
	handlers []*versionMark // newest object each handler is done with
	started  bool
}

// versionMark holds the highest resource version seen. Versions are increasing integers (API-83).
type versionMark struct{ v atomic.Uint64 }

func (m *versionMark) raise(v uint64) {
	for {
		old := m.v.Load()
		if v <= old || m.v.CompareAndSwap(old, v) {
			return
		}
	}
}

func version(obj metav1.Object) uint64 {
	var v uint64
	for _, c := range []byte(obj.GetResourceVersion()) {
		if c < '0' || c > '9' {
			return 0
		}
		v = v*10 + uint64(c-'0')
	}
	return v
}

// Get returns the informer called name, making it by build the first time. Managed fields are dropped from what it
// holds: no loop reads them.
func (s *Informers) Get(name string, build func() cache.SharedIndexInformer) *Informer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.all[name]; i != nil {
		return i
	}
	i := &Informer{SharedIndexInformer: build(), Name: name}
	// The only error is an informer that already runs, which a new one does not.
	_ = i.SetTransform(func(obj any) (any, error) {
		if o, err := meta.Accessor(obj); err == nil {
			o.SetManagedFields(nil)
			i.arrived.raise(version(o))
		}
		return obj, nil
	})
	if s.all == nil {
		s.all = map[string]*Informer{}
	}
	s.all[name] = i
	s.list = append(s.list, i)
	return i
}

// Find returns the informer called name, or nil.
func (s *Informers) Find(name string) *Informer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[name]
}

// All lists the informers in the order in which they were first asked for.
func (s *Informers) All() []*Informer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Informer(nil), s.list...)
}

// Start runs those of the given informers that do not run yet, until ctx ends. The first starter's ctx counts.
func (s *Informers) Start(ctx context.Context, informers ...*Informer) {
	for _, i := range informers {
		i.mu.Lock()
		if !i.started {
			i.started = true
			s.wait.Go(func() { i.RunWithContext(ctx) })
		}
		i.mu.Unlock()
	}
}

// Wait waits until all informers that were started have stopped.
func (s *Informers) Wait() { s.wait.Wait() }

// Handle calls f for each change: old is nil for an added object, new for a deleted one. Calls of one f come one after
// another; f must be quick. The result is closed when all objects of the first list have been handed to f.
func (i *Informer) Handle(f func(old, new metav1.Object)) (synced <-chan struct{}, err error) {
	mark := &versionMark{}
	mark.v.Store(i.arrived.v.Load())
	tell := func(old, new metav1.Object) {
		is := new
		if is == nil {
			is = old
		}
		v := version(is)
		i.known.raise(v)
		f(old, new)
		mark.raise(v)
	}
	r, err := i.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			if o, ok := obj.(metav1.Object); ok {
				tell(nil, o)
			}
		},
		UpdateFunc: func(was, is any) {
			old, ok1 := was.(metav1.Object)
			o, ok2 := is.(metav1.Object)
			if ok1 && ok2 {
				tell(old, o)
			}
		},
		DeleteFunc: func(obj any) {
			if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = gone.Obj
			}
			if o, ok := obj.(metav1.Object); ok {
				tell(o, nil)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	i.handlers = append(i.handlers, mark)
	i.mu.Unlock()
	return r.HasSyncedChecker().Done(), nil
}

// Behind says whether a handler has still to see something that has arrived.
func (i *Informer) Behind() bool {
	arrived := i.arrived.v.Load()
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, h := range i.handlers {
		if h.v.Load() < arrived {
			return true
		}
	}
	return false
}

// Knows says whether the store holds obj, or something that came later.
func (i *Informer) Knows(obj metav1.Object) bool { return i.known.v.Load() >= version(obj) }
