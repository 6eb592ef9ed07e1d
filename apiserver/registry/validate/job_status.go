package validate

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// jobStatus is a change of a job's status. What was wrong before and is not touched may stay so.
type jobStatus struct {
	*report
	job, old *batchv1.Job
	p        *field.Path
}

func updateJobStatus(r *report, j, old *batchv1.Job) {
	r.metaUpdate(&j.ObjectMeta, &old.ObjectMeta)
	s := &jobStatus{report: r, job: j, old: old, p: field.NewPath("status")}
	s.counters()
	s.terminalPairs()
	s.times()
	s.reasons()
	s.leftovers()
	s.indexes()
	s.finally()
	s.kept()
}

// is tells whether a job has a condition.
func is(j *batchv1.Job, t batchv1.JobConditionType) bool {
	for _, c := range j.Status.Conditions {
		if c.Type == t && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func ended(j *batchv1.Job) bool { return is(j, batchv1.JobComplete) || is(j, batchv1.JobFailed) }

// turned tells whether any of these conditions has come or gone.
func (s *jobStatus) turned(types ...batchv1.JobConditionType) bool {
	for _, t := range types {
		if is(s.job, t) != is(s.old, t) {
			return true
		}
	}
	return false
}

func (s *jobStatus) condition(text string) {
	s.invalid(s.p.Child("conditions"), field.OmitValueType{}, text)
}

func (s *jobStatus) counters() {
	st := &s.job.Status
	notNegative(s.report, s.p.Child("active"), st.Active)
	notNegative(s.report, s.p.Child("succeeded"), st.Succeeded)
	notNegative(s.report, s.p.Child("failed"), st.Failed)
	notNegativePtr(s.report, s.p.Child("ready"), st.Ready)
	notNegativePtr(s.report, s.p.Child("terminating"), st.Terminating)
	if st.UncountedTerminatedPods == nil {
		return
	}
	p, seen := s.p.Child("uncountedTerminatedPods"), map[types.UID]bool{}
	for _, l := range []struct {
		name string
		uids []types.UID
	}{{"succeeded", st.UncountedTerminatedPods.Succeeded}, {"failed", st.UncountedTerminatedPods.Failed}} {
		for i, uid := range l.uids {
			at := p.Child(l.name).Index(i)
			switch {
			case uid == "":
				s.invalid(at, uid, "must not be empty")
			case seen[uid]:
				s.duplicate(at, uid)
			}
			seen[uid] = true
		}
	}
}

// terminalPairs refuses to end a job in two ways.
func (s *jobStatus) terminalPairs() {
	if s.turned(batchv1.JobComplete, batchv1.JobFailed) && is(s.job, batchv1.JobComplete) && is(s.job, batchv1.JobFailed) {
		s.condition("cannot set Complete=True and Failed=true conditions")
	}
	if s.turned(batchv1.JobComplete, batchv1.JobFailureTarget) && is(s.job, batchv1.JobComplete) && is(s.job, batchv1.JobFailureTarget) {
		s.condition("cannot set Complete=True and FailureTarget=true conditions")
	}
}

func (s *jobStatus) times() {
	st, was := &s.job.Status, &s.old.Status
	at, complete := s.p.Child("completionTime"), is(s.job, batchv1.JobComplete)
	finished := !equality.Semantic.DeepEqual(st.CompletionTime, was.CompletionTime)
	if finished || s.turned(batchv1.JobComplete) {
		switch {
		case st.CompletionTime != nil && !complete:
			s.invalid(at, st.CompletionTime, "cannot set completionTime when there is no Complete=True condition")
		case st.CompletionTime == nil && complete:
			s.required(at, "completionTime is required for Complete jobs")
		}
	}
	if (finished || s.started()) && st.StartTime != nil && st.CompletionTime != nil && st.CompletionTime.Before(st.StartTime) {
		s.invalid(at, st.CompletionTime, "must be equal to or after `startTime`")
	}
}

// started tells whether the start changes.
func (s *jobStatus) started() bool {
	return !equality.Semantic.DeepEqual(s.job.Status.StartTime, s.old.Status.StartTime)
}

// reasons demands of an end that it was announced.
func (s *jobStatus) reasons() {
	if s.turned(batchv1.JobFailed, batchv1.JobFailureTarget) && is(s.job, batchv1.JobFailed) && !is(s.job, batchv1.JobFailureTarget) {
		s.condition("cannot set Failed=True condition without the FailureTarget=true condition")
	}
	if s.turned(batchv1.JobComplete, batchv1.JobSuccessCriteriaMet) && is(s.job, batchv1.JobComplete) && !is(s.job, batchv1.JobSuccessCriteriaMet) {
		s.condition("cannot set Complete=True condition without the SuccessCriteriaMet=true condition")
	}
}

// leftovers refuses an end while pods are still there.
func (s *jobStatus) leftovers() {
	st, was := &s.job.Status, &s.old.Status
	over := ended(s.job) != ended(s.old)
	if !ended(s.job) {
		return
	}
	if (over || st.Active != was.Active) && st.Active > 0 {
		s.invalid(s.p.Child("active"), st.Active, "active>0 is invalid for finished job")
	}
	nothing := s.job.Spec.Suspend != nil && *s.job.Spec.Suspend && s.job.Spec.Completions != nil && *s.job.Spec.Completions == 0
	if (over || s.started()) && st.StartTime == nil && !nothing {
		s.required(s.p.Child("startTime"), "startTime is required for finished job")
	}
	if u := st.UncountedTerminatedPods; u != nil && len(u.Succeeded)+len(u.Failed) > 0 && (over || !equality.Semantic.DeepEqual(u, was.UncountedTerminatedPods)) {
		s.invalid(s.p.Child("uncountedTerminatedPods"), inner{u}, "must be empty for finished job")
	}
}

func (s *jobStatus) indexes() {
	spec, st, was := &s.job.Spec, &s.job.Status, &s.old.Status
	completed, failed := st.CompletedIndexes != was.CompletedIndexes, !equality.Semantic.DeepEqual(st.FailedIndexes, was.FailedIndexes)
	done, lost := s.p.Child("completedIndexes"), s.p.Child("failedIndexes")
	readable := func(at *field.Path, text string) {
		if _, err := countIndexes(text, *spec.Completions); err != nil {
			s.invalid(at, text, fmt.Sprintf("error parsing %s: %v", fieldName(at), err))
		}
	}
	if completed && spec.Completions != nil {
		readable(done, st.CompletedIndexes)
	}
	both := spec.Completions != nil && st.FailedIndexes != nil
	if failed && both && spec.BackoffLimitPerIndex != nil {
		readable(lost, *st.FailedIndexes)
	}
	if completed && st.CompletedIndexes != "" && !indexed(spec) {
		s.invalid(done, st.CompletedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode")
	}
	if failed && st.FailedIndexes != nil && spec.BackoffLimitPerIndex == nil {
		s.invalid(lost, *st.FailedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")
	}
	if both && (completed || failed) {
		if i, ok := overlap(st.CompletedIndexes, *st.FailedIndexes, *spec.Completions); ok {
			s.invalid(lost, *st.FailedIndexes, fmt.Sprintf("failedIndexes and completedIndexes overlap at index: %d", i))
		}
	}
}

func (s *jobStatus) finally() {
	st, was := &s.job.Status, &s.old.Status
	if n := st.Terminating; n != nil && *n > 0 && ended(s.job) && (ended(s.job) != ended(s.old) || !equality.Semantic.DeepEqual(n, was.Terminating)) {
		s.invalid(s.p.Child("terminating"), *n, "terminating>0 is invalid for finished job")
	}
	if n := st.Ready; n != nil && *n > st.Active && (st.Active != was.Active || !equality.Semantic.DeepEqual(n, was.Ready)) {
		s.invalid(s.p.Child("ready"), *n, "cannot set more ready pods than active")
	}
	if !is(s.job, batchv1.JobSuccessCriteriaMet) {
		return
	}
	if s.turned(batchv1.JobSuccessCriteriaMet, batchv1.JobFailed) && is(s.job, batchv1.JobFailed) {
		s.condition("cannot set SuccessCriteriaMet=True and Failed=true conditions")
	}
	if s.turned(batchv1.JobSuccessCriteriaMet, batchv1.JobFailureTarget) && is(s.job, batchv1.JobFailureTarget) {
		s.condition("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
	}
}

// kept refuses to take back what has been reported.
func (s *jobStatus) kept() {
	st, was := &s.job.Status, &s.old.Status
	for _, t := range []batchv1.JobConditionType{batchv1.JobFailed, batchv1.JobComplete, batchv1.JobFailureTarget} {
		if is(s.old, t) && !is(s.job, t) {
			s.condition(fmt.Sprintf("cannot disable the terminal %s=True condition", t))
		}
	}
	if st.Failed < was.Failed {
		s.invalid(s.p.Child("failed"), st.Failed, "cannot decrease the failed counter")
	}
	elastic := indexed(&s.job.Spec) && equality.Semantic.DeepEqual(s.job.Spec.Completions, s.job.Spec.Parallelism)
	if st.Succeeded < was.Succeeded && !elastic {
		s.invalid(s.p.Child("succeeded"), st.Succeeded, "cannot decrease the succeeded counter")
	}
	if was.CompletionTime != nil && !equality.Semantic.DeepEqual(st.CompletionTime, was.CompletionTime) {
		s.invalid(s.p.Child("completionTime"), orNull(st.CompletionTime), "field is immutable")
	}
	if was.StartTime != nil && s.started() && (s.job.Spec.Suspend == nil || !*s.job.Spec.Suspend) {
		s.invalid(s.p.Child("startTime"), orNull(st.StartTime), "field is immutable for unsuspended job once set")
	}
}

// orNull is a time as an error shows it: none is null.
func orNull(t *metav1.Time) any {
	if t == nil {
		return nil
	}
	return t
}

// fieldName is the last part of a path.
func fieldName(p *field.Path) string {
	root := p.Root()
	return p.String()[len(root.String())+1:]
}

// overlap returns the first index that two texts such as "0,2-4" both name. It walks them side by side, an interval at a time: "0-2147483645"
// names more indexes than there is memory for. What cannot be read is left out; it has been refused if it is new.
func overlap(a, b string, completions int32) (int, bool) {
	x, y := spans{rest: a, completions: completions}, spans{rest: b, completions: completions}
	more := x.next() && y.next()
	for more {
		switch {
		case x.first <= y.last && y.first <= x.last:
			return max(x.first, y.first), true
		case x.first <= y.first:
			more = x.next()
		default:
			more = y.next()
		}
	}
	return 0, false
}
