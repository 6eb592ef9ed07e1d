package registry

import (
	"context"
	"errors"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/storage"
)

// DeleteOptions say how an object is removed.
type DeleteOptions struct {
	Options metav1.DeleteOptions
	// Validate is validating admission.
	Validate func(ctx context.Context, old runtime.Object) error
	DryRun   bool
}

// Delete removes an object, or begins to: gone is false while a finalizer or a grace period keeps it (API-175 to API-179). A lost race
// is tried again until the context ends.
func (s *Store) Delete(ctx context.Context, namespace, name string, o DeleteOptions) (result *cache.Object, gone bool, err error) {
	if s.strategy.DeleteWarning != nil {
		request.Warn(ctx, s.strategy.DeleteWarning(&o.Options))
	}
	for {
		seen := s.cache.Revision()
		result, gone, err = s.deleteOnce(ctx, namespace, name, o)
		if !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrNotFound) {
			return result, gone, err
		}
		if err := s.cache.Wait(ctx, seen+1); err != nil {
			return nil, false, err
		}
	}
}

func (s *Store) deleteOnce(ctx context.Context, namespace, name string, o DeleteOptions) (*cache.Object, bool, error) {
	current, err := s.Get(namespace, name)
	if err != nil {
		return nil, false, err
	}
	shared, err := current.Typed()
	if err != nil {
		return nil, false, err
	}
	obj := shared.DeepCopyObject()
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, false, err
	}
	if err := s.preconditions(o.Options.Preconditions, m); err != nil {
		return nil, false, err
	}
	d := &deletion{store: s, key: s.Key(namespace, name), current: current, obj: obj, m: m, options: o}
	if s.strategy.Terminate != nil && m.GetDeletionTimestamp() == nil {
		return d.terminate(ctx, shared)
	}
	if m.GetDeletionTimestamp() != nil && s.strategy.Held != nil && s.strategy.Held(obj) {
		return current, false, nil // API-184
	}
	return d.run(ctx, shared)
}

// deletion is one try to delete one object.
type deletion struct {
	store   *Store
	key     string
	current *cache.Object
	obj     runtime.Object // a copy, to be changed
	m       metav1.Object  // of obj
	options DeleteOptions
}

// run deletes as most kinds do.
func (d *deletion) run(ctx context.Context, shared runtime.Object) (*cache.Object, bool, error) {
	s := d.store
	graceful, pending := false, false
	if s.strategy.Grace != nil {
		graceful, pending = d.begin(s.clock.Now())
	}
	if pending {
		return d.current, false, nil // it is on its way, and nothing that came with this request makes it quicker
	}
	if err := d.validate(ctx, shared); err != nil {
		return nil, false, err
	}
	d.m.SetFinalizers(s.finalizers(d.m, &d.options.Options))
	held := len(d.m.GetFinalizers()) > 0
	if held && !graceful {
		d.mark(s.clock.Now())
	}
	if graceful || held {
		// A graceful deletion of no seconds is seen as such by watchers before the object goes.
		result, err := s.write(ctx, d.key, d.current, d.obj, d.m, d.options.DryRun)
		if err != nil {
			return nil, false, s.deleted(err)
		}
		if g := d.m.GetDeletionGracePeriodSeconds(); held || g != nil && *g > 0 {
			return result, false, nil
		}
		if d.options.DryRun {
			return result, true, nil
		}
		d.current = result
		if err := d.own(); err != nil {
			return nil, false, err
		}
	}
	if err := s.remove(ctx, d.key, d.current, d.obj, d.options.DryRun); err != nil {
		return nil, false, s.deleted(err)
	}
	result, err := s.loose(d.key, d.obj)
	return result, true, err
}

// own makes obj a copy again: what was written is shared with all who read it, and the last state of the object is still to be made.
func (d *deletion) own() (err error) {
	d.obj = d.obj.DeepCopyObject()
	d.m, err = meta.Accessor(d.obj)
	return err
}

// terminate begins the deletion of a kind that somebody else ends (API-184).
func (d *deletion) terminate(ctx context.Context, shared runtime.Object) (*cache.Object, bool, error) {
	if err := d.validate(ctx, shared); err != nil {
		return nil, false, err
	}
	d.store.strategy.Terminate(d.obj, d.store.clock.Now())
	if o := &d.options.Options; o.PropagationPolicy != nil || o.OrphanDependents != nil {
		d.m.SetFinalizers(d.store.finalizers(d.m, o))
	}
	result, err := d.store.write(ctx, d.key, d.current, d.obj, d.m, d.options.DryRun)
	return result, false, d.store.deleted(err)
}

func (d *deletion) validate(ctx context.Context, shared runtime.Object) error {
	if d.options.Validate == nil {
		return nil
	}
	return d.options.Validate(ctx, shared)
}

