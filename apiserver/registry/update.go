package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/storage"
)

// UpdateOptions say how an object is changed.
type UpdateOptions struct {
	Subresource string
	// Transform makes the new object out of the present one, which is a copy, or nil when there is none and the update may create. It
	// may be called again after a lost race. The resource version it leaves in the object is the optimistic lock: empty for none.
	Transform func(ctx context.Context, present runtime.Object) (runtime.Object, error)
	// Validate is validating admission.
	Validate func(ctx context.Context, obj, old runtime.Object) error
	// Create, if set, allows the update to make an object that is missing; it authorizes and admits the creation.
	Create *CreateOptions
	// Own says that the change is the server's: it may touch what no endpoint may, and is not validated.
	Own bool
	// Retries is how often a lost race is tried again when the caller set no lock (API-156).
	Retries int
	DryRun  bool
}

// Update changes an object. created is true if it was made.
func (s *Store) Update(ctx context.Context, namespace, name string, o UpdateOptions) (result *cache.Object, created bool, err error) {
	for try := 0; ; try++ {
		result, created, err = s.updateOnce(ctx, namespace, name, o)
		if err == nil || !errors.Is(err, errRace) {
			return result, created, err
		}
		if try >= o.Retries {
			return nil, false, apierrors.NewConflict(s.res.GroupResource(), name, errModified)
		}
	}
}

// errRace says that another writer was quicker, and that the caller had not asked for a lock.
var errRace = errors.New("lost a race with another writer")

func (s *Store) updateOnce(ctx context.Context, namespace, name string, o UpdateOptions) (*cache.Object, bool, error) {
	key := s.Key(namespace, name)
	current := s.kind.Get(key)
	if current == nil {
		return s.createOnUpdate(ctx, name, o)
	}
	shared, err := current.Typed()
	if err != nil {
		return nil, false, err
	}
	old := shared.DeepCopyObject()
	oldMeta, err := meta.Accessor(old)
	if err != nil {
		return nil, false, err
	}
	obj, err := o.Transform(ctx, shared.DeepCopyObject())
	if err != nil {
		return nil, false, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, false, err
	}
	locked, err := s.lock(m, oldMeta, name)
	if err != nil {
		return nil, false, err
	}
	if s.strategy.Guard != nil {
		if err := s.strategy.Guard(ctx, obj, old, o.Subresource); err != nil {
			return nil, false, err
		}
	}
	if err := s.prepareUpdate(ctx, obj, old, m, oldMeta, o); err != nil {
		return nil, false, err
	}
	if errs := s.validateUpdate(ctx, obj, old, o); len(errs) > 0 {
		return nil, false, apierrors.NewInvalid(s.res.GroupKind(), name, errs)
	}
	if o.Validate != nil {
		if err := o.Validate(ctx, obj, old); err != nil {
			return nil, false, err
		}
	}
	if s.strategy.Warnings != nil {
		for _, w := range s.strategy.Warnings(ctx, obj, old) {
			request.Warn(ctx, w)
		}
	}
	if s.finished(obj, m) {
		result, err := s.remove(ctx, key, current, obj, o.DryRun)
		return result, false, s.raced(err, locked, name)
	}
	result, err := s.write(ctx, key, current, obj, m, o.DryRun)
	return result, false, s.raced(err, locked, name)
}

// raced tells a lost race from a failed lock.
func (s *Store) raced(err error, locked bool, name string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound):
		if locked {
			return apierrors.NewConflict(s.res.GroupResource(), name, errModified)
		}
		return errRace
	}
	return s.status(err, name)
}

// lock compares the resource version and uid that came with an update (API-76, API-77). locked says that the sender set a version.
func (s *Store) lock(m, old metav1.Object, name string) (locked bool, err error) {
	if uid := m.GetUID(); uid != "" && uid != old.GetUID() {
		return false, apierrors.NewConflict(s.res.GroupResource(), name, fmt.Errorf(
			"StorageError: invalid object, Code: 4, Key: %s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s",
			s.res.Prefix()+s.Key(old.GetNamespace(), name), uid, old.GetUID()))
	}
	rv := m.GetResourceVersion()
	if rv == "" || rv == "0" {
		if s.res.Locked {
			errs := field.ErrorList{field.Invalid(field.NewPath("metadata", "resourceVersion"), 0, "must be specified for an update")}
			return false, apierrors.NewInvalid(s.res.GroupKind(), name, errs)
		}
		return false, nil
	}
	if rv != old.GetResourceVersion() {
		return true, apierrors.NewConflict(s.res.GroupResource(), name, errModified)
	}
	return true, nil
}

