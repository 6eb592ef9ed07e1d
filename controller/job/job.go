package job

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

// burst is the most pods made or deleted in one sync.
const burst = 500

type controller struct {
	work.Env
	loop    *work.Loop
	jobs    batchlisters.JobLister
	allPods corelisters.PodLister
	pods    *workload.Pods
}

// New returns the loop of Jobs. e acts as job-controller. Keys are Jobs.
func New(e work.Env) *work.Loop {
	c := &controller{Env: e, loop: e.Loop("job"), jobs: e.Factory.Batch().V1().Jobs().Lister(), allPods: e.Factory.Core().V1().Pods().Lister(),
		pods: workload.NewPods(e, batchv1.SchemeGroupVersion.WithKind("Job"))}
	c.loop.WatchKeys(e.Jobs())
	c.pods.Watch(c.loop, c.wanting)
	c.loop.Sync = c.sync
	return c.loop
}

// wanting lists the Jobs that would adopt an orphan.
func (c *controller) wanting(pod metav1.Object) []string {
	all, err := c.jobs.Jobs(pod.GetNamespace()).List(labels.Everything())
	if err != nil {
		return nil
	}
	var keys []string
	for _, j := range all {
		s, err := metav1.LabelSelectorAsSelector(j.Spec.Selector)
		if err == nil && !s.Empty() && s.Matches(labels.Set(pod.GetLabels())) {
			keys = append(keys, work.Key(j))
		}
	}
	return keys
}

// run is one Job as one sync finds it.
type run struct {
	*controller
	key  string
	seen *batchv1.Job // as the informer shows it
	job  *batchv1.Job // a copy, whose status is being written
	pods []*corev1.Pod
	now  time.Time
	wake time.Time // when to look again, though nothing happens
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	seen, err := c.jobs.Jobs(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		if work.Gone(err) == nil {
			return c.letGo(ctx, ns, name)
		}
		return err
	}
	if m := seen.Spec.ManagedBy; m != nil && *m != batchv1.JobControllerName {
		return nil // somebody else's
	}
	selector, err := metav1.LabelSelectorAsSelector(seen.Spec.Selector)
	if err != nil || selector.Empty() {
		return nil // the API server makes one
	}
	r := &run{controller: c, key: key, seen: seen, job: seen.DeepCopy(), now: c.Clock.Now()}
	r.pods, err = c.pods.Claim(ctx, c.loop, workload.Owner{Object: seen, Key: key, Selector: selector, Fresh: func(ctx context.Context) (metav1.Object, error) {
		return c.Client.BatchV1().Jobs(ns).Get(ctx, name, metav1.GetOptions{})
	}})
	if err != nil {
		return err
	}
	if finished(seen) || seen.DeletionTimestamp != nil {
		c.loop.Queue.NotAt(key)
		return c.untrack(ctx, r.pods)
	}
	err = r.step(ctx)
	if r.wake.IsZero() {
		c.loop.Queue.NotAt(key)
	} else {
		c.loop.Queue.At(clock.Backoff, "job "+key, key, r.wake)
	}
	return err
}

// step counts, decides, acts and writes the status.
func (r *run) step(ctx context.Context) error {
	status := &r.job.Status
	if status.StartTime == nil && !suspended(r.job) {
		start := metav1.NewTime(r.now)
		status.StartTime = &start
	}
	tracked := r.count()
	r.tally()
	if condition(r.job, batchv1.JobFailureTarget) == nil && condition(r.job, batchv1.JobSuccessCriteriaMet) == nil {
		r.judge()
	}
	r.suspending()
	var manageErr error
	ended := condition(r.job, batchv1.JobFailureTarget) != nil || condition(r.job, batchv1.JobSuccessCriteriaMet) != nil
	if ended {
		manageErr = r.deleteActive(ctx, r.active())
	} else {
		manageErr = r.manage(ctx)
	}
	r.conclude()
	if err := r.save(ctx); err != nil {
		return err
	}
	if err := r.untrackPods(ctx, tracked); err != nil {
		return err
	}
	return manageErr
}

// save writes the status if it changed.
func (r *run) save(ctx context.Context) error {
	if equality.Semantic.DeepEqual(r.seen.Status, r.job.Status) {
		return nil
	}
	next, err := r.Client.BatchV1().Jobs(r.job.Namespace).UpdateStatus(ctx, r.job, metav1.UpdateOptions{})
	if err != nil {
		return work.Gone(err)
	}
	r.loop.Wrote(r.key, r.Jobs(), next)
	for _, kind := range []batchv1.JobConditionType{batchv1.JobComplete, batchv1.JobFailed} {
		if c := condition(next, kind); c != nil && condition(r.seen, kind) == nil {
			r.announce(next, c)
		}
	}
	return nil
}

func (r *run) announce(j *batchv1.Job, c *batchv1.JobCondition) {
	if c.Type == batchv1.JobComplete {
		r.Events.Event(j, corev1.EventTypeNormal, "Completed", "Job completed")
		return
	}
	r.Events.Event(j, corev1.EventTypeWarning, c.Reason, c.Message)
}

func (r *run) lookAgain(at time.Time) { r.wake = workload.Earlier(r.wake, at) }

func suspended(j *batchv1.Job) bool { return j.Spec.Suspend != nil && *j.Spec.Suspend }

func indexed(j *batchv1.Job) bool {
	return j.Spec.CompletionMode != nil && *j.Spec.CompletionMode == batchv1.IndexedCompletion
}

func condition(j *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range j.Status.Conditions {
		if c := &j.Status.Conditions[i]; c.Type == kind && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// finished says whether a Job has ended.
func finished(j *batchv1.Job) bool {
	return condition(j, batchv1.JobComplete) != nil || condition(j, batchv1.JobFailed) != nil
}

// add puts a condition that is not there yet.
func (r *run) add(kind batchv1.JobConditionType, reason, message string) {
	r.job.Status.Conditions = append(r.job.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: message,
		LastProbeTime: metav1.NewTime(r.now), LastTransitionTime: metav1.NewTime(r.now)})
}

// fail decides that a Job has failed; it is Failed once its pods have ended.
func (r *run) fail(reason, format string, args ...any) {
	r.add(batchv1.JobFailureTarget, reason, fmt.Sprintf(format, args...))
}