// begin gives an object its time to end. pending says that it has one already which this request does not shorten (API-178).
func (d *deletion) begin(now time.Time) (graceful, pending bool) {
	asked := d.options.Options.GracePeriodSeconds
	if asked != nil && *asked < 0 {
		one := int64(1)
		asked = &one
	}
	at := d.m.GetDeletionTimestamp()
	if at == nil {
		grace := d.store.strategy.Grace(d.obj, asked)
		d.end(now.Add(time.Duration(grace)*time.Second), grace)
		raiseGeneration(d.m)
		return true, false
	}
	left := d.m.GetDeletionGracePeriodSeconds()
	if left == nil || *left == 0 {
		return false, false // its time is over: what was left undone is done now
	}
	if asked == nil || *asked >= *left {
		return false, true
	}
	grace := *asked
	end := at.Add(time.Duration(grace-*left) * time.Second)
	if end.Before(now) {
		end = now
		if grace != 0 {
			grace = 1 // whoever ends it must still see that it may
		}
	}
	d.end(end, grace)
	return true, false
}

func (d *deletion) end(at time.Time, grace int64) {
	t := metav1.NewTime(at).Rfc3339Copy()
	d.m.SetDeletionTimestamp(&t)
	d.m.SetDeletionGracePeriodSeconds(&grace)
}

// mark notes that an object waits for its finalizers alone (API-177).
func (d *deletion) mark(now time.Time) {
	at := d.m.GetDeletionTimestamp()
	if at == nil {
		raiseGeneration(d.m)
	}
	if at != nil && !at.After(now) {
		now = at.Time
	}
	d.end(now, 0)
}

func raiseGeneration(m metav1.Object) {
	if m.GetGeneration() > 0 {
		m.SetGeneration(m.GetGeneration() + 1)
	}
}

// finalizers are an object's own and the garbage collector's, by the propagation asked for (API-180).
func (s *Store) finalizers(m metav1.Object, o *metav1.DeleteOptions) []string {
	present := m.GetFinalizers()
	policy := metav1.DeletePropagationBackground
	switch {
	case s.strategy.Propagation == Alone:
	case o.OrphanDependents != nil:
		if *o.OrphanDependents {
			policy = metav1.DeletePropagationOrphan
		}
	case o.PropagationPolicy != nil:
		policy = *o.PropagationPolicy
	case slices.Contains(present, metav1.FinalizerOrphanDependents):
		policy = metav1.DeletePropagationOrphan
	case slices.Contains(present, metav1.FinalizerDeleteDependents):
		policy = metav1.DeletePropagationForeground
	case s.strategy.Propagation != "":
		policy = s.strategy.Propagation
	}
	wanted := ""
	switch policy {
	case metav1.DeletePropagationOrphan:
		wanted = metav1.FinalizerOrphanDependents
	case metav1.DeletePropagationForeground:
		wanted = metav1.FinalizerDeleteDependents
	}
	kept := slices.DeleteFunc(slices.Clone(present), func(f string) bool {
		return f != wanted && (f == metav1.FinalizerOrphanDependents || f == metav1.FinalizerDeleteDependents)
	})
	if wanted != "" && !slices.Contains(kept, wanted) {
		kept = append(kept, wanted)
	}
	return kept
}

// deleted leaves lost races to be tried again, and turns other errors of storage into those clients know.
func (s *Store) deleted(err error) error {
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return s.status(err, "")
}

// remove takes an object out of the store. last is its last state, which gets the revision of its removal.
func (s *Store) remove(ctx context.Context, key string, current *cache.Object, last runtime.Object, dryRun bool) error {
	if dryRun {
		return nil
	}
	revision, err := s.backend.Delete(ctx, s.res.Prefix()+key, current.Revision)
	if err != nil {
		return err
	}
	if err := s.settled(ctx, revision); err != nil {
		return err
	}
	m, err := meta.Accessor(last)
	if err != nil {
		return err
	}
	m.SetResourceVersion(format(revision))
	return nil
}

// preconditions of a delete (API-147).
func (s *Store) preconditions(p *metav1.Preconditions, m metav1.Object) error {
	if p == nil {
		return nil
	}
	if p.UID != nil && *p.UID != m.GetUID() {
		return s.precondition(m.GetName(), "UID", string(*p.UID), string(m.GetUID()), "The object might have been deleted and then recreated")
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != m.GetResourceVersion() {
		return s.precondition(m.GetName(), "ResourceVersion", *p.ResourceVersion, m.GetResourceVersion(), "The object might have been modified")
	}
	return nil
}

func (s *Store) precondition(name, what, asked, present, meaning string) error {
	if s.strategy.Terminate != nil {
		return apierrors.NewConflict(s.res.GroupResource(), name, preconditionFailed(what, asked, present))
	}
	gr := s.res.GroupResource()
	gr.Resource = s.res.Kind // the real server's words name the kind here
	return apierrors.NewConflict(gr, name, errors.New(
		"the "+what+" in the precondition ("+asked+") does not match the "+what+" in record ("+present+"). "+meaning))
}
