package apiserver

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/registry"
)

// disrupt takes one of the disruptions that the pod's budget allows, or refuses the eviction with 429.
func (s *Server) disrupt(ctx context.Context, pod *corev1.Pod, dry bool) error {
	if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodPending || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return nil // nothing is disrupted
	}
	store := s.registry.Store(schema.GroupResource{Group: "policy", Resource: "poddisruptionbudgets"})
	budgets, err := each[*policyv1.PodDisruptionBudget](store, pod.Namespace+"/")
	if err != nil {
		return err
	}
	var own []*policyv1.PodDisruptionBudget
	for _, b := range budgets {
		sel, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		if err == nil && sel.Matches(labels.Set(pod.Labels)) {
			own = append(own, b)
		}
	}
	switch len(own) {
	case 0:
		return nil
	case 1:
	default:
		return apierrors.NewInternalError(errManyBudgets)
	}
	if sickMayGo(pod, own[0]) {
		return nil
	}
	_, _, err = store.Update(ctx, pod.Namespace, own[0].Name, registry.UpdateOptions{
		Subresource: "status", DryRun: dry,
		Transform: func(_ context.Context, present runtime.Object) (runtime.Object, error) {
			b := present.(*policyv1.PodDisruptionBudget)
			if err := overBudget(b); err != nil {
				return nil, err
			}
			if b.Status.DisruptionsAllowed--; b.Status.DisruptionsAllowed == 0 {
				apimeta.SetStatusCondition(&b.Status.Conditions, metav1.Condition{Type: policyv1.DisruptionAllowedCondition, Status: metav1.ConditionFalse,
					Reason: policyv1.InsufficientPodsReason, ObservedGeneration: b.Status.ObservedGeneration, LastTransitionTime: metav1.NewTime(s.clock.Now())})
			}
			if b.Status.DisruptedPods == nil {
				b.Status.DisruptedPods = map[string]metav1.Time{}
			}
			b.Status.DisruptedPods[pod.Name] = metav1.NewTime(s.clock.Now())
			return b, nil
		},
	})
	return err
}

// sickMayGo says whether a pod that is not ready may be evicted without taking one of the disruptions.
func sickMayGo(pod *corev1.Pod, b *policyv1.PodDisruptionBudget) bool {
	if slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue }) {
		return false
	}
	if p := b.Spec.UnhealthyPodEvictionPolicy; p != nil && *p == policyv1.AlwaysAllow {
		return true
	}
	return b.Status.DesiredHealthy > 0 && b.Status.CurrentHealthy >= b.Status.DesiredHealthy
}

// overBudget refuses an eviction that a budget does not allow (429), and says why.
func overBudget(b *policyv1.PodDisruptionBudget) error {
	refuse := func(seconds int, format string, args ...any) error {
		err := apierrors.NewTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", seconds)
		err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: policyv1.DisruptionBudgetCause,
			Message: "The disruption budget " + b.Name + fmt.Sprintf(format, args...)}}
		return err
	}
	s := b.Status
	if s.ObservedGeneration < b.Generation {
		return refuse(10, " is still being processed by the server.")
	}
	if s.DisruptionsAllowed > 0 {
		return nil
	}
	why := apimeta.FindStatusCondition(s.Conditions, policyv1.DisruptionAllowedCondition)
	told := why != nil && why.Status == metav1.ConditionFalse && why.Message != ""
	switch {
	case told && why.Reason == policyv1.SyncFailedReason:
		return refuse(0, " does not allow evicting pods currently because it failed sync: %s", why.Message)
	case s.CurrentHealthy <= s.DesiredHealthy:
		return refuse(0, " needs %d healthy pods and has %d currently", s.DesiredHealthy, s.CurrentHealthy)
	case told:
		return refuse(0, " does not allow evicting pods currently (%s): %s", why.Reason, why.Message)
	}
	return refuse(0, " does not allow evicting pods currently")
}

type manyBudgets struct{}

func (manyBudgets) Error() string {
	return "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
}

var errManyBudgets = manyBudgets{}

// disrupted notes on a pod that an eviction deletes it.
func (s *Server) disrupted(ctx context.Context, namespace, name string) error {
	_, _, err := s.registry.Core("pods").Update(ctx, namespace, name, registry.UpdateOptions{
		Subresource: "status", Own: true,
		Transform: func(_ context.Context, present runtime.Object) (runtime.Object, error) {
			pod := present.(*corev1.Pod)
			c := corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI",
				Message: "Eviction API: evicting", LastTransitionTime: metav1.NewTime(s.clock.Now())}
			i := slices.IndexFunc(pod.Status.Conditions, func(have corev1.PodCondition) bool { return have.Type == c.Type })
			switch {
			case i < 0:
				pod.Status.Conditions = append(pod.Status.Conditions, c)
			case pod.Status.Conditions[i].Status != c.Status:
				pod.Status.Conditions[i] = c
			}
			pod.ResourceVersion = ""
			return pod, nil
		},
	})
	return err
}
