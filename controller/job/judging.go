package job

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// judge decides whether the Job has succeeded or failed.
func (r *run) judge() {
	if message := r.failureRule(); message != "" {
		r.fail("PodFailurePolicy", "%s", message)
		return
	}
	limit := int32(6)
	if r.job.Spec.BackoffLimit != nil {
		limit = *r.job.Spec.BackoffLimit
	}
	if r.failures() > limit || r.restarts(limit) {
		r.fail(batchv1.JobReasonBackoffLimitExceeded, "Job has reached the specified backoff limit")
		return
	}
	if d := r.job.Spec.ActiveDeadlineSeconds; d != nil && r.job.Status.StartTime != nil && !suspended(r.job) {
		end := r.job.Status.StartTime.Add(time.Duration(*d) * time.Second)
		if !r.now.Before(end) {
			r.fail(batchv1.JobReasonDeadlineExceeded, "Job was active longer than specified deadline")
			return
		}
		r.lookAgain(end)
	}
	enough := false
	if r.job.Spec.Completions == nil {
		// Work shared by a queue: once one has seen its end, nothing new is begun.
		enough = r.succeeded() > 0 && r.job.Status.Active == 0
	} else {
		enough = r.succeeded() >= *r.job.Spec.Completions
	}
	if enough {
		r.add(batchv1.JobSuccessCriteriaMet, batchv1.JobReasonCompletionsReached, "Reached expected number of succeeded pods")
	}
}

// restarts says whether containers that restart in place have used up the limit.
func (r *run) restarts(limit int32) bool {
	if r.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return false
	}
	var n int32
	for _, p := range r.pods {
		if p.Status.Phase != corev1.PodRunning && p.Status.Phase != corev1.PodPending {
			continue
		}
		for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			n += s.RestartCount
		}
	}
	if limit == 0 {
		return n > 0
	}
	return n >= limit
}

// failureRule returns the message of a rule of the pod failure policy that fails the whole Job, or nothing.
func (r *run) failureRule() string {
	for _, p := range r.pods {
		if p.Status.Phase != corev1.PodFailed {
			continue
		}
		if i, what := r.matching(p); i >= 0 && r.job.Spec.PodFailurePolicy.Rules[i].Action == batchv1.PodFailurePolicyActionFailJob {
			return fmt.Sprintf("%s matching FailJob rule at index %d", what, i)
		}
	}
	return ""
}

// ignored says whether the pod failure policy leaves a failed pod out of the count.
func (r *run) ignored(p *corev1.Pod) bool {
	i, _ := r.matching(p)
	return i >= 0 && r.job.Spec.PodFailurePolicy.Rules[i].Action == batchv1.PodFailurePolicyActionIgnore
}

// matching returns the first rule that matches a failed pod, and what matched; -1 if none does.
func (r *run) matching(p *corev1.Pod) (rule int, what string) {
	if r.job.Spec.PodFailurePolicy == nil {
		return -1, ""
	}
	for i, rule := range r.job.Spec.PodFailurePolicy.Rules {
		if e := rule.OnExitCodes; e != nil {
			for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
				t := s.State.Terminated
				if t == nil || t.ExitCode == 0 || e.ContainerName != nil && *e.ContainerName != s.Name {
					continue
				}
				if slices.Contains(e.Values, t.ExitCode) == (e.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn) {
					return i, fmt.Sprintf("Container %s for pod %s/%s failed with exit code %d", s.Name, p.Namespace, p.Name, t.ExitCode)
				}
			}
		}
		for _, want := range rule.OnPodConditions {
			for _, c := range p.Status.Conditions {
				if c.Type == want.Type && c.Status == want.Status {
					return i, fmt.Sprintf("Pod %s/%s has condition %v", p.Namespace, p.Name, c.Type)
				}
			}
		}
	}
	return -1, ""
}

// conclude ends a Job that has been judged once all its pods have ended and are counted.
func (r *run) conclude() {
	if r.job.Status.Active > 0 || *r.job.Status.Terminating > 0 {
		return
	}
	un := r.job.Status.UncountedTerminatedPods
	if len(un.Succeeded) > 0 || len(un.Failed) > 0 {
		return
	}
	if c := condition(r.job, batchv1.JobSuccessCriteriaMet); c != nil {
		r.add(batchv1.JobComplete, c.Reason, c.Message)
		end := metav1.NewTime(r.now)
		r.job.Status.CompletionTime = &end
	} else if c := condition(r.job, batchv1.JobFailureTarget); c != nil {
		r.add(batchv1.JobFailed, c.Reason, c.Message)
	}
}

// suspending notes that a Job was suspended or resumed. Its deadline counts from the resumption.
func (r *run) suspending() {
	if condition(r.job, batchv1.JobFailureTarget) != nil || condition(r.job, batchv1.JobSuccessCriteriaMet) != nil {
		return
	}
	i := slices.IndexFunc(r.job.Status.Conditions, func(c batchv1.JobCondition) bool { return c.Type == batchv1.JobSuspended })
	was := i >= 0 && r.job.Status.Conditions[i].Status == corev1.ConditionTrue
	is := suspended(r.job)
	if was == is {
		return
	}
	c := batchv1.JobCondition{Type: batchv1.JobSuspended, Status: corev1.ConditionTrue, Reason: "JobSuspended", Message: "Job suspended",
		LastProbeTime: metav1.NewTime(r.now), LastTransitionTime: metav1.NewTime(r.now)}
	if is {
		r.job.Status.StartTime = nil
		r.Events.Event(r.seen, corev1.EventTypeNormal, "Suspended", "Job suspended")
	} else {
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, "JobResumed", "Job resumed"
		start := metav1.NewTime(r.now)
		r.job.Status.StartTime = &start
		r.Events.Event(r.seen, corev1.EventTypeNormal, "Resumed", "Job resumed")
	}
	if i >= 0 {
		r.job.Status.Conditions[i] = c
	} else {
		r.job.Status.Conditions = append(r.job.Status.Conditions, c)
	}
}
