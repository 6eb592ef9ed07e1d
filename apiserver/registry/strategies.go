package registry

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/registry/defaults"
	"github.com/kubemint/kubemint/apiserver/registry/prepare"
	"github.com/kubemint/kubemint/apiserver/registry/selectable"
	"github.com/kubemint/kubemint/apiserver/registry/validate"
	"github.com/kubemint/kubemint/apiserver/request"
)

// ordinary is the strategy of every kind: the rooms beside this file know the kinds by their Go types.
func (r *Registry) ordinary() Strategy {
	now := func(ctx context.Context) prepare.Context {
		return prepare.Context{Now: r.clock.Now(), User: request.UserFrom(ctx)}
	}
	s := Strategy{
		Default: defaults.Apply,
		PrepareCreate: func(ctx context.Context, obj runtime.Object) error {
			prepare.Create(now(ctx), obj)
			return nil
		},
		PrepareUpdate: func(ctx context.Context, obj, old runtime.Object, sub string) error {
			prepare.Update(now(ctx), obj, old, sub)
			return nil
		},
		Validate: func(_ context.Context, obj runtime.Object) field.ErrorList {
			return validate.Create(obj, r.validate)
		},
		ValidateUpdate: func(_ context.Context, obj, old runtime.Object, sub string) field.ErrorList {
			return validate.Update(obj, old, sub, r.validate)
		},
		Warnings: func(_ context.Context, obj, old runtime.Object) []string {
			return validate.Warnings(obj, old, r.validate)
		},
		Fields: selectable.Fields,
	}
	return s
}

// special returns the strategy of a kind: the ordinary one with what the kind does besides.
func (r *Registry) special(res *Resource) Strategy {
	s := r.ordinary()
	switch res.GroupResource() {
	case schema.GroupResource{Resource: "pods"}:
		s.Grace = podGrace
	case schema.GroupResource{Resource: "namespaces"}:
		s.Held = func(obj runtime.Object) bool {
			n, ok := obj.(*corev1.Namespace)
			return ok && len(n.Spec.Finalizers) > 0
		}
		s.Deleting = func(obj runtime.Object) {
			if n, ok := obj.(*corev1.Namespace); ok {
				n.Status.Phase = corev1.NamespaceTerminating
			}
		}
	case schema.GroupResource{Resource: "services"}:
		prepareCreate, prepareUpdate := s.PrepareCreate, s.PrepareUpdate
		s.PrepareCreate = func(ctx context.Context, obj runtime.Object) error {
			if err := prepareCreate(ctx, obj); err != nil {
				return err
			}
			return r.addresses.assign(obj.(*corev1.Service))
		}
		s.PrepareUpdate = func(ctx context.Context, obj, old runtime.Object, sub string) error {
			if err := prepareUpdate(ctx, obj, old, sub); err != nil {
				return err
			}
			return r.addresses.assign(obj.(*corev1.Service))
		}
	case schema.GroupResource{Group: "batch", Resource: "jobs"}:
		// API-180: the raw API keeps a job's pods unless it is told otherwise.
		s.Propagation = func(ctx context.Context) metav1.DeletionPropagation {
			request.Warn(ctx, "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning")
			return metav1.DeletePropagationOrphan
		}
	}
	if g := r.guards[res.GroupResource()]; g != nil {
		s.Guard = g
	}
	return s
}

// podGrace is how long a pod may take to end (API-178).
func podGrace(obj runtime.Object, o *metav1.DeleteOptions) int64 {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return 0
	}
	grace := int64(corev1.DefaultTerminationGracePeriodSeconds)
	switch {
	case o.GracePeriodSeconds != nil:
		grace = *o.GracePeriodSeconds
		if grace < 0 {
			grace = 1
		}
	case p.Spec.TerminationGracePeriodSeconds != nil:
		grace = *p.Spec.TerminationGracePeriodSeconds
		if grace < 0 {
			grace = 1
		}
	}
	if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
		return 0
	}
	return grace
}
