// Package statefulset gives pods a name that lasts: a StatefulSet's pods are numbered, made in order and ended in
// reverse, each with claims of its own.
//
// Claims are made and kept; what becomes of them is not this loop's business (their retention policy is stored and not
// followed).
package statefulset

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	appslisters "k8s.io/client-go/listers/apps/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

type controller struct {
	work.Env
	loop      *work.Loop
	sets      appslisters.StatefulSetLister
	pods      *workload.Pods
	revisions *workload.Revisions
	departed  departed
}

// New returns the loop. e acts as statefulset-controller. Keys are StatefulSets.
func New(e work.Env) *work.Loop {
	kind := appsv1.SchemeGroupVersion.WithKind("StatefulSet")
	c := &controller{Env: e, loop: e.Loop("statefulset"), sets: e.Factory.Apps().V1().StatefulSets().Lister(),
		pods: workload.NewPods(e, kind), revisions: workload.NewRevisions(e, kind)}
	c.loop.WatchKeys(e.StatefulSets())
	c.departed.watch(c.loop, e.Pods())
	c.pods.Watch(c.loop, c.wanting)
	c.revisions.Watch(c.loop, nil)
	c.loop.Sync = c.sync
	return c.loop
}

func (c *controller) wanting(pod metav1.Object) []string {
	all, err := c.sets.StatefulSets(pod.GetNamespace()).List(labels.Everything())
	if err != nil {
		return nil
	}
	var keys []string
	for _, set := range all {
		s, err := metav1.LabelSelectorAsSelector(set.Spec.Selector)
		if err == nil && !s.Empty() && s.Matches(labels.Set(pod.GetLabels())) && ordinal(set.Name, pod.GetName()) >= 0 {
			keys = append(keys, work.Key(set))
		}
	}
	return keys
}

// round is one StatefulSet as one sync finds it.
type round struct {
	*controller
	key             string
	set             *appsv1.StatefulSet // a copy, whose status is being written
	now             time.Time
	current, update *appsv1.ControllerRevision
	wanted          []*corev1.Pod // by ordinal from the first; nil where there is none
	excess          []*corev1.Pod // of other ordinals, the highest first
	wake            time.Time
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	seen, err := c.sets.StatefulSets(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	selector, err := metav1.LabelSelectorAsSelector(seen.Spec.Selector)
	if err != nil || selector.Empty() || seen.DeletionTimestamp != nil {
		return nil
	}
	r := &round{controller: c, key: key, set: seen.DeepCopy(), now: c.Clock.Now()}
	owner := workload.Owner{Object: seen, Key: key, Selector: selector, Fresh: func(ctx context.Context) (metav1.Object, error) {
		return c.Client.AppsV1().StatefulSets(ns).Get(ctx, name, metav1.GetOptions{})
	}}
	var history []*appsv1.ControllerRevision
	r.update, history, err = c.revisions.Current(ctx, c.loop, owner, &seen.Spec.Template, &r.set.Status.CollisionCount)
	if err != nil {
		return err
	}
	if r.set.Status.CollisionCount == nil {
		r.set.Status.CollisionCount = new(int32)
	}
	r.current = r.update
	for _, rev := range history {
		if rev.Name == seen.Status.CurrentRevision {
			r.current = rev
		}
	}
	claimed, err := c.pods.Claim(ctx, c.loop, owner)
	if err != nil {
		return err
	}
	r.arrange(claimed)
	manageErr := r.manage(ctx)
	if manageErr == nil {
		manageErr = c.revisions.Forget(ctx, c.loop, key, history, historyLimit(seen), func(rev *appsv1.ControllerRevision) bool {
			return rev.Name == r.current.Name || rev.Name == r.update.Name ||
				slices.ContainsFunc(claimed, func(p *corev1.Pod) bool { return revisionOf(p) == rev.Name })
		})
	}
	if err := r.report(ctx, seen); err != nil {
		return err
	}
	if r.wake.IsZero() {
		c.loop.Queue.NotAt(key)
	} else {
		c.loop.Queue.At(clock.Other, "pod of statefulset "+key+" available", key, r.wake)
	}
	return manageErr
}

func historyLimit(set *appsv1.StatefulSet) int32 {
	if set.Spec.RevisionHistoryLimit == nil {
		return 10
	}
	return *set.Spec.RevisionHistoryLimit
}

func revisionOf(p *corev1.Pod) string { return p.Labels[appsv1.ControllerRevisionHashLabelKey] }

// arrange puts the pods in order.
func (r *round) arrange(pods []*corev1.Pod) {
	r.wanted = make([]*corev1.Pod, replicas(r.set))
	for _, p := range pods {
		n := ordinal(r.set.Name, p.Name)
		switch i := n - first(r.set); {
		case n < 0:
		case i >= 0 && i < len(r.wanted):
			r.wanted[i] = p
		default:
			r.excess = append(r.excess, p)
		}
	}
	slices.SortFunc(r.excess, func(a, b *corev1.Pod) int { return ordinal(r.set.Name, b.Name) - ordinal(r.set.Name, a.Name) })
}

// partition is the lowest ordinal that is updated.
func (r *round) partition() int {
	if u := r.set.Spec.UpdateStrategy.RollingUpdate; u != nil && u.Partition != nil {
		return int(*u.Partition)
	}
	return 0
}

// revision is the one that the pod of an ordinal is to be made of: below the partition, and for pods that an unfinished
// update has not reached, the one before.
func (r *round) revision(i int) *appsv1.ControllerRevision {
	if r.current.Name == r.update.Name || r.set.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return r.update
	}
	notReached := r.set.Spec.UpdateStrategy.RollingUpdate == nil && i < int(r.set.Status.CurrentReplicas)
	if notReached || i+first(r.set) < r.partition() {
		return r.current
	}
	return r.update
}