func (s *Store) prepareUpdate(ctx context.Context, obj, old runtime.Object, m, om metav1.Object, o UpdateOptions) error {
	m.SetResourceVersion(om.GetResourceVersion())
	m.SetSelfLink("")
	if m.GetUID() == "" {
		m.SetUID(om.GetUID())
	}
	if t := m.GetCreationTimestamp(); t.IsZero() { // sent empty it is kept (API-80)
		m.SetCreationTimestamp(om.GetCreationTimestamp())
	}
	// A client can neither begin nor undo a deletion by an update.
	if om.GetDeletionTimestamp() != nil && m.GetDeletionTimestamp() == nil {
		m.SetDeletionTimestamp(om.GetDeletionTimestamp())
	}
	if om.GetDeletionGracePeriodSeconds() != nil && m.GetDeletionGracePeriodSeconds() == nil {
		m.SetDeletionGracePeriodSeconds(om.GetDeletionGracePeriodSeconds())
	}
	m.SetGeneration(om.GetGeneration())
	if s.strategy.PrepareUpdate == nil || o.Own {
		return nil
	}
	return s.strategy.PrepareUpdate(ctx, obj, old, o.Subresource)
}

func (s *Store) validateUpdate(ctx context.Context, obj, old runtime.Object, o UpdateOptions) field.ErrorList {
	if s.strategy.ValidateUpdate == nil || o.Own {
		return nil
	}
	return s.strategy.ValidateUpdate(ctx, obj, old, o.Subresource)
}

func (s *Store) createOnUpdate(ctx context.Context, name string, o UpdateOptions) (*cache.Object, bool, error) {
	if o.Create == nil {
		return nil, false, apierrors.NewNotFound(s.res.GroupResource(), name)
	}
	obj, err := o.Transform(ctx, nil)
	if err != nil {
		return nil, false, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, false, err
	}
	if uid := m.GetUID(); uid != "" { // API-162
		return nil, false, apierrors.NewConflict(s.res.GroupResource(), name, fmt.Errorf(
			"uid mismatch: the provided object specified uid %s, and no existing object was found", uid))
	}
	if m.GetResourceVersion() != "" {
		return nil, false, apierrors.NewNotFound(s.res.GroupResource(), name)
	}
	result, err := s.Create(ctx, obj, *o.Create)
	if apierrors.IsAlreadyExists(err) {
		return nil, false, errRace
	}
	return result, err == nil, err
}

// finished says that a deletion that had begun has nothing left to wait for.
func (s *Store) finished(obj runtime.Object, m metav1.Object) bool {
	if m.GetDeletionTimestamp() == nil || len(m.GetFinalizers()) > 0 {
		return false
	}
	if g := m.GetDeletionGracePeriodSeconds(); g != nil && *g != 0 {
		return false
	}
	return s.strategy.Held == nil || !s.strategy.Held(obj)
}

// write stores the new state; writing what is there already writes nothing (API-79).
func (s *Store) write(ctx context.Context, key string, current *cache.Object, obj runtime.Object, m metav1.Object, dryRun bool) (*cache.Object, error) {
	if same, err := s.unchanged(current, obj, m); err != nil || same {
		return current, err
	}
	if dryRun {
		return s.unstored(key, obj)
	}
	value, err := encode(obj)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(value, current.Value()) {
		return current, nil
	}
	revision, err := s.backend.Update(ctx, s.res.Prefix()+key, value, current.Revision)
	if err != nil {
		return nil, err
	}
	if err := s.cache.Wait(ctx, revision); err != nil {
		return nil, err
	}
	return s.stored(key, value, revision, obj)
}

// unchanged compares without the times in managedFields.
func (s *Store) unchanged(current *cache.Object, obj runtime.Object, m metav1.Object) (bool, error) {
	old, err := current.Typed()
	if err != nil {
		return false, err
	}
	om, err := meta.Accessor(old)
	if err != nil {
		return false, err
	}
	if !sameManagers(om.GetManagedFields(), m.GetManagedFields()) {
		return false, nil
	}
	fields := m.GetManagedFields()
	m.SetManagedFields(om.GetManagedFields())
	if equality.Semantic.DeepEqual(old, obj) {
		return true, nil
	}
	m.SetManagedFields(fields)
	return false, nil
}

func sameManagers(a, b []metav1.ManagedFieldsEntry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		x.Time, y.Time = nil, nil
		if !equality.Semantic.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
