package admission

import (
	"context"
	"math"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/internal/quota"
)

// ledger is what is known of the charges of one namespace beyond the figures in its quotas. A figure that this plugin itself wrote
// last holds every charge, and perhaps some that came to nothing; one that somebody else wrote may lack a charge whose object was not
// stored yet when they counted. So figures of others are counted anew, with the charges that are under way.
type ledger struct {
	mu       sync.Mutex
	versions map[types.UID]string // the resource version in which the plugin left a quota
	underWay map[*charge]struct{}
	open     bool // somebody writes in it; ledgers.mu guards it
}

// ledgers holds one ledger a namespace that has, or had, quotas.
type ledgers struct {
	mu    sync.Mutex
	all   map[string]*ledger
	sweep int // how many there are when it is time to look which are not needed any more
}

// fewLedgers are not worth a look.
const fewLedgers = 16

// open returns the ledger of a namespace, which nobody else has open. Those of namespaces that are gone, or not limited any more, are
// forgotten now and then, when a new one is made.
func (l *ledgers) open(namespace string, limited func(namespace string) bool) *ledger {
	l.mu.Lock()
	if l.all == nil {
		l.all, l.sweep = map[string]*ledger{}, fewLedgers
	}
	is := l.all[namespace]
	if is == nil {
		is = &ledger{versions: map[types.UID]string{}, underWay: map[*charge]struct{}{}}
		l.all[namespace] = is
	}
	is.open = true
	var closed []string
	full := len(l.all) > l.sweep
	if full {
		for name, other := range l.all {
			if !other.open {
				closed = append(closed, name)
			}
		}
		l.sweep = math.MaxInt // others need not look as well
	}
	l.mu.Unlock()
	if full {
		l.forget(slices.DeleteFunc(closed, limited))
	}
	return is
}

// forget drops the ledgers of namespaces without quotas that nobody writes in and in which nothing is under way.
func (l *ledgers) forget(namespaces []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range namespaces {
		if is := l.all[name]; is != nil && !is.open && len(is.charges()) == 0 {
			delete(l.all, name)
		}
	}
	l.sweep = max(fewLedgers, 2*len(l.all))
}

// close ends what open began, and forgets a ledger with nothing in it: the namespace has no quotas any more.
func (l *ledgers) close(namespace string, is *ledger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	is.open = false
	is.mu.Lock()
	defer is.mu.Unlock()
	if len(is.versions) == 0 && len(is.underWay) == 0 {
		delete(l.all, namespace)
	}
}

// keep forgets quotas that are gone.
func (l *ledger) keep(quotas []*corev1.ResourceQuota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.versions) <= len(quotas) {
		return
	}
	kept := map[types.UID]string{}
	for _, q := range quotas {
		if v, ok := l.versions[q.UID]; ok {
			kept[q.UID] = v
		}
	}
	l.versions = kept
}

// wrote says that a quota is as the plugin left it, and limits what it did then.
func (l *ledger) wrote(q *corev1.ResourceQuota) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.versions[q.UID] == q.ResourceVersion && quota.Equal(q.Spec.Hard, q.Status.Hard)
}

func (l *ledger) note(q *corev1.ResourceQuota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.versions[q.UID] = q.ResourceVersion
}

// distrust has the quotas counted anew that charged a request which was then refused.
func (l *ledger) distrust(c *charge) {
	if len(c.paid) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.versions)
}

// enter notes that charged requests are under way; settle, that one has come to its end.
func (l *ledger) enter(batch []*charge) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range batch {
		if c.err == nil && len(c.paid) > 0 {
			c.ledger, l.underWay[c] = l, struct{}{}
		}
	}
}

func (l *ledger) settle(c *charge) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.underWay, c)
}

// charges lists the charges under way.
func (l *ledger) charges() []*charge {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*charge, 0, len(l.underWay))
	for c := range l.underWay {
		all = append(all, c)
	}
	return all
}

// account is one quota while a batch is looked at.
type account struct {
	quota      *corev1.ResourceQuota
	hard, used corev1.ResourceList
	exact      bool                            // used was counted, not read
	taken      map[*charge]corev1.ResourceList // of this batch
	source     Quotas
	ledger     *ledger
}

// recount finds out what is used: what is stored, what is charged and not stored yet, and what this batch has taken.
func (a *account) recount(ctx context.Context) error {
	var used corev1.ResourceList
	for open := a.open(); ; {
		var err error
		if used, err = quota.Used(ctx, a.quota, a.hard, a.source, a.source.Now()); err != nil {
			return err
		}
		after := a.open()
		if len(after) == len(open) { // none was stored while the objects were counted, which might be counted or not
			for _, c := range open {
				used = quota.Add(used, quota.Mask(c.paid[a.quota.Name], used))
			}
			break
		}
		open = after
	}
	for _, delta := range a.taken {
		used = quota.Add(used, quota.Mask(delta, used))
	}
	a.used, a.exact = used, true
	return nil
}

// open lists the charges under way whose objects are not stored. It only becomes shorter while a batch is looked at.
func (a *account) open() []*charge {
	return slices.DeleteFunc(a.ledger.charges(), func(c *charge) bool {
		return a.source.Stored(c.kind, a.quota.Namespace, c.name, c.uid, c.version)
	})
}

// over lists the names of which delta would take too much.
func (a *account) over(delta corev1.ResourceList) []corev1.ResourceName {
	return quota.Over(quota.Mask(quota.Add(a.used, delta), delta), a.hard)
}

func (a *account) take(c *charge, delta corev1.ResourceList) {
	if a.taken == nil {
		a.taken = map[*charge]corev1.ResourceList{}
	}
	a.taken[c] = delta
	c.paid[a.quota.Name] = delta
	a.used = quota.Add(a.used, delta)
}
