package deployment

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/clock"
)

// Reasons of the condition Progressing that decide how the rollout is judged further.
const (
	reasonAvailable = "NewReplicaSetAvailable"
	reasonTimedOut  = "ProgressDeadlineExceeded"
	reasonPaused    = "DeploymentPaused"
	reasonResumed   = "DeploymentResumed"
)

func condition(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			return &s.Conditions[i]
		}
	}
	return nil
}

// set puts a condition. One with the same status keeps the time of its last transition; one that says the same is left
// as it is.
func set(s *appsv1.DeploymentStatus, c appsv1.DeploymentCondition, now time.Time) {
	have := condition(s, c.Type)
	if have != nil && have.Status == c.Status && have.Reason == c.Reason {
		return
	}
	c.LastUpdateTime, c.LastTransitionTime = metav1.NewTime(now), metav1.NewTime(now)
	if have != nil && have.Status == c.Status {
		c.LastTransitionTime = have.LastTransitionTime
	}
	drop(s, c.Type)
	s.Conditions = append(s.Conditions, c)
}

func drop(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType) {
	s.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
}

// progress sets the condition Progressing on the copy of the Deployment.
func (r *rollout) progress(is corev1.ConditionStatus, reason, message string) {
	set(&r.d.Status, appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: is, Reason: reason, Message: message}, r.Clock.Now())
}

// pausing notes that a Deployment was paused or resumed: a pause stops the progress deadline.
func (r *rollout) pausing() {
	if r.d.Spec.ProgressDeadlineSeconds == nil {
		return
	}
	c := condition(&r.d.Status, appsv1.DeploymentProgressing)
	if c != nil && c.Reason == reasonTimedOut {
		return
	}
	paused := c != nil && c.Reason == reasonPaused
	switch {
	case r.d.Spec.Paused && !paused:
		r.progress(corev1.ConditionUnknown, reasonPaused, "Deployment is paused")
	case !r.d.Spec.Paused && paused:
		r.progress(corev1.ConditionUnknown, reasonResumed, "Deployment is resumed")
	}
}

// complete says whether a status tells of a finished rollout.
func complete(d *appsv1.Deployment, s appsv1.DeploymentStatus) bool {
	n := wanted(d)
	return s.UpdatedReplicas == n && s.Replicas == n && s.AvailableReplicas == n && s.ObservedGeneration >= d.Generation
}

// progressed says whether there is more of what is wanted, or less of what is not, than there was.
func progressed(was, is appsv1.DeploymentStatus) bool {
	return is.UpdatedReplicas > was.UpdatedReplicas || is.Replicas-is.UpdatedReplicas < was.Replicas-was.UpdatedReplicas ||
		is.ReadyReplicas > was.ReadyReplicas || is.AvailableReplicas > was.AvailableReplicas
}

// count computes the figures of the status from those of the ReplicaSets.
func (r *rollout) count() appsv1.DeploymentStatus {
	s := *r.d.Status.DeepCopy()
	s.ObservedGeneration = r.d.Generation
	s.Replicas = total(r.all, func(rs *appsv1.ReplicaSet) int32 { return rs.Status.Replicas })
	s.UpdatedReplicas = 0
	if r.is != nil {
		s.UpdatedReplicas = r.is.Status.Replicas
	}
	s.ReadyReplicas = total(r.all, func(rs *appsv1.ReplicaSet) int32 { return rs.Status.ReadyReplicas })
	s.AvailableReplicas = total(r.all, available)
	s.UnavailableReplicas = max(total(r.all, size)-s.AvailableReplicas, 0)
	terminating := total(r.all, func(rs *appsv1.ReplicaSet) int32 {
		if rs.Status.TerminatingReplicas == nil {
			return 0
		}
		return *rs.Status.TerminatingReplicas
	})
	s.TerminatingReplicas = &terminating
	return s
}

