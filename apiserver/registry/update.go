package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/storage"
)

// UpdateOptions say how an object is changed.
type UpdateOptions struct {
	Subresource string
	// Transform makes the new object out of the present one, which is a copy, or nil when there is none and the update may create. It
	// is called again after a lost race. The resource version it leaves in the object is the optimistic lock: empty for none.
	Transform func(ctx context.Context, present runtime.Object) (runtime.Object, error)
	// UID, if not empty, is the only object that may be changed: the uid in the body of a PUT (API-77). ResourceVersion likewise is its
	// only state that may be.
	UID             types.UID
	ResourceVersion string
	// Validate is validating admission.
	Validate func(ctx context.Context, obj, old runtime.Object) error
	// Create, if set, allows the update to make an object that is missing; it authorizes and admits the creation.
	Create *CreateOptions
	// Own says that the change is the server's: it may touch what no endpoint may, and is not validated.
	Own    bool
	DryRun bool
}

// errRace says that another writer was quicker: the change is made again on what there is now (API-156). A sender who had set a lock
// learns of it there.
var errRace = errors.New("lost a race with another writer")

// Update changes an object. created is true if it was made. A lost race is tried again until the context ends.
func (s *Store) Update(ctx context.Context, namespace, name string, o UpdateOptions) (result *cache.Object, created bool, err error) {
	for {
		seen := s.cache.Revision()
		result, created, err = s.updateOnce(ctx, namespace, name, o)
		if !errors.Is(err, errRace) {
			return result, created, err
		}
		if err := s.cache.Wait(ctx, seen+1); err != nil { // the other's write, which must be there to build on
			return nil, false, err
		}
	}
}

func (s *Store) updateOnce(ctx context.Context, namespace, name string, o UpdateOptions) (*cache.Object, bool, error) {
	key := s.Key(namespace, name)
	current := s.kind.Get(key)
	if current == nil {
		return s.createOnUpdate(ctx, namespace, name, o)
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
	if o.UID != "" && o.UID != oldMeta.GetUID() {
		return nil, false, s.otherUID(namespace, name, o.UID, oldMeta.GetUID(), o.DryRun)
	}
	if o.ResourceVersion != "" && o.ResourceVersion != oldMeta.GetResourceVersion() {
		return nil, false, s.invalidObject(namespace, name, o.DryRun, preconditionFailed("ResourceVersion", o.ResourceVersion, oldMeta.GetResourceVersion()))
	}
	obj, err := o.Transform(ctx, shared.DeepCopyObject())
	if err != nil {
		return nil, false, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, false, err
	}
	// As in a real server, what may not be granted is refused before it is looked at closer.
	if s.strategy.Guard != nil {
		if err := s.strategy.Guard(ctx, obj, old, o.Subresource); err != nil {
			return nil, false, err
		}
	}
	if err := s.lock(m, oldMeta, name); err != nil {
		return nil, false, err
	}
	if err := s.prepareUpdate(ctx, obj, old, m, oldMeta, o); err != nil {
		return nil, false, err
	}
	if o.Subresource == "" {
		release, err := s.reserve(obj, old)
		if err != nil {
			return nil, false, err
		}
		defer release()
	}
	if err := s.checkUpdate(ctx, obj, old, name, o); err != nil {
		return nil, false, err
	}
	if s.finished(obj, m, oldMeta) {
		err := s.remove(ctx, key, current, obj, o.DryRun)
		if err != nil {
			return nil, false, s.raced(err, name)
		}
		result, err := s.loose(key, obj)
		return result, false, err
	}
	result, err := s.write(ctx, key, current, obj, m, o.DryRun)
	return result, false, s.raced(err, name)
}

// checkUpdate validates the new state, warns of it, and has admission look at it.
func (s *Store) checkUpdate(ctx context.Context, obj, old runtime.Object, name string, o UpdateOptions) error {
	if s.strategy.ValidateUpdate != nil && !o.Own {
		if errs := s.strategy.ValidateUpdate(ctx, obj, old, o.Subresource); len(errs) > 0 {
			return s.invalid(name, errs)
		}
	}
	if s.strategy.Warnings != nil && !o.Own {
		for _, w := range s.strategy.Warnings(ctx, obj, old, o.Subresource) {
			request.Warn(ctx, w)
		}
	}
	if o.Validate != nil {
		return o.Validate(ctx, obj, old)
	}
	return nil
}

// raced tells a lost race from other errors.
func (s *Store) raced(err error, name string) error {
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return errRace
	}
	return s.status(err, name)
}

