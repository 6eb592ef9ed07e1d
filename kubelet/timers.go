package kubelet

import (
	"time"

	"github.com/kubemint/kubemint/internal/clock"
)

// timer is one deadline of a pod, set by a clock that was off by skew.
type timer struct {
	wish
	set  *clock.Deadline
	skew time.Duration
}

// due is its moment in the cluster's time.
func (t *timer) due() time.Time { return t.at.Add(-t.skew) }

// wish is one deadline of a pod, wanted.
type wish struct {
	kind    clock.Kind
	at      time.Time
	planned bool   // a moment of the pod's schedule of syncs
	token   string // the file of the token that is then renewed, or asked for again
}

func (w wish) same(o wish) bool { return w.kind == o.kind && w.at.Equal(o.at) && w.token == o.token }

// plan brings the pod's deadlines in line with what is wanted: each wakes the pod's worker. Those
// that already stand are left alone, so that people see a steady picture of what comes next.
func (k *Kubelet) plan(p *pod, wishes []wish) {
	p.wishes, p.planned = wishes, time.Time{}
	k.mu.Lock()
	old := p.timers
	p.timers = nil
	k.mu.Unlock()
	now, skew := k.now(), k.clock.Skew()
	var kept []timer
	for _, w := range wishes {
		if w.planned && (p.planned.IsZero() || w.at.Before(p.planned)) {
			p.planned = w.at
		}
		if has(kept, w) {
			continue
		}
		t := timer{wish: w, skew: skew}
		for i := range old {
			if o := &old[i]; o.set != nil && o.same(w) && o.skew == skew && w.at.After(now) {
				t.set, o.set = o.set, nil
				break
			}
		}
		if t.set == nil {
			t.set = k.clock.Deadline(w.kind, p.what(), w.at, func() { k.wake(p, reasonSync) })
		}
		kept = append(kept, t)
	}
	for _, o := range old {
		if o.set != nil {
			o.set.Stop()
		}
	}
	k.mu.Lock()
	p.timers = kept
	k.mu.Unlock()
}

func has(ts []timer, w wish) bool {
	for _, t := range ts {
		if t.same(w) {
			return true
		}
	}
	return false
}

// stopDeadlines takes back what a stopped kubelet would be woken for.
func (k *Kubelet) stopDeadlines() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pods {
		for _, t := range p.timers {
			t.set.Stop()
		}
		p.timers = nil
		if p.graceEnd != nil {
			p.graceEnd.Stop()
		}
	}
}
