package admission

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/quota"
)

// Quotas is where the ResourceQuota plugin reads what it counts, and where it writes down what it charges. It is live: what was written
// before is seen.
type Quotas interface {
	quota.Source
	// ResourceQuotas lists the quotas of a namespace, shared. It costs next to nothing where there are none.
	ResourceQuotas(namespace string) ([]*corev1.ResourceQuota, error)
	// Charge stores q's status if the stored quota is at q's resource version, else it is a Conflict. It returns what is stored.
	Charge(ctx context.Context, q *corev1.ResourceQuota) (*corev1.ResourceQuota, error)
	// Stored says whether an object is there as a write would leave it: with this UID, in another resource version than this.
	Stored(gr schema.GroupResource, namespace, name string, uid types.UID, version string) bool
	Now() time.Time
}

// resourceQuota refuses what would exceed a quota, and charges what does not. The requests of a namespace are looked at one after the
// other, those that came in together in one go, and the figures in the quota are what was charged, so that no number of concurrent
// creations gets past a limit.
type resourceQuota struct {
	quotas Quotas
	line   line
	// ledgers is what has been charged; the line lets one goroutine at a time at that of a namespace.
	ledgers ledgers
}

func newResourceQuota(q Quotas) *resourceQuota {
	p := &resourceQuota{quotas: q}
	p.line.serve = p.serve
	return p
}

func (p *resourceQuota) validate(ctx context.Context, a *Attributes) error {
	if a.Namespace == "" || a.Resource.Group == "" && a.Resource.Resource == "namespaces" {
		return nil
	}
	gr := a.Resource.GroupResource()
	if !charges(gr, a) {
		return nil
	}
	quotas, err := p.quotas.ResourceQuotas(a.Namespace)
	if err != nil {
		return fmt.Errorf("error resolving quota: %w", err)
	}
	if len(quotas) == 0 {
		return nil
	}
	m, err := meta.Accessor(a.Object)
	if err != nil {
		return err
	}
	c := &charge{attributes: a, kind: gr, name: m.GetName(), uid: m.GetUID(), version: m.GetResourceVersion(), paid: map[string]corev1.ResourceList{}}
	p.line.stand(ctx, a.Namespace, c)
	if c.err != nil {
		return c.err
	}
	if len(c.paid) == 0 {
		return nil
	}
	ledger := c.ledger
	if request.ScopeFrom(ctx) == nil { // nobody would say when it ends
		ledger.settle(c)
	}
	request.AtEnd(ctx, func() { ledger.settle(c) })
	return nil
}

// charges says whether a write can make a quota fuller.
func charges(gr schema.GroupResource, a *Attributes) bool {
	if quota.Ignored(gr) {
		return false
	}
	switch gr {
	case quota.Pods:
		if a.Operation == Update && a.Subresource == "" {
			pod, ok1 := a.Object.(*corev1.Pod)
			old, ok2 := a.Old.(*corev1.Pod)
			return ok1 && ok2 && quota.Terminating(pod) != quota.Terminating(old)
		}
		return a.Operation == Create && a.Subresource == "" || a.Operation == Update && a.Subresource == "resize"
	case quota.Services:
		return a.Subresource == "" && (a.Operation == Create || a.Operation == Update)
	case quota.Claims:
		switch a.Subresource {
		case "":
			return a.Operation == Create || a.Operation == Update
		case "status":
			claim, ok1 := a.Object.(*corev1.PersistentVolumeClaim)
			old, ok2 := a.Old.(*corev1.PersistentVolumeClaim)
			return ok1 && ok2 && !quota.Equal(claim.Status.AllocatedResources, old.Status.AllocatedResources)
		}
		return false
	}
	return a.Operation == Create && a.Subresource == ""
}

// charge is one request on its way through the quotas of its namespace.
type charge struct {
	attributes *Attributes
	kind       schema.GroupResource
	// name, uid and version are the object's before it is written: the write gives it another version, while others are counting.
	name    string
	uid     types.UID
	version string
	// paid is what each quota has been charged, by its name.
	paid   map[string]corev1.ResourceList
	ledger *ledger // which it is under way in, once it has paid
	err    error
}

// limitedBy lists what of a quota the request is about; it is an error if the object does not say how much of that it wants.
func (c *charge) limitedBy(q *corev1.ResourceQuota, hard corev1.ResourceList) (corev1.ResourceList, error) {
	a := c.attributes
	limited := quota.Of(c.kind, hard)
	if len(limited) == 0 {
		return nil, nil
	}
	in, err := quota.InScope(q, c.kind, a.Object)
	if err != nil || !in {
		return nil, err
	}
	if pod, ok := a.Object.(*corev1.Pod); ok {
		if err := quota.Missing(pod, limited); err != nil {
			return nil, forbiddenf(a, "failed quota: %s: %w", q.Name, err)
		}
	}
	return limited, nil
}

