// Package quota keeps the figures in the status of ResourceQuotas true: it fills them in for a new quota and counts again when what a
// quota limits has gone. Admission charges what comes (apiserver/admission); this loop gives back.
package quota

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/quota"
)

// resync is after what cluster time a quota is counted again though nothing is known to have changed.
const resync = 5 * time.Minute

// Controller is the loop. Its keys are ResourceQuotas.
type Controller struct {
	work.Env
	reader metadata.Interface
	loop   *work.Loop
	quotas corelisters.ResourceQuotaLister
	source *source

	mu      sync.Mutex
	gentle  map[string]bool // what the next sync of a key was asked for: true, it need only find more
	watched map[schema.GroupResource]bool
}

// New returns the loop. reader lists and watches the metadata of any kind; e acts as resourcequota-controller.
func New(e work.Env, reader metadata.Interface) *Controller {
	c := &Controller{Env: e, reader: reader, loop: e.Loop("quota"), quotas: e.Factory.Core().V1().ResourceQuotas().Lister(),
		gentle: map[string]bool{}, watched: map[schema.GroupResource]bool{}}
	c.source = &source{Env: e}
	c.loop.Watch(e.ResourceQuotas(), func(old, new metav1.Object) {
		if old != nil && new != nil && equality.Semantic.DeepEqual(old.(*corev1.ResourceQuota).Spec, new.(*corev1.ResourceQuota).Spec) {
			return // the status is written by this loop and by admission
		}
		c.ask(work.Key(work.Either(old, new)), false)
	})
	c.replenish(e.Pods(), quota.Pods, podFreed)
	c.replenish(e.Services(), quota.Services, serviceFreed)
	c.replenish(e.PersistentVolumeClaims(), quota.Claims, claimFreed)
	c.watched[quota.Pods], c.watched[quota.Services], c.watched[quota.Claims] = true, true, true
	c.loop.Sync = c.sync
	return c
}

// Run counts until ctx ends.
func (c *Controller) Run(ctx context.Context) error { return c.loop.Run(ctx) }

// Pending lists what is still to be counted.
func (c *Controller) Pending() []string { return c.loop.Pending() }

// ask queues a quota. A gentle sync may only raise figures: what admission has charged and the server has not stored yet would look
// like less.
func (c *Controller) ask(key string, gentle bool) {
	c.note(key, gentle)
	c.loop.Queue.Add(key)
}

// note remembers how the next sync of a quota is to look: gently only if nobody asks for more.
func (c *Controller) note(key string, gentle bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, asked := c.gentle[key]; !asked || was {
		c.gentle[key] = gentle
	}
}

// asked says how a sync is to look, and forgets it.
func (c *Controller) asked(key string) (gentle bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gentle = c.gentle[key]
	delete(c.gentle, key)
	return gentle
}

// replenish has the quotas of a namespace counted again when objects of a kind come, go, or use less.
func (c *Controller) replenish(i *work.Informer, gr schema.GroupResource, freed func(old, new metav1.Object) bool) {
	c.loop.Watch(i, func(old, new metav1.Object) { c.changed(gr, old, new, freed) })
}

func (c *Controller) changed(gr schema.GroupResource, old, new metav1.Object, freed func(old, new metav1.Object) bool) {
	if old != nil && new != nil && (freed == nil || !freed(old, new)) {
		return
	}
	all, err := c.ResourceQuotas().GetIndexer().ByIndex(cache.NamespaceIndex, work.Either(old, new).GetNamespace())
	if err != nil {
		return
	}
	for _, obj := range all {
		q := obj.(*corev1.ResourceQuota)
		if len(quota.Of(gr, q.Spec.Hard)) > 0 {
			c.ask(work.Key(q), old == nil)
		}
	}
}

// watch follows the kinds that a quota counts and nobody watched for it so far.
func (c *Controller) watch(ctx context.Context, hard corev1.ResourceList) error {
	for _, gr := range quota.Kinds(hard) {
		c.mu.Lock()
		known := c.watched[gr]
		c.mu.Unlock()
		if known {
			continue
		}
		gvr, served, err := c.source.resource(gr)
		if err != nil {
			return err
		}
		if !served {
			continue
		}
		c.mu.Lock()
		known, c.watched[gr] = c.watched[gr], true
		c.mu.Unlock()
		if known {
			continue
		}
		i := c.Informers.Get(gr.String(), func() cache.SharedIndexInformer {
			return metadatainformer.NewFilteredMetadataInformer(c.reader, gvr, metav1.NamespaceAll, 0, cache.Indexers{}, nil).Informer()
		})
		if _, err := i.Handle(func(old, new metav1.Object) { c.changed(gr, old, new, nil) }); err != nil {
			return err
		}
		c.Informers.Start(ctx, i)
	}
	return nil
}

func (c *Controller) sync(ctx context.Context, key string) error {
	gentle := c.asked(key)
	err := c.count(ctx, key, gentle)
	if err != nil {
		c.note(key, gentle) // for the next try, beside what has been asked for meanwhile
	}
	return err
}

func (c *Controller) count(ctx context.Context, key string, gentle bool) error {
	ns, name := work.Split(key)
	q, err := c.quotas.ResourceQuotas(ns).Get(name)
	if err != nil {
		return work.Gone(err)
	}
	if err := c.watch(ctx, q.Spec.Hard); err != nil {
		return err
	}
	c.loop.Queue.After(key, resync)
	used, err := quota.Used(ctx, q, q.Spec.Hard, c.source, c.Clock.Now())
	if err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(q.Spec.Hard, q.Status.Hard) && q.Status.Used != nil {
		if quota.Equal(used, q.Status.Used) || gentle && len(quota.Rise(used, q.Status.Used)) == 0 {
			return nil
		}
	}
	next := q.DeepCopy()
	next.Status = corev1.ResourceQuotaStatus{Hard: q.Spec.Hard.DeepCopy(), Used: used}
	next, err = c.Client.CoreV1().ResourceQuotas(ns).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if err != nil { // a conflict: somebody creates something right now
		return work.Gone(err)
	}
	c.loop.Wrote(key, c.ResourceQuotas(), next)
	return nil
}
