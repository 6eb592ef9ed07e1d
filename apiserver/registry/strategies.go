package registry

import (
	"context"
	"time"

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
		Validate: func(ctx context.Context, obj runtime.Object) field.ErrorList {
			return validate.Create(obj, r.asked(ctx))
		},
		ValidateUpdate: func(ctx context.Context, obj, old runtime.Object, sub string) field.ErrorList {
			return validate.Update(obj, old, sub, r.asked(ctx))
		},
		Warnings: func(ctx context.Context, obj, old runtime.Object, sub string) []string {
			if sub != "" {
				return nil // the sender of a status has no say in the rest
			}
			return validate.Warnings(obj, old, r.asked(ctx))
		},
		Fields: selectable.Fields,
	}
	return s
}

// asked is what validation must know of the request: the group whose rules its sender means (API-226).
func (r *Registry) asked(ctx context.Context) validate.Context {
	c := r.validate
	if info := request.InfoFrom(ctx); info != nil {
		c.Group = info.Group
	}
	return c
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
		s.Terminate = func(obj runtime.Object, now time.Time) {
			if n, ok := obj.(*corev1.Namespace); ok {
				at := metav1.NewTime(now).Rfc3339Copy()
				n.DeletionTimestamp = &at
				n.Status.Phase = corev1.NamespaceTerminating
			}
		}
	case schema.GroupResource{Resource: "events"}:
		s.Propagation = Alone
	case schema.GroupResource{Resource: "replicationcontrollers"}:
		s.Propagation = metav1.DeletePropagationOrphan // the first of them all, and its clients expect it
	case schema.GroupResource{Resource: "services"}:
		s.Reserve = func(obj, old runtime.Object) (func(), error) {
			was, _ := old.(*corev1.Service)
			return r.addresses.reserve(obj.(*corev1.Service), was)
		}
	case schema.GroupResource{Group: "batch", Resource: "jobs"}:
		// API-180: the raw API keeps a job's pods unless it is told otherwise.
		s.Propagation = metav1.DeletePropagationOrphan
		s.DeleteWarning = func(o *metav1.DeleteOptions) string {
			if o.PropagationPolicy != nil || o.OrphanDependents != nil {
				return ""
			}
			return "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"
		}
	}
	if g := r.guards[res.GroupResource()]; g != nil {
		s.Guard = g
	}
	return s
}

// podGrace is how long a pod may take to end (API-178).
func podGrace(obj runtime.Object, asked *int64) int64 {
	p, ok := obj.(*corev1.Pod)
	switch {
	case !ok, p.Spec.NodeName == "", p.Status.Phase == corev1.PodSucceeded, p.Status.Phase == corev1.PodFailed:
		return 0
	}
	if asked == nil {
		asked = p.Spec.TerminationGracePeriodSeconds
	}
	switch {
	case asked == nil:
		return 0
	case *asked < 0:
		return 1
	}
	return *asked
}
