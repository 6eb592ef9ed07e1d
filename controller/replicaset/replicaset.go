// Package replicaset keeps as many pods of a ReplicaSet, or of a ReplicationController, as it asks for. Pods that are missing are made a few at a time,
// superfluous ones deleted beginning with those that would be missed least.
package replicaset

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

// burst is the most pods made or deleted in one sync.
const burst = 500

type controller struct {
	work.Env
	loop *work.Loop
	kind kind
	pods *workload.Pods
}

// New returns the loop of ReplicaSets. e acts as replicaset-controller. Keys are ReplicaSets.
func New(e work.Env) *work.Loop {
	return newLoop(e, "replicaset", sets{e, e.Factory.Apps().V1().ReplicaSets().Lister()})
}

// NewControllers returns the loop of ReplicationControllers. e acts as replication-controller. Keys are ReplicationControllers.
func NewControllers(e work.Env) *work.Loop {
	return newLoop(e, "replicationcontroller", controllers{e, e.Factory.Core().V1().ReplicationControllers().Lister()})
}

func newLoop(e work.Env, name string, k kind) *work.Loop {
	c := &controller{Env: e, loop: e.Loop(name), kind: k, pods: workload.NewPods(e, k.gvk())}
	c.loop.WatchKeys(k.informer())
	c.pods.Watch(c.loop, c.wanting)
	c.loop.Sync = c.sync
	return c.loop
}

// wanting lists those that would adopt an orphan.
func (c *controller) wanting(pod metav1.Object) []string {
	sets, err := c.kind.list(pod.GetNamespace())
	if err != nil {
		return nil
	}
	var keys []string
	for _, rs := range sets {
		s, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
		if err == nil && !s.Empty() && s.Matches(labels.Set(pod.GetLabels())) {
			keys = append(keys, work.Key(rs))
		}
	}
	return keys
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	rs, origin, err := c.kind.get(ns, name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	selector, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
	if err != nil {
		return nil // the API server lets none such in
	}
	claimed, err := c.pods.Claim(ctx, c.loop, workload.Owner{Object: rs, Key: key, Selector: selector, Fresh: func(ctx context.Context) (metav1.Object, error) {
		return c.kind.fresh(ctx, ns, name)
	}})
	if err != nil {
		return err
	}
	var active, terminating []*corev1.Pod
	for _, p := range claimed {
		switch {
		case workload.Active(p):
			active = append(active, p)
		case workload.Terminating(p):
			terminating = append(terminating, p)
		}
	}
	var manageErr error
	if rs.DeletionTimestamp == nil {
		manageErr = c.manage(ctx, key, rs, origin, active)
	}
	status, next := c.status(rs, active, terminating, manageErr)
	if next.IsZero() {
		c.loop.Queue.NotAt(key)
	} else {
		c.loop.Queue.At(clock.Other, "pod of "+c.loop.Name+" "+key+" available", key, next)
	}
	if err := c.report(ctx, key, rs, status); err != nil {
		return err
	}
	return manageErr
}

// manage makes or deletes pods until there are as many as asked for.
func (c *controller) manage(ctx context.Context, key string, rs *appsv1.ReplicaSet, origin runtime.Object, active []*corev1.Pod) error {
	diff := len(active) - int(replicas(rs))
	if diff < 0 {
		_, err := workload.Slowly(min(-diff, burst), func(int) error {
			return c.pods.Create(ctx, c.loop, key, origin, workload.NewPod(&rs.Spec.Template, rs, c.pods.Kind))
		})
		return err
	}
	if diff == 0 {
		return nil
	}
	victims := leastMissed(active, c.crowd(rs), c.Clock.Now())[:min(diff, burst)]
	_, err := workload.Slowly(len(victims), func(i int) error { return c.pods.Delete(ctx, c.loop, key, origin, victims[i]) })
	return err
}

func replicas(rs *appsv1.ReplicaSet) int32 {
	if rs.Spec.Replicas == nil {
		return 1
	}
	return *rs.Spec.Replicas
}

// crowd counts the active pods per node of all ReplicaSets of the same controller: of two equals the one on the fuller
// node goes.
func (c *controller) crowd(rs *appsv1.ReplicaSet) map[string]int {
	per := map[string]int{}
	count := func(rs *appsv1.ReplicaSet) {
		for _, p := range c.pods.Owned(rs) {
			if workload.Active(p) {
				per[p.Spec.NodeName]++
			}
		}
	}
	owner := metav1.GetControllerOfNoCopy(rs)
	if owner == nil {
		count(rs)
		return per
	}
	all, err := c.kind.list(rs.Namespace)
	if err != nil {
		return per
	}
	for _, other := range all {
		if ref := metav1.GetControllerOfNoCopy(other); ref != nil && ref.UID == owner.UID {
			count(other)
		}
	}
	return per
}

// status computes the status, and when it will change by the passing of time alone.
func (c *controller) status(rs *appsv1.ReplicaSet, active, terminating []*corev1.Pod, manageErr error) (s appsv1.ReplicaSetStatus, next time.Time) {
	s = *rs.Status.DeepCopy()
	s.Replicas, s.FullyLabeledReplicas, s.ReadyReplicas, s.AvailableReplicas = int32(len(active)), 0, 0, 0
	gone := int32(len(terminating))
	s.TerminatingReplicas = &gone
	s.ObservedGeneration = rs.Generation
	now := c.Clock.Now()
	wanted := labels.SelectorFromSet(rs.Spec.Template.Labels)
	for _, p := range active {
		if wanted.Matches(labels.Set(p.Labels)) {
			s.FullyLabeledReplicas++
		}
		if !workload.Ready(p) {
			continue
		}
		s.ReadyReplicas++
		ok, at := workload.Available(p, time.Duration(rs.Spec.MinReadySeconds)*time.Second, now)
		if ok {
			s.AvailableReplicas++
		} else {
			next = workload.Earlier(next, at)
		}
	}
	setFailure(&s, len(active) < int(replicas(rs)), manageErr, metav1.NewTime(now))
	return s, next
}

// setFailure keeps the condition ReplicaFailure for as long as pods cannot be made or deleted.
func setFailure(s *appsv1.ReplicaSetStatus, creating bool, err error, now metav1.Time) {
	for i := range s.Conditions {
		if s.Conditions[i].Type == appsv1.ReplicaSetReplicaFailure {
			if err != nil {
				return
			}
			s.Conditions = append(s.Conditions[:i], s.Conditions[i+1:]...)
			return
		}
	}
	if err == nil {
		return
	}
	reason := "FailedDelete"
	if creating {
		reason = "FailedCreate"
	}
	s.Conditions = append(s.Conditions, appsv1.ReplicaSetCondition{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue,
		LastTransitionTime: now, Reason: reason, Message: err.Error()})
}

func (c *controller) report(ctx context.Context, key string, rs *appsv1.ReplicaSet, s appsv1.ReplicaSetStatus) error {
	if c.kind.gvk().Group == "" || rs.Status.TerminatingReplicas == nil && *s.TerminatingReplicas == 0 && rs.Status.ObservedGeneration == s.ObservedGeneration {
		s.TerminatingReplicas = nil // a ReplicationController does not tell, and none are not worth a write of its own
	}
	if equality.Semantic.DeepEqual(rs.Status, s) {
		return nil
	}
	next := rs.DeepCopy()
	next.Status = s
	written, err := c.kind.write(ctx, next)
	if err != nil {
		return work.Gone(err)
	}
	c.loop.Wrote(key, c.kind.informer(), written)
	return nil
}
