package validate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestJobStatusUpdates(t *testing.T) {
	t.Parallel()
	at := func(hours int) *metav1.Time {
		v := metav1.NewTime(time.Date(2026, 11, 23, hours, 0, 0, 0, time.UTC))
		return &v
	}
	is := func(types ...batchv1.JobConditionType) (out []batchv1.JobCondition) {
		for _, c := range types {
			out = append(out, batchv1.JobCondition{Type: c, Status: corev1.ConditionTrue})
		}
		return out
	}
	one, two, five, text := int32(1), int32(2), int32(5), func(s string) *string { return &s }
	over := is(batchv1.JobComplete, batchv1.JobSuccessCriteriaMet)
	for _, tt := range []struct {
		name     string
		spec     func(*batchv1.JobSpec)
		old, now batchv1.JobStatus
		want     []string
	}{
		{"what runs", nil, batchv1.JobStatus{}, batchv1.JobStatus{StartTime: at(1), Active: 2, Ready: &one}, nil},
		{"below zero", nil, batchv1.JobStatus{}, batchv1.JobStatus{Active: -1}, []string{"status.active: Invalid value: -1: must be greater than or equal to 0"}},
		{"more ready than there are", nil, batchv1.JobStatus{}, batchv1.JobStatus{Active: 1, Ready: &two}, []string{"status.ready: Invalid value: 2: cannot set more ready pods than active"}},
		{"complete", nil, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{StartTime: at(1), CompletionTime: at(2), Conditions: over}, nil},
		{"complete without a word", nil, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{StartTime: at(1), Conditions: is(batchv1.JobComplete)}, []string{
			"status.completionTime: Required value: completionTime is required for Complete jobs",
			"status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition"}},
		{"complete before it began", nil, batchv1.JobStatus{StartTime: at(3)}, batchv1.JobStatus{StartTime: at(3), CompletionTime: at(2), Conditions: over}, []string{
			`status.completionTime: Invalid value: "2026-11-23T02:00:00Z": must be equal to or after ` + "`startTime`"}},
		{"failed without a reason", nil, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{StartTime: at(1), Conditions: is(batchv1.JobFailed)}, []string{
			"status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition"}},
		{"failed with pods left", nil, batchv1.JobStatus{StartTime: at(1), Active: 1}, batchv1.JobStatus{StartTime: at(1), Active: 1, Terminating: &one,
			UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{Succeeded: []types.UID{"a"}}, Conditions: is(batchv1.JobFailed, batchv1.JobFailureTarget)}, []string{
			"status.active: Invalid value: 1: active>0 is invalid for finished job",
			`status.uncountedTerminatedPods: Invalid value: {"Succeeded":["a"],"Failed":null}: must be empty for finished job`,
			"status.terminating: Invalid value: 1: terminating>0 is invalid for finished job"}},
		{"met and failed", nil, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{StartTime: at(1), Conditions: is(batchv1.JobSuccessCriteriaMet, batchv1.JobFailureTarget)}, []string{
			"status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"}},
		{"an end taken back", nil, batchv1.JobStatus{StartTime: at(1), Conditions: is(batchv1.JobFailureTarget)}, batchv1.JobStatus{StartTime: at(1)}, []string{
			"status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition"}},
		{"another start", nil, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{}, []string{"status.startTime: Invalid value: null: field is immutable for unsuspended job once set"}},
		{"no start while suspended", func(s *batchv1.JobSpec) { yes := true; s.Suspend = &yes }, batchv1.JobStatus{StartTime: at(1)}, batchv1.JobStatus{}, nil},
		{"fewer than before", nil, batchv1.JobStatus{Failed: 2, Succeeded: 2}, batchv1.JobStatus{Failed: 1, Succeeded: 1}, []string{
			"status.failed: Invalid value: 1: cannot decrease the failed counter", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter"}},
		{"the same pod twice", nil, batchv1.JobStatus{}, batchv1.JobStatus{UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{Succeeded: []types.UID{"a", ""}, Failed: []types.UID{"a"}}}, []string{
			`status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty`, `status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"`}},
		{"indexes of a job without", nil, batchv1.JobStatus{}, batchv1.JobStatus{CompletedIndexes: "0", FailedIndexes: text("1")}, []string{
			`status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode`,
			`status.failedIndexes: Invalid value: "1": cannot set non-null failedIndexes when backoffLimitPerIndex is null`}},
		{"indexes", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = &one }, batchv1.JobStatus{}, batchv1.JobStatus{CompletedIndexes: "0,2-3", FailedIndexes: text("1,4")}, nil},
		{"indexes in disorder", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = &one }, batchv1.JobStatus{}, batchv1.JobStatus{CompletedIndexes: "3,1", FailedIndexes: text("9")}, []string{
			`status.completedIndexes: Invalid value: "3,1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1`,
			`status.failedIndexes: Invalid value: "9": error parsing failedIndexes: too large index: "9"`}},
		{"half of the indexes unreadable", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = &one }, batchv1.JobStatus{}, batchv1.JobStatus{CompletedIndexes: "x,2", FailedIndexes: text("1-y,2")}, []string{
			`status.completedIndexes: Invalid value: "x,2": error parsing completedIndexes: cannot convert string to integer for index: "x"`,
			`status.failedIndexes: Invalid value: "1-y,2": error parsing failedIndexes: cannot convert string to integer for index: "y"`,
			`status.failedIndexes: Invalid value: "1-y,2": failedIndexes and completedIndexes overlap at index: 2`}},
		{"an index on both sides", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = &one }, batchv1.JobStatus{}, batchv1.JobStatus{CompletedIndexes: "0-3", FailedIndexes: text("2")}, []string{
			`status.failedIndexes: Invalid value: "2": failedIndexes and completedIndexes overlap at index: 2`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			old := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "default", ResourceVersion: "5"}}
			if tt.spec != nil {
				tt.spec(&old.Spec)
			}
			if old.Spec.BackoffLimitPerIndex != nil {
				mode := batchv1.IndexedCompletion
				old.Spec.CompletionMode, old.Spec.Completions = &mode, &five
			}
			now := old.DeepCopy()
			old.Status, now.Status = tt.old, tt.now
			var got []string
			for _, e := range Update(now, old, "status", Context{}) {
				got = append(got, e.Error())
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// One status may name all indexes of a job, of which there may be two thousand million: they are compared as intervals, never one by one.
func TestIndexesAreComparedAsIntervals(t *testing.T) {
	t.Parallel()
	const most = 1<<31 - 1
	for _, tt := range []struct {
		a, b string
		want int
		both bool
	}{
		{"", "", 0, false},
		{"0", "", 0, false},
		{"0,2-3", "1,4", 0, false},
		{"1,4", "0,2-3", 0, false},
		{"0-3", "2", 2, true},
		{"2", "0-3", 2, true},
		{"0,5-9,12", "1-3,9-11", 9, true},
		{"0-2147483645", "1", 1, true},
		{"0-2147483645", "2147483646", 0, false},
		{"0-2147483644", "2147483645-2147483646", 0, false},
		{"0-2147483646", "0-2147483646", 0, true},
		{"0-2147483646", "nothing,2147483647", 0, false},
	} {
		if got, both := overlap(tt.a, tt.b, most); got != tt.want || both != tt.both {
			t.Errorf("%q and %q: %d %v, want %d %v", tt.a, tt.b, got, both, tt.want, tt.both)
		}
	}
	all, lost, completions, mode := "0-2147483645", "1", int32(most), batchv1.IndexedCompletion
	old := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "default", ResourceVersion: "5"}}
	old.Spec.CompletionMode, old.Spec.Completions = &mode, &completions
	for name, limit := range map[string]*int32{"with a limit per index": new(int32), "without": nil} {
		now := old.DeepCopy()
		now.Spec.BackoffLimitPerIndex = limit
		now.Status = batchv1.JobStatus{CompletedIndexes: all, FailedIndexes: &lost}
		got := Update(now, old, "status", Context{}).ToAggregate()
		if want := "failedIndexes and completedIndexes overlap at index: 1"; got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v, want %q", name, got, want)
		}
	}
}