// lock compares the resource version that came with an update (API-76).
func (s *Store) lock(m, old metav1.Object, name string) error {
	sent := m.GetResourceVersion()
	if sent == old.GetResourceVersion() {
		return nil
	}
	version := uint64(0)
	if sent != "" {
		var err error
		if version, err = strconv.ParseUint(sent, 10, 64); err != nil {
			return err // a real server does not make a Status of it either
		}
	}
	switch {
	case version != 0:
		return apierrors.NewConflict(s.res.GroupResource(), name, errModified)
	case s.res.Locked:
		kind := s.res.GroupKind()
		kind.Kind = s.res.Name
		return apierrors.NewInvalid(kind, name, field.ErrorList{
			field.Invalid(field.NewPath("metadata", "resourceVersion"), 0, "must be specified for an update")})
	}
	return nil
}

func (s *Store) prepareUpdate(ctx context.Context, obj, old runtime.Object, m, om metav1.Object, o UpdateOptions) error {
	m.SetResourceVersion(om.GetResourceVersion())
	if !o.DryRun { // it is never stored; a dry run says what was sent, as a real server's does
		m.SetSelfLink("")
	}
	m.SetGeneration(om.GetGeneration())
	if s.strategy.PrepareUpdate != nil && !o.Own {
		if err := s.strategy.PrepareUpdate(ctx, obj, old, o.Subresource); err != nil {
			return err
		}
	}
	if m.GetUID() == "" {
		m.SetUID(om.GetUID())
	}
	// What was once set stays, whatever was sent (API-80).
	if t := om.GetCreationTimestamp(); !t.IsZero() {
		m.SetCreationTimestamp(t)
	}
	if t := om.GetDeletionTimestamp(); t != nil {
		m.SetDeletionTimestamp(t)
	}
	if om.GetDeletionGracePeriodSeconds() != nil && m.GetDeletionGracePeriodSeconds() == nil {
		m.SetDeletionGracePeriodSeconds(om.GetDeletionGracePeriodSeconds())
	}
	return nil
}

func (s *Store) createOnUpdate(ctx context.Context, namespace, name string, o UpdateOptions) (*cache.Object, bool, error) {
	if o.Create == nil {
		return nil, false, apierrors.NewNotFound(s.res.GroupResource(), name)
	}
	if o.UID != "" {
		return nil, false, s.otherUID(namespace, name, o.UID, "", o.DryRun)
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
	m.SetResourceVersion("") // a lock on nothing holds nothing
	result, err := s.Create(ctx, obj, *o.Create)
	if apierrors.IsAlreadyExists(err) && !o.DryRun {
		return nil, false, errRace
	}
	return result, err == nil, err
}

// finished says that a deletion that had begun has nothing left to wait for.
func (s *Store) finished(obj runtime.Object, m, old metav1.Object) bool {
	if old.GetDeletionTimestamp() == nil || len(m.GetFinalizers()) > 0 {
		return false
	}
	if g := old.GetDeletionGracePeriodSeconds(); g != nil && *g != 0 {
		return false
	}
	return s.strategy.Held == nil || !s.strategy.Held(obj)
}

// write stores the new state; writing what is there already writes nothing (API-79).
func (s *Store) write(ctx context.Context, key string, current *cache.Object, obj runtime.Object, m metav1.Object, dryRun bool) (*cache.Object, error) {
	if same, err := unchanged(current, obj, m); err != nil || same {
		return current, err
	}
	if dryRun {
		return s.loose(key, obj)
	}
	value, err := encode(obj)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(value, current.Value()) {
		return current, nil
	}
	if err := checkSize(obj, value); err != nil {
		return nil, err
	}
	revision, err := s.backend.Update(ctx, s.res.Prefix()+key, value, current.Revision)
	if err != nil {
		return nil, err
	}
	if err := s.settled(ctx, revision); err != nil {
		return nil, err
	}
	return s.stored(key, value, revision, obj)
}

// unchanged compares without the times in managedFields.
func unchanged(current *cache.Object, obj runtime.Object, m metav1.Object) (bool, error) {
	old, err := current.Typed()
	if err != nil {
		return false, err
	}
	om, err := meta.Accessor(old)
	if err != nil {
		return false, err
	}
	fields := m.GetManagedFields()
	m.SetManagedFields(schema.KeepManagedTimes(om.GetManagedFields(), fields))
	kind, oldKind := obj.GetObjectKind().GroupVersionKind(), old.GetObjectKind().GroupVersionKind()
	obj.GetObjectKind().SetGroupVersionKind(oldKind)
	same := equality.Semantic.DeepEqual(old, obj)
	obj.GetObjectKind().SetGroupVersionKind(kind)
	if !same {
		m.SetManagedFields(fields)
	}
	return same, nil
}
