package registry

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"

	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

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
	base := m.GetGenerateName()
	if m.GetName() != "" || base == "" {
		return s.createNamed(ctx, obj, o)
	}
	for attempt := 1; ; attempt++ {
		named := obj.DeepCopyObject()
		if m, err = meta.Accessor(named); err != nil {
			return nil, err
		}
		m.SetName(GenerateName(base))
		result, err := s.createNamed(ctx, named, o)
		if !apierrors.IsAlreadyExists(err) || attempt == generateAttempts {
			return result, err
		}
	}
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
	release, err := s.reserve(obj, nil)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.checkCreate(ctx, obj, m, o); err != nil {
		return nil, err
	}
	name := m.GetName()
	key := s.Key(m.GetNamespace(), name)
	if o.DryRun {
		if old := s.kind.Get(key); old != nil {
			return nil, s.alreadyExists(key, m)
		}
		return s.loose(key, obj)
	}
	if n, err := strconv.ParseUint(m.GetResourceVersion(), 10, 64); err == nil && n != 0 { // API-73
		return nil, errors.New("resourceVersion should not be set on objects to be created")
	}
	value, err := encode(obj)
	if err != nil {
		return nil, err
	}
	if err := checkSize(obj, value); err != nil {
		return nil, err
	}
	revision, err := s.backend.Create(ctx, s.res.Prefix()+key, value)
	if errors.Is(err, storage.ErrExists) {
		return nil, s.alreadyExists(key, m)
	}
	if err != nil {
		return nil, s.status(err, name)
	}
	if err := s.settled(ctx, revision); err != nil {
		return nil, err
	}
	return s.stored(key, value, revision, obj)
}

// prepareCreate sets what the server alone decides (API-72).
func (s *Store) prepareCreate(ctx context.Context, obj runtime.Object, m metav1.Object) error {
	m.SetDeletionTimestamp(nil)
	m.SetDeletionGracePeriodSeconds(nil)
	m.SetSelfLink("")
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

// reserve gives an object what there is only once; release is never nil without an error.
func (s *Store) reserve(obj, old runtime.Object) (release func(), err error) {
	if s.strategy.Reserve == nil {
		return func() {}, nil
	}
	return s.strategy.Reserve(obj, old)
}

// checkCreate validates a new object, warns of it, and has admission look at it.
func (s *Store) checkCreate(ctx context.Context, obj runtime.Object, m metav1.Object, o CreateOptions) error {
	if s.strategy.Validate != nil {
		if errs := s.strategy.Validate(ctx, obj); len(errs) > 0 {
			return s.invalid(m.GetName(), errs)
		}
	}
	if s.strategy.Warnings != nil {
		for _, w := range s.strategy.Warnings(ctx, obj, nil, "") {
			request.Warn(ctx, w)
		}
	}
	if o.Validate != nil {
		return o.Validate(ctx, obj)
	}
	return nil
}

// alreadyExists says also when the one that is in the way is on its way out (API-75), or when the name was the server's choice (API-74).
func (s *Store) alreadyExists(key string, m metav1.Object) error {
	err := apierrors.NewAlreadyExists(s.res.GroupResource(), m.GetName())
	if m.GetGenerateName() != "" {
		err = apierrors.NewGenerateNameConflict(s.res.GroupResource(), m.GetName(), 1)
	}
	o := s.kind.Get(key)
	if o == nil {
		return err
	}
	obj, derr := o.Typed()
	if derr != nil {
		return err
	}
	if old, merr := meta.Accessor(obj); merr == nil && old.GetDeletionTimestamp() != nil {
		err.ErrStatus.Message = "object is being deleted: " + err.ErrStatus.Message
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