// report writes the status, and ends an update all of whose pods are there.
func (r *round) report(ctx context.Context, seen *appsv1.StatefulSet) error {
	s := &r.set.Status
	s.ObservedGeneration = r.set.Generation
	s.Replicas, s.ReadyReplicas, s.AvailableReplicas, s.CurrentReplicas, s.UpdatedReplicas = 0, 0, 0, 0, 0
	for _, p := range slices.Concat(r.wanted, r.excess) {
		if p == nil {
			continue
		}
		s.Replicas++
		if runningAndReady(p) {
			s.ReadyReplicas++
			if r.available(p) {
				s.AvailableReplicas++
			}
		}
		if p.DeletionTimestamp == nil {
			if revisionOf(p) == r.current.Name {
				s.CurrentReplicas++
			}
			if revisionOf(p) == r.update.Name {
				s.UpdatedReplicas++
			}
		}
	}
	s.CurrentRevision, s.UpdateRevision = r.current.Name, r.update.Name
	if s.UpdatedReplicas == s.Replicas && s.ReadyReplicas == s.Replicas && int(s.Replicas) == replicas(r.set) && r.set.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType {
		s.CurrentRevision, s.CurrentReplicas = s.UpdateRevision, s.UpdatedReplicas
	}
	if equality.Semantic.DeepEqual(seen.Status, *s) {
		return nil
	}
	next, err := r.Client.AppsV1().StatefulSets(r.set.Namespace).UpdateStatus(ctx, r.set, metav1.UpdateOptions{})
	if err != nil {
		return work.Gone(err)
	}
	r.loop.Wrote(r.key, r.StatefulSets(), next)
	return nil
}

func runningAndReady(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodRunning && workload.Ready(p)
}

func (r *round) available(p *corev1.Pod) bool {
	ok, at := workload.Available(p, time.Duration(r.set.Spec.MinReadySeconds)*time.Second, r.now)
	r.wake = workload.Earlier(r.wake, at)
	return ok && runningAndReady(p)
}

// create makes the pod of an ordinal, its claims first.
func (r *round) create(ctx context.Context, i int) error {
	n := i + first(r.set)
	rev := r.revision(i)
	t, err := workload.Template(rev)
	if err != nil {
		return err
	}
	p := r.newPod(r.set, t, rev.Name, n)
	for _, template := range r.set.Spec.VolumeClaimTemplates {
		claim := newClaim(r.set, &template, p.Name)
		_, err := r.Client.CoreV1().PersistentVolumeClaims(r.set.Namespace).Create(ctx, claim, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			r.Events.Eventf(r.set, corev1.EventTypeWarning, "FailedCreate", "Create Claim %s for Pod %s in StatefulSet %s failed error: %s", claim.Name, p.Name, r.set.Name, err)
			return fmt.Errorf("make claim %s: %w", claim.Name, err)
		}
		r.Events.Eventf(r.set, corev1.EventTypeNormal, "SuccessfulCreate", "Create Claim %s Pod %s in StatefulSet %s success", claim.Name, p.Name, r.set.Name)
	}
	r.departed.wait(ctx, p.Namespace+"/"+p.Name)
	made, err := r.Client.CoreV1().Pods(p.Namespace).Create(ctx, p, metav1.CreateOptions{})
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return nil
	case err != nil:
		r.Events.Eventf(r.set, corev1.EventTypeWarning, "FailedCreate", "Create Pod %s in StatefulSet %s failed error: %s", p.Name, r.set.Name, err)
		return fmt.Errorf("make pod %s: %w", p.Name, err)
	}
	r.loop.Wrote(r.key, r.controller.pods.Informer, made)
	r.wanted[i] = made
	r.Events.Eventf(r.set, corev1.EventTypeNormal, "SuccessfulCreate", "Create Pod %s in StatefulSet %s successful", p.Name, r.set.Name)
	return nil
}

func (r *round) remove(ctx context.Context, p *corev1.Pod) error {
	err := r.Client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &p.UID}})
	switch {
	case apierrors.IsNotFound(err) || apierrors.IsConflict(err):
		return nil
	case err != nil:
		r.Events.Eventf(r.set, corev1.EventTypeWarning, "FailedDelete", "Delete Pod %s in StatefulSet %s failed error: %s", p.Name, r.set.Name, err)
		return fmt.Errorf("delete pod %s: %w", p.Name, err)
	}
	r.loop.Deleted(r.key, r.controller.pods.Informer, p)
	r.Events.Eventf(r.set, corev1.EventTypeNormal, "SuccessfulDelete", "Delete Pod %s in StatefulSet %s successful", p.Name, r.set.Name)
	return nil
}
