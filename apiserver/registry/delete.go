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
	"github.com/kubemint/kubemint/storage"
)

// DeleteOptions say how an object is removed.
type DeleteOptions struct {
	Options metav1.DeleteOptions
	// Validate is validating admission.
	Validate func(ctx context.Context, old runtime.Object) error
	DryRun   bool
}

// deleteRetries bounds the races a delete loses before it gives up.
const deleteRetries = 20

// Delete removes an object, or begins to: gone is false while a finalizer or a grace period keeps it (API-175 to API-179).
func (s *Store) Delete(ctx context.Context, namespace, name string, o DeleteOptions) (result *cache.Object, gone bool, err error) {
	for range deleteRetries {
		result, gone, err = s.deleteOnce(ctx, namespace, name, o)
		if !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrNotFound) {
			return result, gone, err
		}
	}
	return nil, false, apierrors.NewConflict(s.res.GroupResource(), name, errModified)
}

func (s *Store) deleteOnce(ctx context.Context, namespace, name string, o DeleteOptions) (*cache.Object, bool, error) {
	key := s.Key(namespace, name)
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
	if o.Validate != nil {
		if err := o.Validate(ctx, shared); err != nil {
			return nil, false, err
		}
	}
	grace := int64(0)
	if s.strategy.Grace != nil {
		grace = s.strategy.Grace(obj, &o.Options)
	}
	m.SetFinalizers(s.finalizers(ctx, m, &o.Options))
	held := len(m.GetFinalizers()) > 0 || (s.strategy.Held != nil && s.strategy.Held(obj))
	if grace == 0 && !held {
		result, err := s.remove(ctx, key, current, obj, o.DryRun)
		return result, true, err
	}
	s.begin(obj, m, grace)
	result, err := s.write(ctx, key, current, obj, m, o.DryRun)
	return result, false, err
}

// begin marks an object as being deleted. A second delete may shorten the grace of the first, never prolong it (API-178).
func (s *Store) begin(obj runtime.Object, m metav1.Object, grace int64) {
	now := s.clock.Now()
	at := metav1.NewTime(now.Add(time.Duration(grace) * time.Second)).Rfc3339Copy()
	first := m.GetDeletionTimestamp() == nil
	if old := m.GetDeletionGracePeriodSeconds(); !first && old != nil && *old <= grace {
		return
	}
	if !first && grace == 0 && m.GetDeletionGracePeriodSeconds() == nil {
		return
	}
	m.SetDeletionTimestamp(&at)
	m.SetDeletionGracePeriodSeconds(&grace)
	if m.GetGeneration() > 0 {
		m.SetGeneration(m.GetGeneration() + 1)
	}
	if s.strategy.Deleting != nil {
		s.strategy.Deleting(obj)
	}
}

// finalizers are an object's own and the garbage collector's, by the propagation asked for (API-180).
func (s *Store) finalizers(ctx context.Context, m metav1.Object, o *metav1.DeleteOptions) []string {
	policy := metav1.DeletePropagationBackground
	switch {
	case o.PropagationPolicy != nil:
		policy = *o.PropagationPolicy
	case o.OrphanDependents != nil:
		if *o.OrphanDependents {
			policy = metav1.DeletePropagationOrphan
		}
	case slices.Contains(m.GetFinalizers(), metav1.FinalizerOrphanDependents):
		policy = metav1.DeletePropagationOrphan
	case slices.Contains(m.GetFinalizers(), metav1.FinalizerDeleteDependents):
		policy = metav1.DeletePropagationForeground
	case s.strategy.Propagation != nil:
		policy = s.strategy.Propagation(ctx)
	}
	kept := slices.DeleteFunc(slices.Clone(m.GetFinalizers()), func(f string) bool {
		return f == metav1.FinalizerOrphanDependents || f == metav1.FinalizerDeleteDependents
	})
	switch policy {
	case metav1.DeletePropagationOrphan:
		kept = append(kept, metav1.FinalizerOrphanDependents)
	case metav1.DeletePropagationForeground:
		kept = append(kept, metav1.FinalizerDeleteDependents)
	}
	return kept
}

// remove takes an object out of the store and returns its last state.
func (s *Store) remove(ctx context.Context, key string, current *cache.Object, last runtime.Object, dryRun bool) (*cache.Object, error) {
	if dryRun {
		return s.unstored(key, last)
	}
	revision, err := s.backend.Delete(ctx, s.res.Prefix()+key, current.Revision)
	if err != nil {
		return nil, err
	}
	if err := s.cache.Wait(ctx, revision); err != nil {
		return nil, err
	}
	if s.strategy.Removed != nil {
		s.strategy.Removed(last)
	}
	return s.unstored(key, last)
}