// report judges the progress and writes the status.
func (r *rollout) report(ctx context.Context) error {
	seen, err := r.deployments.Deployments(r.d.Namespace).Get(r.d.Name)
	if err != nil {
		return work.Gone(err)
	}
	before := r.d.Status
	if seen.ResourceVersion == r.d.ResourceVersion {
		before = seen.Status
	}
	s := r.count()
	now := r.Clock.Now()
	_, unavailable := bounds(r.d)
	if s.AvailableReplicas >= wanted(r.d)-unavailable {
		set(&s, appsv1.DeploymentCondition{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", Message: "Deployment has minimum availability."}, now)
	} else {
		set(&s, appsv1.DeploymentCondition{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionFalse, Reason: "MinimumReplicasUnavailable", Message: "Deployment does not have minimum availability."}, now)
	}
	if !r.d.Spec.Paused && r.d.DeletionTimestamp == nil {
		r.judge(&s, now)
	}
	r.failures(&s, now)
	r.awaitDeadline(s)
	if equality.Semantic.DeepEqual(before, s) {
		return nil
	}
	r.d.Status = s
	return work.Gone(r.save(ctx))
}

// judge sets the condition Progressing: finished, moving, or stuck for too long.
func (r *rollout) judge(s *appsv1.DeploymentStatus, now time.Time) {
	if r.d.Spec.ProgressDeadlineSeconds == nil {
		drop(s, appsv1.DeploymentProgressing)
		return
	}
	was := condition(s, appsv1.DeploymentProgressing)
	if was != nil && was.Reason == reasonAvailable && s.Replicas == s.UpdatedReplicas {
		return // finished before: pods that fail later are no failed rollout
	}
	what := fmt.Sprintf("Deployment %q", r.d.Name)
	if r.is != nil {
		what = fmt.Sprintf("ReplicaSet %q", r.is.Name)
	}
	put := func(is corev1.ConditionStatus, reason, format string) {
		set(s, appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: is, Reason: reason, Message: fmt.Sprintf(format, what)}, now)
	}
	switch {
	case complete(r.d, *s):
		put(corev1.ConditionTrue, reasonAvailable, "%s has successfully progressed.")
	case progressed(r.d.Status, *s):
		// Each sign of progress counts anew, also if it reads like the last.
		since := metav1.NewTime(now)
		if was != nil && was.Status == corev1.ConditionTrue {
			since = was.LastTransitionTime
		}
		drop(s, appsv1.DeploymentProgressing)
		put(corev1.ConditionTrue, "ReplicaSetUpdated", "%s is progressing.")
		condition(s, appsv1.DeploymentProgressing).LastTransitionTime = since
	case was != nil && r.late(was, now):
		put(corev1.ConditionFalse, reasonTimedOut, "%s has timed out progressing.")
	}
}

// late says whether the last sign of progress lies longer back than the Deployment allows.
func (r *rollout) late(c *appsv1.DeploymentCondition, now time.Time) bool {
	if c.Reason == reasonTimedOut {
		return true
	}
	return c.Reason != reasonAvailable && !now.Before(r.deadline(c))
}

func (r *rollout) deadline(c *appsv1.DeploymentCondition) time.Time {
	return c.LastUpdateTime.Add(time.Duration(*r.d.Spec.ProgressDeadlineSeconds) * time.Second)
}

// awaitDeadline has the Deployment judged again when its progress deadline comes.
func (r *rollout) awaitDeadline(s appsv1.DeploymentStatus) {
	c := condition(&s, appsv1.DeploymentProgressing)
	if r.d.Spec.ProgressDeadlineSeconds == nil || c == nil || r.d.Spec.Paused || c.Reason == reasonAvailable || c.Reason == reasonTimedOut || c.Reason == reasonPaused {
		r.loop.Queue.NotAt(r.key)
		return
	}
	if at := r.deadline(c); at.After(r.Clock.Now()) {
		r.loop.Queue.At(clock.Other, "deployment "+r.key+" must have progressed", r.key, at)
	}
}

// failures passes on that a ReplicaSet cannot make or delete pods.
func (r *rollout) failures(s *appsv1.DeploymentStatus, now time.Time) {
	sets := r.old
	if r.is != nil {
		sets = []*appsv1.ReplicaSet{r.is}
	}
	for _, rs := range sets {
		for _, c := range rs.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
				set(s, appsv1.DeploymentCondition{Type: appsv1.DeploymentReplicaFailure, Status: c.Status, Reason: c.Reason, Message: c.Message}, now)
				return
			}
		}
	}
	drop(s, appsv1.DeploymentReplicaFailure)
}
