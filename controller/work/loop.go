package work

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/internal/clock"
)

// A failure is logged from this try on, and then each time the tries have doubled: conflicts and races between loops
// heal within a few.
const loudFrom = 5

// maxDebt is the wall time after which a loop no longer waits to see its own write come back.
const maxDebt = 30 * time.Second

// errBehind ends a sync that would act on a state older than the loop's own last write.
var errBehind = errors.New("waiting to see the last write come back")

// Loop brings the world in line with a key's wishes whenever something that concerns the key has changed: it watches
// informers, queues keys, and calls Sync for each.
type Loop struct {
	Name string
	// Workers is how many keys are worked on at a time; 0 means 5.
	Workers int
	// Sync brings one key in line. Its error means another try; nil means done until something changes.
	Sync func(ctx context.Context, key string) error
	// Start, if set, runs once when the informers have synced, before the first Sync. What it starts it must not
	// wait for.
	Start func(ctx context.Context) error
	// Log hears of failures; nil is slog.Default().
	Log *slog.Logger

	Queue     *Queue
	informers *Informers
	needs     []*Informer
	synced    []<-chan struct{}
	ready     chan struct{}
	err       error

	mu    sync.Mutex
	debts map[string][]debt
}

// debt is a write whose result a loop has still to see.
type debt struct {
	since time.Time // wall time
	paid  func() bool
}

// NewLoop returns a loop with an empty queue. Set Sync before Run.
func NewLoop(name string, c *clock.Clock, informers *Informers) *Loop {
	return &Loop{Name: name, Queue: NewQueue(name, c), informers: informers, ready: make(chan struct{}), debts: map[string][]debt{}}
}

// Watch calls f for each change of what i informs about. See [Informer.Handle].
func (l *Loop) Watch(i *Informer, f func(old, new metav1.Object)) {
	synced, err := i.Handle(f)
	l.err = errors.Join(l.err, err)
	l.needs = append(l.needs, i)
	l.synced = append(l.synced, synced)
}

// WatchKeys queues the key of each object that changes.
func (l *Loop) WatchKeys(i *Informer) {
	l.Watch(i, func(old, new metav1.Object) { l.Queue.Add(Key(Either(old, new))) })
}

// Need has i running and synced before the first Sync, without any handler of this loop.
func (l *Loop) Need(i *Informer) { l.Watch(i, func(old, new metav1.Object) {}) }

// Run starts the informers, waits for their first lists and works until ctx ends.
func (l *Loop) Run(ctx context.Context) error {
	if l.err != nil {
		return l.err
	}
	l.informers.Start(ctx, l.needs...)
	for _, synced := range l.synced {
		select {
		case <-synced:
		case <-ctx.Done():
			return nil
		}
	}
	if l.Start != nil {
		if err := l.Start(ctx); err != nil {
			return err
		}
	}
	close(l.ready)
	workers := l.Workers
	if workers == 0 {
		workers = 5
	}
	return l.Queue.Run(ctx, workers, l.sync, l.complain)
}

// Ready is closed when the loop has started to work. A Loop runs once.
func (l *Loop) Ready() <-chan struct{} { return l.ready }

// Pending lists what the loop has still to do.
func (l *Loop) Pending() []string { return l.Queue.Pending() }

func (l *Loop) sync(ctx context.Context, key string) error {
	if l.indebted(key) {
		return errBehind
	}
	return l.Sync(ctx, key)
}

// Wrote says that Sync of key has created or updated obj (as the server returned it): the next Sync of key waits until
// i has it. So a loop never makes a pod twice because its informer is a moment late.
func (l *Loop) Wrote(key string, i *Informer, obj metav1.Object) {
	l.owe(key, func() bool { return i.Knows(obj) })
}

// Deleted says that Sync of key has deleted obj: the next Sync waits until i has it gone or going.
func (l *Loop) Deleted(key string, i *Informer, obj metav1.Object) {
	name, uid := Key(obj), obj.GetUID()
	l.owe(key, func() bool {
		is, exists, err := i.GetStore().GetByKey(name)
		if err != nil || !exists {
			return true
		}
		o := is.(metav1.Object)
		return o.GetUID() != uid || o.GetDeletionTimestamp() != nil
	})
}

func (l *Loop) owe(key string, paid func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.debts[key] = append(l.debts[key], debt{since: time.Now(), paid: paid})
}

func (l *Loop) indebted(key string) bool {
	l.mu.Lock()
	debts := l.debts[key]
	l.mu.Unlock()
	if len(debts) == 0 {
		return false
	}
	for _, d := range debts {
		if !d.paid() && time.Since(d.since) < maxDebt {
			return true
		}
	}
	l.mu.Lock() // one key is never synced twice at a time: nothing was added meanwhile
	delete(l.debts, key)
	l.mu.Unlock()
	return false
}

func (l *Loop) complain(key string, err error, tries int) {
	if errors.Is(err, errBehind) || tries < loudFrom || tries&(tries-1) != 0 && tries != loudFrom {
		return
	}
	log := l.Log
	if log == nil {
		log = slog.Default()
	}
	log.Warn("control loop fails", "loop", l.Name, "key", key, "tries", tries, "err", err)
}

// Key is namespace/name, or the name alone for what has no namespace.
func Key(obj metav1.Object) string {
	return cache.MetaObjectToName(obj).String()
}

// Split undoes Key.
func Split(key string) (namespace, name string) {
	o, err := cache.ParseObjectName(key)
	if err != nil {
		return "", key
	}
	return o.Namespace, o.Name
}

// Either is the object of a change: as it is, or as it was if it is gone.
func Either(old, new metav1.Object) metav1.Object {
	if new != nil {
		return new
	}
	return old
}

// Gone turns the error of a write to something that does not exist any more, or that changed its identity, into nil.
func Gone(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
