package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
)

// live reads the present objects for authentication and admission. They are shared: nobody changes them. The errors name the resource in
// the singular, as the informers of a real server do (AUTH-14, ADM-4).
type live struct{ registry *registry.Registry }

func one[T runtime.Object](s *registry.Store, namespace, name string) (T, error) {
	var none T
	obj, err := s.Typed(namespace, name)
	if apierrors.IsNotFound(err) {
		return none, apierrors.NewNotFound(schema.GroupResource{Group: s.Resource().Group, Resource: s.Resource().Singular}, name)
	}
	if err != nil {
		return none, err
	}
	typed, ok := obj.(T)
	if !ok {
		return none, fmt.Errorf("stored %s %q is a %T", s.Resource().Name, name, obj)
	}
	return typed, nil
}

func each[T runtime.Object](s *registry.Store, prefix string) ([]T, error) {
	var out []T
	var failed error
	s.Kind().Snapshot().Each(prefix, "", func(o *cache.Object) bool {
		obj, err := o.Typed()
		if err != nil {
			failed = err
			return false
		}
		if typed, ok := obj.(T); ok {
			out = append(out, typed)
		}
		return true
	})
	return out, failed
}

func (l live) Namespace(name string) (*corev1.Namespace, error) {
	ns, err := one[*corev1.Namespace](l.registry.Core("namespaces"), "", name)
	return ns, pluralized(err, "namespaces", name) // a real server asks its storage here (API-89)
}

func (l live) ServiceAccount(namespace, name string) (*corev1.ServiceAccount, error) {
	return one[*corev1.ServiceAccount](l.registry.Core("serviceaccounts"), namespace, name)
}

func (l live) Secret(namespace, name string) (*corev1.Secret, error) {
	return one[*corev1.Secret](l.registry.Core("secrets"), namespace, name)
}

func (l live) Pod(namespace, name string) (*corev1.Pod, error) {
	return one[*corev1.Pod](l.registry.Core("pods"), namespace, name)
}

func (l live) Node(name string) (*corev1.Node, error) {
	return one[*corev1.Node](l.registry.Core("nodes"), "", name)
}

func (l live) PriorityClass(name string) (*schedulingv1.PriorityClass, error) {
	return one[*schedulingv1.PriorityClass](l.store("scheduling.k8s.io", "priorityclasses"), "", name)
}

func (l live) PriorityClasses() ([]*schedulingv1.PriorityClass, error) {
	return each[*schedulingv1.PriorityClass](l.store("scheduling.k8s.io", "priorityclasses"), "")
}

func (l live) StorageClasses() ([]*storagev1.StorageClass, error) {
	return each[*storagev1.StorageClass](l.store("storage.k8s.io", "storageclasses"), "")
}

func (l live) LimitRanges(namespace string) ([]*corev1.LimitRange, error) {
	return each[*corev1.LimitRange](l.registry.Core("limitranges"), namespace+"/")
}

func (l live) store(group, resource string) *registry.Store {
	return l.registry.Store(schema.GroupResource{Group: group, Resource: resource})
}

// plural is live with errors that name resources as the API does: what a client is told of the object it asked about (TOK-10, TOK-13).
type plural struct{ live }

func pluralized(err error, resource, name string) error {
	if apierrors.IsNotFound(err) {
		return apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)
	}
	return err
}

func (p plural) ServiceAccount(namespace, name string) (*corev1.ServiceAccount, error) {
	o, err := p.live.ServiceAccount(namespace, name)
	return o, pluralized(err, "serviceaccounts", name)
}

func (p plural) Secret(namespace, name string) (*corev1.Secret, error) {
	o, err := p.live.Secret(namespace, name)
	return o, pluralized(err, "secrets", name)
}

func (p plural) Pod(namespace, name string) (*corev1.Pod, error) {
	o, err := p.live.Pod(namespace, name)
	return o, pluralized(err, "pods", name)
}

func (p plural) Node(name string) (*corev1.Node, error) {
	o, err := p.live.Node(name)
	return o, pluralized(err, "nodes", name)
}
