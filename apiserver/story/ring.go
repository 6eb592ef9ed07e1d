package story

import (
	"sync"
)

// Limits of each of a Ring's two parts.
const (
	MaxRecords = 2000
	MaxBytes   = 8 << 20
)

// Ring keeps the newest records. The zero value is ready.
type Ring struct {
	mu     sync.Mutex
	last   int64
	people part
	system part
	// listeners are called for each record of people and pods.
	listeners map[int]func(*Record)
	nextID    int
}

// part is one bounded list, oldest first.
type part struct {
	records []*Record
	bytes   int
}

func (p *part) add(r *Record) {
	r.weight = r.cost()
	p.records = append(p.records, r)
	p.bytes += r.weight
	n := 0
	for len(p.records)-n > MaxRecords || (p.bytes > MaxBytes && len(p.records)-n > 1) {
		p.bytes -= p.records[n].weight
		p.records[n] = nil
		n++
	}
	p.records = p.records[n:]
}

// Add numbers a record and keeps it.
func (g *Ring) Add(r *Record) {
	g.mu.Lock()
	g.last++
	r.Number = g.last
	if r.System {
		g.system.add(r)
	} else {
		g.people.add(r)
	}
	var tell []func(*Record)
	if !r.System {
		for _, f := range g.listeners {
			tell = append(tell, f)
		}
	}
	g.mu.Unlock()
	for _, f := range tell {
		f(r)
	}
}

// Listen calls f for each record of people and pods until stop is called. f must be quick.
func (g *Ring) Listen(f func(*Record)) (stop func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listeners == nil {
		g.listeners = map[int]func(*Record){}
	}
	id := g.nextID
	g.nextID++
	g.listeners[id] = f
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.listeners, id)
	}
}

// Newest returns up to n records for which keep is true, newest first; system says whether those of components count.
func (g *Ring) Newest(n int, system bool, keep func(*Record) bool) []*Record {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []*Record
	a, b := g.people.records, []*Record(nil)
	if system {
		b = g.system.records
	}
	for len(out) < n && (len(a) > 0 || len(b) > 0) {
		var r *Record
		if len(b) == 0 || len(a) > 0 && a[len(a)-1].Number > b[len(b)-1].Number {
			r, a = a[len(a)-1], a[:len(a)-1]
		} else {
			r, b = b[len(b)-1], b[:len(b)-1]
		}
		if keep == nil || keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// Find returns a record by number or, if number is 0, by Audit-Id; nil if it is not kept (any more).
func (g *Ring) Find(number int64, auditID string) *Record {
	match := func(r *Record) bool { return r.Number == number }
	if number == 0 {
		match = func(r *Record) bool { return r.AuditID == auditID }
	}
	if found := g.Newest(1, true, match); len(found) > 0 {
		return found[0]
	}
	return nil
}
