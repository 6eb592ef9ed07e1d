package registry

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/storage"
)

// errModified is the text of a failed optimistic lock (API-76).
var errModified = errors.New("the object has been modified; please apply your changes to the latest version and try again")

// status turns an error of storage into the one clients know.
func (s *Store) status(err error, name string) error {
	gr := s.res.GroupResource()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrNotFound):
		return apierrors.NewNotFound(gr, name)
	case errors.Is(err, storage.ErrExists):
		return apierrors.NewAlreadyExists(gr, name)
	case errors.Is(err, storage.ErrConflict):
		return apierrors.NewConflict(gr, name, errModified)
	case errors.Is(err, storage.ErrCompacted):
		return apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
	}
	return err
}

// TooLarge is the answer to a resource version that does not exist yet (API-118).
func TooLarge(wanted, current int64) error {
	err := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", wanted, current), 1)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{
		Type:    metav1.CauseTypeResourceVersionTooLarge,
		Message: "Too large resource version",
	}}
	return err
}

// otherUID is the answer to an update of an object by the uid of another one, in the words of a real server's storage (API-77).
func (s *Store) otherUID(namespace, name string, asked, present types.UID, dryRun bool) error {
	return s.invalidObject(namespace, name, dryRun, preconditionFailed("UID", string(asked), string(present)))
}

// invalidObject is a real server's storage speaking of an object that is not the one meant.
func (s *Store) invalidObject(namespace, name string, dryRun bool, why error) error {
	key := s.knownKey(namespace, name)
	if dryRun { // then it is the layer above storage that looks, and knows less of the key
		key = strings.TrimPrefix(key, strings.TrimSuffix(Root, "/"))
	}
	return apierrors.NewConflict(s.res.GroupResource(), name,
		fmt.Errorf("StorageError: invalid object, Code: 4, Key: %s, ResourceVersion: 0, AdditionalErrorMsg: %w", key, why))
}

func preconditionFailed(what, asked, present string) error {
	return fmt.Errorf("Precondition failed: %s in precondition: %s, %s in object meta: %s", what, asked, what, present) //nolint:staticcheck // the wire text
}

// knownKey is the key under which a real server keeps an object: messages show it.
func (s *Store) knownKey(namespace, name string) string {
	dir := s.res.Name
	switch s.res.GroupResource() {
	case schema.GroupResource{Resource: "nodes"}:
		dir = "minions"
	case schema.GroupResource{Resource: "services"}:
		dir = "services/specs"
	case schema.GroupResource{Resource: "endpoints"}:
		dir = "services/endpoints"
	case schema.GroupResource{Resource: "replicationcontrollers"}:
		dir = "controllers"
	case schema.GroupResource{Group: "networking.k8s.io", Resource: "ingresses"}:
		dir = "ingress"
	}
	return Root + dir + "/" + s.Key(namespace, name)
}

// maxObject is what a real cluster's storage takes at once (API-5).
const maxObject = 3 << 19

// checkSize refuses what a real cluster could not store. Its size there is that of its protobuf form.
func checkSize(obj runtime.Object, value []byte) error {
	if len(value) <= maxObject {
		return nil
	}
	if o, ok := obj.(interface{ Size() int }); ok && o.Size() <= maxObject {
		return nil
	}
	return errTooLarge
}

var errTooLarge = errors.New("etcdserver: request is too large")

// mostCauses is how many of the faults of an object its sender is told of. The library puts their texts together in the square of
// their number, which takes minutes for all those that a body can hold.
const mostCauses = 1000

// invalid is the answer to an object with faults.
func (s *Store) invalid(name string, errs field.ErrorList) error {
	return apierrors.NewInvalid(s.res.GroupKind(), name, errs[:min(len(errs), mostCauses)])
}
