package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	sigsjson "sigs.k8s.io/json"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/storage"
)

// Store keeps the objects of one kind.
type Store struct {
	res      *Resource
	strategy Strategy
	backend  storage.Store
	cache    *cache.Cache
	kind     *cache.Kind
	clock    *clock.Clock
}

// Resource is the store's row of the table.
func (s *Store) Resource() *Resource { return s.res }

// Kind is the store's part of the cache.
func (s *Store) Kind() *cache.Kind { return s.kind }

// Strategy is what this kind does differently.
func (s *Store) Strategy() *Strategy { return &s.strategy }

// Key is an object's key in the cache.
func (s *Store) Key(namespace, name string) string {
	if s.res.Namespaced {
		return namespace + "/" + name
	}
	return name
}

// Get returns an object, or a NotFound StatusError.
func (s *Store) Get(namespace, name string) (*cache.Object, error) {
	if o := s.kind.Get(s.Key(namespace, name)); o != nil {
		return o, nil
	}
	return nil, apierrors.NewNotFound(s.res.GroupResource(), name)
}

// Typed returns the decoded object, shared: copy it before changing it.
func (s *Store) Typed(namespace, name string) (runtime.Object, error) {
	o, err := s.Get(namespace, name)
	if err != nil {
		return nil, err
	}
	return o.Typed()
}

// decode fills an object from a stored body.
func decode(body []byte, into runtime.Object) error {
	return sigsjson.UnmarshalCaseSensitivePreserveInts(body, into)
}

// encode makes the value that is stored: no kind, no apiVersion and no resource version, which the cache adds.
func encode(obj runtime.Object) ([]byte, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	rv := m.GetResourceVersion()
	m.SetResourceVersion("")
	obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	b, err := marshal(obj)
	m.SetResourceVersion(rv)
	return b, err
}

// marshal encodes an object as it comes out of a real server's storage, where a list without items is no list: what must be there is
// null then. That becomes true of obj as well.
func marshal(obj runtime.Object) ([]byte, error) {
	b, err := json.Marshal(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	stored, ok := obj.(interface{ Marshal() ([]byte, error) })
	if !ok || !bytes.Contains(b, []byte(":[]")) {
		return b, nil
	}
	through, err := stored.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	again := reflect.New(reflect.TypeOf(obj).Elem())
	if err := again.Interface().(interface{ Unmarshal([]byte) error }).Unmarshal(through); err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	reflect.ValueOf(obj).Elem().Set(again.Elem())
	if b, err = json.Marshal(obj); err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	return b, nil
}

// stored makes the result of a write out of what was written.
func (s *Store) stored(key string, value []byte, revision int64, obj runtime.Object) (*cache.Object, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	m.SetResourceVersion(format(revision))
	s.kind.Remember(key, revision, obj)
	return s.kind.Make(key, value, revision, obj)
}

// loose makes the result of what is not stored: a dry run, or the last state of what is gone. obj keeps its resource version.
func (s *Store) loose(key string, obj runtime.Object) (*cache.Object, error) {
	obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	body, err := marshal(obj)
	if err != nil {
		return nil, err
	}
	return s.kind.Loose(key, body, obj), nil
}

func format(revision int64) string { return strconv.FormatInt(revision, 10) }
