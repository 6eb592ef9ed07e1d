package disruption

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	policylisters "k8s.io/client-go/listers/policy/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

// timeout is how long an evicted pod may take until its deletion is seen; after that it counts as staying.
const timeout = 2 * time.Minute

type controller struct {
	work.Env
	loop    *work.Loop
	budgets policylisters.PodDisruptionBudgetLister
	pods    corelisters.PodLister
}

// New returns the loop. e acts as disruption-controller. Keys are PodDisruptionBudgets.
func New(e work.Env) *work.Loop {
	c := &controller{Env: e, loop: e.Loop("disruption"), budgets: e.Factory.Policy().V1().PodDisruptionBudgets().Lister(), pods: e.Factory.Core().V1().Pods().Lister()}
	c.loop.WatchKeys(e.PodDisruptionBudgets())
	c.loop.Watch(e.Pods(), func(old, new metav1.Object) {
		if old != nil && new != nil && alike(old.(*corev1.Pod), new.(*corev1.Pod)) {
			return
		}
		for _, o := range []metav1.Object{old, new} {
			if o != nil {
				c.queueFor(o.GetNamespace(), labels.Set(o.GetLabels()))
			}
		}
	})
	for _, owners := range []*work.Informer{e.ReplicaSets(), e.Deployments(), e.StatefulSets()} {
		c.loop.Watch(owners, func(old, new metav1.Object) {
			if new != nil && (old == nil || old.GetGeneration() != new.GetGeneration()) {
				c.queueFor(new.GetNamespace(), podLabels(new))
			}
		})
	}
	c.loop.Sync = c.sync
	return c.loop
}

// alike says whether nothing changed about a pod that a budget counts.
func alike(a, b *corev1.Pod) bool {
	return workload.Ready(a) == workload.Ready(b) && (a.DeletionTimestamp == nil) == (b.DeletionTimestamp == nil) && labels.Equals(a.Labels, b.Labels)
}

// podLabels is what the pods of an owner are found by.
func podLabels(owner metav1.Object) labels.Set {
	switch o := owner.(type) {
	case *appsv1.ReplicaSet:
		return o.Spec.Template.Labels
	case *appsv1.Deployment:
		return o.Spec.Template.Labels
	case *appsv1.StatefulSet:
		return o.Spec.Template.Labels
	}
	return nil
}

func (c *controller) queueFor(namespace string, l labels.Set) {
	all, err := c.budgets.PodDisruptionBudgets(namespace).List(labels.Everything())
	if err != nil {
		return
	}
	for _, b := range all {
		if s, err := metav1.LabelSelectorAsSelector(b.Spec.Selector); err == nil && s.Matches(l) {
			c.loop.Queue.Add(work.Key(b))
		}
	}
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	b, err := c.budgets.PodDisruptionBudgets(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	next := b.DeepCopy()
	again, err := c.count(next)
	if err != nil {
		// What cannot be counted is not disrupted.
		next = b.DeepCopy()
		next.Status.DisruptionsAllowed = 0
		c.condition(next, metav1.ConditionFalse, policyv1.SyncFailedReason, err.Error())
	}
	if again.IsZero() {
		c.loop.Queue.NotAt(key)
	} else {
		c.loop.Queue.At(clock.Other, "eviction counted by budget "+key, key, again)
	}
	if equality.Semantic.DeepEqual(b.Status, next.Status) {
		return nil
	}
	made, err := c.Client.PolicyV1().PodDisruptionBudgets(ns).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if err != nil {
		if apierrors.IsConflict(err) {
			c.loop.Queue.Add(key) // an eviction came between: count again
			return nil
		}
		return work.Gone(err)
	}
	c.loop.Wrote(key, c.PodDisruptionBudgets(), made)
	return nil
}

// count fills the status of b and says when to look again, if an eviction has not come true yet.
func (c *controller) count(b *policyv1.PodDisruptionBudget) (again time.Time, err error) {
	selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
	if err != nil {
		return time.Time{}, err
	}
	pods, err := c.pods.Pods(b.Namespace).List(selector)
	if err != nil {
		return time.Time{}, err
	}
	if len(pods) == 0 {
		c.Events.Event(b, corev1.EventTypeNormal, "NoPods", "No matching pods found")
	}
	expected, desired, unmanaged, err := c.expected(b, pods)
	if err != nil {
		c.Events.Eventf(b, corev1.EventTypeWarning, "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: %v", err)
		return time.Time{}, err
	}
	if unmanaged {
		c.Events.Eventf(b, corev1.EventTypeWarning, "UnmanagedPods", `Pods selected by this PodDisruptionBudget (selector: %v) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`, b.Spec.Selector)
	}
	s := &b.Status
	disrupted, again := c.disrupted(b, pods)
	s.DisruptedPods = disrupted
	s.CurrentHealthy = healthy(pods, disrupted)
	s.DesiredHealthy, s.ExpectedPods, s.ObservedGeneration = desired, expected, b.Generation
	s.DisruptionsAllowed = 0
	if expected > 0 {
		s.DisruptionsAllowed = max(0, s.CurrentHealthy-desired)
	}
	if s.DisruptionsAllowed > 0 {
		c.condition(b, metav1.ConditionTrue, policyv1.SufficientPodsReason, "")
	} else {
		c.condition(b, metav1.ConditionFalse, policyv1.InsufficientPodsReason, "")
	}
	return again, nil
}

func (c *controller) condition(b *policyv1.PodDisruptionBudget, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&b.Status.Conditions, metav1.Condition{Type: policyv1.DisruptionAllowedCondition, Status: status,
		Reason: reason, Message: message, ObservedGeneration: b.Status.ObservedGeneration, LastTransitionTime: metav1.NewTime(c.Clock.Now())})
}

// disrupted keeps, of the evictions that the API server has noted in b, those whose pods are still to go.
func (c *controller) disrupted(b *policyv1.PodDisruptionBudget, pods []*corev1.Pod) (still map[string]metav1.Time, again time.Time) {
	for _, p := range pods {
		since, ok := b.Status.DisruptedPods[p.Name]
		if !ok || p.DeletionTimestamp != nil {
			continue
		}
		end := since.Add(timeout)
		if end.Before(c.Clock.Now()) {
			c.Events.Eventf(p, corev1.EventTypeWarning, "NotDeleted", "Pod was expected by PDB %s/%s to be deleted but it wasn't", b.Namespace, b.Namespace)
			continue
		}
		if still == nil {
			still = map[string]metav1.Time{}
		}
		still[p.Name] = since
		again = workload.Earlier(again, end.Add(time.Second))
	}
	return still, again
}

// healthy counts the pods that are ready and stay.
func healthy(pods []*corev1.Pod, disrupted map[string]metav1.Time) int32 {
	var n int32
	for _, p := range pods {
		if _, going := disrupted[p.Name]; !going && p.DeletionTimestamp == nil && workload.Ready(p) {
			n++
		}
	}
	return n
}
