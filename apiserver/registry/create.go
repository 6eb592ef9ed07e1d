package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/storage"
)

// CreateOptions say how an object is made.
type CreateOptions struct {
	// Validate is validating admission; it sees the object as it would be stored.
	Validate func(ctx context.Context, obj runtime.Object) error
	DryRun   bool
}

// generateAttempts is how often a generated name is tried (API-74).
const generateAttempts = 8

// Create stores a new object, which belongs to the store from then on.
func (s *Store) Create(ctx context.Context, obj runtime.Object, o CreateOptions) (*cache.Object, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	if m.GetResourceVersion() != "" {
		return nil, errors.New("resourceVersion should not be set on objects to be created")
	}
	base := m.GetGenerateName()
	if m.GetName() != "" || base == "" {
		return s.createNamed(ctx, obj, o)
	}
	for range generateAttempts {
		attempt := obj.DeepCopyObject()
		if m, err = meta.Accessor(attempt); err != nil {
			return nil, err
		}
		m.SetName(GenerateName(base))
		result, err := s.createNamed(ctx, attempt, o)
		if !apierrors.IsAlreadyExists(err) {
			return result, err
		}
	}
	return nil, apierrors.NewGenerateNameConflict(s.res.GroupResource(), m.GetName(), 1)
}

func (s *Store) prepareCreate(ctx context.Context, obj runtime.Object, m metav1.Object) error {
	// What the server alone decides (API-72).
	m.SetDeletionTimestamp(nil)
	m.SetDeletionGracePeriodSeconds(nil)
	m.SetSelfLink("")
	m.SetGeneration(0)
	m.SetUID(types.UID(uuid.NewString()))
	m.SetCreationTimestamp(metav1.NewTime(s.clock.Now()).Rfc3339Copy())
	if !s.res.Namespaced {
		m.SetNamespace("")
	}
	if s.strategy.PrepareCreate == nil {
		return nil
	}
	return s.strategy.PrepareCreate(ctx, obj)
}

func (s *Store) createNamed(ctx context.Context, obj runtime.Object, o CreateOptions) (*cache.Object, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	// As in a real server, what may not be granted is refused before it is looked at closer.
	if s.strategy.Guard != nil {
		if err := s.strategy.Guard(ctx, obj, nil, ""); err != nil {
			return nil, err
		}
	}
	if err := s.prepareCreate(ctx, obj, m); err != nil {
		return nil, err
	}
	name := m.GetName()
	if errs := s.validateCreate(ctx, obj, m); len(errs) > 0 {
		return nil, apierrors.NewInvalid(s.res.GroupKind(), name, errs)
	}
	if o.Validate != nil {
		if err := o.Validate(ctx, obj); err != nil {
			return nil, err
		}
	}
	if s.strategy.Warnings != nil {
		for _, w := range s.strategy.Warnings(ctx, obj, nil) {
			request.Warn(ctx, w)
		}
	}
	key := s.Key(m.GetNamespace(), name)
	if o.DryRun {
		if old := s.kind.Get(key); old != nil {
			return nil, s.alreadyExists(key, name)
		}
		return s.unstored(key, obj)
	}
	value, err := encode(obj)
	if err != nil {
		return nil, err
	}
	revision, err := s.backend.Create(ctx, s.res.Prefix()+key, value)
	if errors.Is(err, storage.ErrExists) {
		return nil, s.alreadyExists(key, name)
	}
	if err != nil {
		return nil, s.status(err, name)
	}
	if err := s.cache.Wait(ctx, revision); err != nil {
		return nil, err
	}
	return s.stored(key, value, revision, obj)
}

func (s *Store) validateCreate(ctx context.Context, obj runtime.Object, m metav1.Object) field.ErrorList {
	if m.GetName() == "" && m.GetGenerateName() == "" {
		return field.ErrorList{field.Required(field.NewPath("metadata", "name"), "name or generateName is required")}
	}
	if s.strategy.Validate == nil {
		return nil
	}
	return s.strategy.Validate(ctx, obj)
}

// alreadyExists says also when the one that is in the way is on its way out (API-75).
func (s *Store) alreadyExists(key, name string) error {
	err := apierrors.NewAlreadyExists(s.res.GroupResource(), name)
	if o := s.kind.Get(key); o != nil {
		if obj, derr := o.Typed(); derr == nil {
			if m, merr := meta.Accessor(obj); merr == nil && m.GetDeletionTimestamp() != nil {
				err.ErrStatus.Message = fmt.Sprintf("object is being deleted: %s", err.ErrStatus.Message)
			}
		}
	}
	return err
}

// suffixLetters leave out what reads like another letter or makes words (API-74).
const suffixLetters = "bcdfghjklmnpqrstvwxz2456789"

// GenerateName adds five random letters to a base, which is cut to 58 characters.
func GenerateName(base string) string {
	const length, most = 5, 63
	if len(base) > most-length {
		base = base[:most-length]
	}
	b := make([]byte, length)
	for i := range b {
		b[i] = suffixLetters[rand.IntN(len(suffixLetters))]
	}
	return base + string(b)
}
