package statefulset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// manage takes the steps that are possible now. In order, a step waits for the one before it: the next pod is made when
// all before it are available, the next one ended when all that stay are well and none is on its way out.
func (r *round) manage(ctx context.Context) error {
	ordered := r.set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
	for i, p := range r.wanted {
		if p != nil && (p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded) {
			if p.DeletionTimestamp == nil {
				r.Events.Eventf(r.set, corev1.EventTypeWarning, "RecreatingTerminatedPod", "StatefulSet %s/%s is recreating terminated Pod %s", r.set.Namespace, r.set.Name, p.Name)
				if err := r.remove(ctx, p); err != nil {
					return err
				}
			}
			if ordered {
				return nil // its end queues the set again
			}
			continue
		}
		if p == nil {
			if err := r.create(ctx, i); err != nil {
				return err
			}
			if ordered {
				return nil
			}
			continue
		}
		if ordered && (p.DeletionTimestamp != nil || !r.available(p)) {
			return nil
		}
	}
	for _, p := range r.excess {
		if p.DeletionTimestamp == nil {
			if err := r.remove(ctx, p); err != nil {
				return err
			}
		}
		if ordered {
			return nil
		}
	}
	return r.roll(ctx)
}

// roll replaces pods of an older revision, the highest ordinal first, as many at a time as may be unavailable.
func (r *round) roll(ctx context.Context) error {
	if r.set.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return nil
	}
	room := r.maxUnavailable()
	for _, p := range r.wanted {
		if p == nil || p.DeletionTimestamp != nil || !r.available(p) {
			room--
		}
	}
	for i := len(r.wanted) - 1; i >= 0 && i+first(r.set) >= r.partition(); i-- {
		p := r.wanted[i]
		if p == nil || p.DeletionTimestamp != nil {
			continue
		}
		well := r.available(p)
		if revisionOf(p) == r.update.Name {
			continue
		}
		if well && room <= 0 {
			return nil
		}
		if err := r.remove(ctx, p); err != nil {
			return err
		}
		if well {
			room--
		}
	}
	return nil
}

func (r *round) maxUnavailable() int {
	u := r.set.Spec.UpdateStrategy.RollingUpdate
	if u == nil || u.MaxUnavailable == nil {
		return 1
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(u.MaxUnavailable, replicas(r.set), true)
	if err != nil {
		return 1 // the API server lets none such in
	}
	return max(n, 1)
}