// delta is what the request adds to the use of a quota: everything when the object is new to the quota, else what it takes more than
// before.
func (c *charge) delta(q *corev1.ResourceQuota, limited corev1.ResourceList, now time.Time) (corev1.ResourceList, error) {
	a := c.attributes
	uses := func(obj runtime.Object) corev1.ResourceList {
		return quota.Mask(quota.Usage(c.kind, obj, now), limited)
	}
	before := corev1.ResourceList{}
	if a.Operation == Update && a.Old != nil {
		in, err := quota.InScope(q, c.kind, a.Old)
		if err != nil {
			return nil, err
		}
		if in {
			before = uses(a.Old)
		}
	}
	return quota.Rise(uses(a.Object), before), nil
}

// exceeded is the refusal: of the names that are over, what was asked for, what is used and what there is.
func (c *charge) exceeded(q *corev1.ResourceQuota, over []corev1.ResourceName, asked, used, hard corev1.ResourceList) error {
	return forbiddenf(c.attributes, "exceeded quota: %s, requested: %s, used: %s, limited: %s",
		q.Name, quota.Text(asked, over), quota.Text(used, over), quota.Text(hard, over))
}

// conflicts bounds how often a batch is looked at again because somebody else wrote a quota: the controller, or a person.
const conflicts = 20

// serve decides about requests that came in together. Only one call for a namespace runs at a time.
func (p *resourceQuota) serve(ctx context.Context, namespace string, batch []*charge) {
	ledger := p.ledgers.open(namespace, p.limited)
	defer p.ledgers.close(namespace, ledger)
	again, err := true, error(nil)
	for tries := 0; again && tries < conflicts; tries++ {
		again, err = p.look(ctx, namespace, ledger, batch)
	}
	if again {
		err = fmt.Errorf("the quotas of namespace %s kept changing", namespace)
	}
	if err == nil {
		return
	}
	for _, c := range batch {
		if c.err == nil {
			c.err = err
			ledger.distrust(c)
		}
	}
}

// limited says whether a namespace has quotas.
func (p *resourceQuota) limited(namespace string) bool {
	quotas, err := p.quotas.ResourceQuotas(namespace)
	return err != nil || len(quotas) > 0
}

// look is one try: decide, then write down what changed. again: somebody else wrote one of the quotas meanwhile.
func (p *resourceQuota) look(ctx context.Context, namespace string, ledger *ledger, batch []*charge) (again bool, err error) {
	quotas, err := p.quotas.ResourceQuotas(namespace)
	if err != nil {
		return false, fmt.Errorf("error resolving quota: %w", err)
	}
	ledger.keep(quotas)
	accounts := make([]*account, 0, len(quotas))
	for _, q := range quotas {
		acc := &account{quota: q, hard: q.Spec.Hard, source: p.quotas, ledger: ledger}
		if ledger.wrote(q) {
			acc.used = q.Status.Used
		} else if err := acc.recount(ctx); err != nil {
			return false, err
		}
		accounts = append(accounts, acc)
	}
	for _, c := range batch {
		if c.err != nil {
			continue
		}
		if c.err = decide(ctx, c, accounts, p.quotas.Now()); c.err != nil {
			ledger.distrust(c)
		}
	}
	for _, acc := range accounts {
		if len(acc.taken) == 0 || quota.Equal(acc.used, acc.quota.Status.Used) && quota.Equal(acc.hard, acc.quota.Status.Hard) {
			continue
		}
		next := acc.quota.DeepCopy()
		next.Status = corev1.ResourceQuotaStatus{Hard: acc.hard, Used: acc.used}
		stored, err := p.quotas.Charge(ctx, next)
		if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
			for c := range acc.taken {
				delete(c.paid, acc.quota.Name) // it is asked again, of this quota alone
			}
			again = true
			continue
		}
		if err != nil {
			return false, err
		}
		ledger.note(stored)
	}
	if !again {
		ledger.enter(batch)
	}
	return again, nil
}

// decide holds one request to all quotas of its namespace and takes from each what it needs, or nothing from any. What an object has to say
// for one of the quotas is asked before the amounts of any.
func decide(ctx context.Context, c *charge, accounts []*account, now time.Time) error {
	limited := map[*account]corev1.ResourceList{}
	for _, acc := range accounts {
		var err error
		if limited[acc], err = c.limitedBy(acc.quota, acc.hard); err != nil {
			return err
		}
	}
	need := map[*account]corev1.ResourceList{}
	for _, acc := range accounts {
		if _, paid := c.paid[acc.quota.Name]; paid || len(limited[acc]) == 0 {
			continue
		}
		delta, err := c.delta(acc.quota, limited[acc], now)
		if err != nil {
			return err
		}
		if len(delta) == 0 {
			continue
		}
		over := acc.over(delta)
		if len(over) > 0 && !acc.exact { // what was given back since may make room
			if err := acc.recount(ctx); err != nil {
				return err
			}
			over = acc.over(delta)
		}
		if len(over) > 0 && c.attributes.Subresource != "status" {
			return c.exceeded(acc.quota, over, delta, acc.used, acc.hard)
		}
		need[acc] = delta
	}
	if c.attributes.DryRun {
		return nil
	}
	for acc, delta := range need {
		acc.take(c, delta)
	}
	return nil
}
