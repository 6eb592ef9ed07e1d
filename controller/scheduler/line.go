package scheduler

import (
	"cmp"
	"container/heap"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// line is where every pod without a node stands: waiting to be decided on, decided and being bound,
// parked because it fits nowhere, or pausing after a write that failed.
type line struct {
	mu      sync.Mutex
	all     map[types.UID]*place
	waiting places
	seq     int
	news    chan struct{} // holds one token when somebody waits
}

type stand int8

const (
	waiting stand = iota
	binding
	parked
	pausing
)

type place struct {
	pod   *pod
	stand stand
	seq   int // order of arrival
	index int // in line.waiting
	again bool
	moved bool          // the cluster changed while it was decided on
	pause time.Duration // the last one
	timer *time.Timer   // of a pausing pod
}

func newLine() *line {
	return &line{all: map[types.UID]*place{}, news: make(chan struct{}, 1)}
}

// add puts a pod up for decision, with its newest object.
func (l *line) add(p *pod) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.all[p.uid]
	if at == nil {
		l.seq++
		at = &place{seq: l.seq, stand: parked}
		l.all[p.uid] = at
	}
	at.pod = p
	switch at.stand {
	case waiting:
		heap.Fix(&l.waiting, at.index)
	case binding:
		at.again = true
	case parked:
		l.wait(at)
	}
}

// wait lets a place stand in the queue; l.mu is held.
func (l *line) wait(at *place) {
	at.stand, at.again, at.moved = waiting, false, false
	heap.Push(&l.waiting, at)
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// next takes the pod of the highest priority, the longest waiting of those, or nil.
func (l *line) next() *pod {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return nil
	}
	at := heap.Pop(&l.waiting).(*place)
	at.stand = binding
	return at.pod
}

// park sets a pod aside that fits nowhere, unless something has changed since it was taken.
func (l *line) park(uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.all[uid]
	switch {
	case at == nil || at.stand != binding:
	case at.again || at.moved:
		l.wait(at)
	default:
		at.stand = parked
	}
}

// unpark puts all parked pods up again: a node or its load has changed.
func (l *line) unpark() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.all {
		switch at.stand {
		case parked:
			l.wait(at)
		case binding:
			at.moved = true
		}
	}
}

// retry puts a pod up again after a pause that grows with each failure, in wall time: the server was
// away or busy.
func (l *line) retry(uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.all[uid]
	if at == nil || at.stand != binding {
		return
	}
	at.stand = pausing
	at.pause = min(max(2*at.pause, 50*time.Millisecond), 10*time.Second)
	at.timer = time.AfterFunc(at.pause, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if at.stand == pausing && l.all[uid] == at {
			l.wait(at)
		}
	})
}

// drop forgets a pod that needs no node any more.
func (l *line) drop(uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.all[uid]
	if at == nil {
		return
	}
	delete(l.all, uid)
	if at.stand == waiting {
		heap.Remove(&l.waiting, at.index)
	}
	if at.timer != nil {
		at.timer.Stop()
	}
}

// pending lists the pods something is going on about. Parked ones are not among them.
func (l *line) pending() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, at := range l.all {
		if at.stand != parked {
			out = append(out, at.pod.key())
		}
	}
	return out
}

// places is a heap for container/heap.
type places []*place

func (p places) Len() int { return len(p) }
func (p places) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(p[j].pod.priority, p[i].pod.priority), cmp.Compare(p[i].seq, p[j].seq)) < 0
}
func (p places) Swap(i, j int) { p[i], p[j] = p[j], p[i]; p[i].index, p[j].index = i, j }
func (p *places) Push(x any)   { at := x.(*place); at.index = len(*p); *p = append(*p, at) }
func (p *places) Pop() any {
	old := *p
	at := old[len(old)-1]
	old[len(old)-1] = nil
	*p = old[:len(old)-1]
	return at
}
