package apiserver

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/internal/clock"
)

// quotas shows admission what is stored and charges quotas as the server itself, whose name then stands in their managed fields.
type quotas struct {
	live
	clock  *clock.Clock
	fields *schema.FieldManagers
}

// chargesAs is the field manager of what admission writes.
const chargesAs = "kube-apiserver"

// Now implements admission.Quotas.
func (q *quotas) Now() time.Time { return q.clock.Now() }

// ResourceQuotas implements admission.Quotas.
func (q *quotas) ResourceQuotas(namespace string) ([]*corev1.ResourceQuota, error) {
	store := q.registry.Core("resourcequotas")
	if store.Kind().Len() == 0 {
		return nil, nil
	}
	return each[*corev1.ResourceQuota](store, namespace+"/")
}

// Objects implements quota.Source.
func (q *quotas) Objects(_ context.Context, gr apischema.GroupResource, namespace string) ([]runtime.Object, error) {
	return each[runtime.Object](q.registry.Store(gr), namespace+"/")
}

// Count implements quota.Source.
func (q *quotas) Count(_ context.Context, gr apischema.GroupResource, namespace string) (int64, bool, error) {
	store := q.registry.Store(gr)
	if store == nil || !store.Resource().Namespaced {
		return 0, false, nil
	}
	n := int64(0)
	store.Kind().Snapshot().Each(namespace+"/", "", func(*cache.Object) bool {
		n++
		return true
	})
	return n, true, nil
}

// Stored implements admission.Quotas.
func (q *quotas) Stored(gr apischema.GroupResource, namespace, name string, uid types.UID, version string) bool {
	obj, err := q.registry.Store(gr).Typed(namespace, name)
	if err != nil {
		return false
	}
	is, ok := obj.(metav1.ObjectMetaAccessor)
	return ok && is.GetObjectMeta().GetUID() == uid && is.GetObjectMeta().GetResourceVersion() != version
}

// Charge implements admission.Quotas.
func (q *quotas) Charge(ctx context.Context, charged *corev1.ResourceQuota) (*corev1.ResourceQuota, error) {
	fm, err := q.fields.For(corev1.SchemeGroupVersion.WithKind("ResourceQuota"), "status")
	if err != nil {
		return nil, err
	}
	stored, _, err := q.registry.Core("resourcequotas").Update(request.WithUser(ctx, itself), charged.Namespace, charged.Name, registry.UpdateOptions{
		Subresource: "status", UID: charged.UID,
		Transform: func(_ context.Context, present runtime.Object) (runtime.Object, error) {
			before := present.(*corev1.ResourceQuota)
			next := before.DeepCopy()
			next.Status = charged.Status
			next.ResourceVersion = charged.ResourceVersion
			kind := corev1.SchemeGroupVersion.WithKind("ResourceQuota")
			before.SetGroupVersionKind(kind)
			next.SetGroupVersionKind(kind)
			fm.Update(before, next, chargesAs, q.clock.Now())
			return next, nil
		},
	})
	if err != nil {
		return nil, err
	}
	obj, err := stored.Typed()
	if err != nil {
		return nil, err
	}
	is, ok := obj.(*corev1.ResourceQuota)
	if !ok {
		return nil, fmt.Errorf("stored quota %q is a %T", charged.Name, obj)
	}
	return is, nil
}
