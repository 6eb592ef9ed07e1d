package job

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	"k8s.io/client-go/tools/reference"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

// scheduledAnnotation tells on a Job for which moment it was made.
const scheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp"

type cronController struct {
	work.Env
	loop  *work.Loop
	crons batchlisters.CronJobLister
	jobs  workload.Dependents[*batchv1.Job]
}

// NewCron returns the loop of CronJobs. e acts as cronjob-controller. Keys are CronJobs.
func NewCron(e work.Env) *work.Loop {
	c := &cronController{Env: e, loop: e.Loop("cronjob"), crons: e.Factory.Batch().V1().CronJobs().Lister()}
	c.jobs = workload.NewDependents(batchv1.SchemeGroupVersion.WithKind("CronJob"), e.Jobs(),
		func(ctx context.Context, namespace, name string, data []byte) (*batchv1.Job, error) {
			return e.Client.BatchV1().Jobs(namespace).Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{})
		})
	c.loop.WatchKeys(e.CronJobs())
	c.jobs.Watch(c.loop, nil)
	c.loop.Sync = c.sync
	return c.loop
}

func (c *cronController) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	seen, err := c.crons.CronJobs(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	if seen.DeletionTimestamp != nil {
		c.loop.Queue.NotAt(key)
		return nil
	}
	cj := seen.DeepCopy()
	jobs := c.jobs.Owned(cj)
	if err := c.tidy(ctx, cj, jobs); err != nil {
		return err
	}
	runErr := c.run(ctx, key, cj, jobs)
	if equality.Semantic.DeepEqual(seen.Status, cj.Status) {
		return runErr
	}
	next, err := c.Client.BatchV1().CronJobs(ns).UpdateStatus(ctx, cj, metav1.UpdateOptions{})
	if err != nil {
		return work.Gone(err)
	}
	c.loop.Wrote(key, c.CronJobs(), next)
	return runErr
}

// tidy brings the list of active Jobs in line and deletes finished ones beyond the limits of the history.
func (c *cronController) tidy(ctx context.Context, cj *batchv1.CronJob, jobs []*batchv1.Job) error {
	var ok, bad []*batchv1.Job
	for _, j := range jobs {
		i := slices.IndexFunc(cj.Status.Active, func(r corev1.ObjectReference) bool { return r.UID == j.UID })
		switch {
		case !finished(j):
			if i < 0 && j.DeletionTimestamp == nil {
				c.Events.Eventf(cj, corev1.EventTypeWarning, "UnexpectedJob", "Saw a job that the controller did not create or forgot: %s", j.Name)
			}
			continue
		case i >= 0:
			cj.Status.Active = slices.Delete(cj.Status.Active, i, i+1)
			kind := batchv1.JobComplete
			if condition(j, kind) == nil {
				kind = batchv1.JobFailed
			}
			c.Events.Eventf(cj, corev1.EventTypeNormal, "SawCompletedJob", "Saw completed job: %s, condition: %v", j.Name, kind)
		}
		if condition(j, batchv1.JobComplete) != nil {
			ok = append(ok, j)
			if end := j.Status.CompletionTime; end != nil && (cj.Status.LastSuccessfulTime == nil || cj.Status.LastSuccessfulTime.Before(end)) {
				cj.Status.LastSuccessfulTime = end.DeepCopy()
			}
		} else {
			bad = append(bad, j)
		}
	}
	cj.Status.Active = slices.DeleteFunc(cj.Status.Active, func(r corev1.ObjectReference) bool {
		if slices.ContainsFunc(jobs, func(j *batchv1.Job) bool { return j.UID == r.UID }) {
			return false
		}
		c.Events.Eventf(cj, corev1.EventTypeNormal, "MissingJob", "Active job went missing: %v", r.Name)
		return true
	})
	for _, h := range []struct {
		jobs  []*batchv1.Job
		limit *int32
		keep  int32
	}{{ok, cj.Spec.SuccessfulJobsHistoryLimit, 3}, {bad, cj.Spec.FailedJobsHistoryLimit, 1}} {
		if h.limit != nil {
			h.keep = *h.limit
		}
		slices.SortFunc(h.jobs, func(a, b *batchv1.Job) int {
			return cmp.Or(a.CreationTimestamp.Time.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
		})
		for i := range max(len(h.jobs)-int(h.keep), 0) {
			if err := c.remove(ctx, cj, h.jobs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cronController) remove(ctx context.Context, cj *batchv1.CronJob, j *batchv1.Job) error {
	background := metav1.DeletePropagationBackground
	err := c.Client.BatchV1().Jobs(j.Namespace).Delete(ctx, j.Name, metav1.DeleteOptions{PropagationPolicy: &background})
	if work.Gone(err) != nil {
		c.Events.Eventf(cj, corev1.EventTypeWarning, "FailedDelete", "Deleted job: %v", err)
		return fmt.Errorf("delete job %s: %w", j.Name, err)
	}
	c.Events.Eventf(cj, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted job %v", j.Name)
	c.loop.Deleted(work.Key(cj), c.jobs.Informer, j)
	return nil
}

// run makes the Job that is due, if there is one, and sets the moment of the next.
func (c *cronController) run(ctx context.Context, key string, cj *batchv1.CronJob, jobs []*batchv1.Job) error {
	schedule, err := parseSchedule(cj)
	if err != nil {
		c.Events.Eventf(cj, corev1.EventTypeWarning, "UnparseableSchedule", "unparseable schedule: %s : %s", cj.Spec.Schedule, err)
		c.loop.Queue.NotAt(key)
		return nil
	}
	if cj.Spec.Suspend != nil && *cj.Spec.Suspend {
		c.loop.Queue.NotAt(key)
		return nil
	}
	now := c.Clock.Now()
	next := func() {
		if at := schedule.Next(now); !at.IsZero() {
			c.loop.Queue.At(clock.Job, "cronjob "+key, key, at.UTC())
		}
	}
	from := cj.CreationTimestamp.Time
	if cj.Status.LastScheduleTime != nil {
		from = cj.Status.LastScheduleTime.Time
	}
	var limit time.Duration
	if s := cj.Spec.StartingDeadlineSeconds; s != nil {
		limit = time.Duration(*s) * time.Second
		if earliest := now.Add(-limit); earliest.After(from) {
			from = earliest
		}
	}
	at, many := due(schedule, from, now)
	if many {
		c.Events.Eventf(cj, corev1.EventTypeWarning, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")
	}
	if at.IsZero() {
		next()
		return nil
	}
	if limit > 0 && at.Add(limit).Before(now) {
		c.Events.Eventf(cj, corev1.EventTypeWarning, "MissSchedule", "Missed scheduled time to start a job: %s", at.UTC().Format(time.RFC1123Z))
		next()
		return nil
	}
	if slices.ContainsFunc(cj.Status.Active, func(r corev1.ObjectReference) bool { return r.Name == jobName(cj, at) }) ||
		cj.Status.LastScheduleTime != nil && cj.Status.LastScheduleTime.Time.Equal(at) {
		next()
		return nil
	}
	if len(cj.Status.Active) > 0 {
		switch cj.Spec.ConcurrencyPolicy {
		case batchv1.ForbidConcurrent:
			c.Events.Eventf(cj, corev1.EventTypeNormal, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")
			next()
			return nil // the end of the prior one queues the CronJob again
		case batchv1.ReplaceConcurrent:
			for _, r := range cj.Status.Active {
				if i := slices.IndexFunc(jobs, func(j *batchv1.Job) bool { return j.UID == r.UID }); i >= 0 {
					if err := c.remove(ctx, cj, jobs[i]); err != nil {
						return err
					}
				}
			}
			cj.Status.Active = nil
		}
	}
	if err := c.make(ctx, key, cj, at); err != nil {
		return err
	}
	next()
	return nil
}

// make makes the Job for a moment.
func (c *cronController) make(ctx context.Context, key string, cj *batchv1.CronJob, at time.Time) error {
	j := newJob(cj, at)
	made, err := c.Client.BatchV1().Jobs(cj.Namespace).Create(ctx, j, metav1.CreateOptions{})
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return nil
	case apierrors.IsAlreadyExists(err):
		// Made before, and the status could not be written.
		if made, err = c.Client.BatchV1().Jobs(cj.Namespace).Get(ctx, j.Name, metav1.GetOptions{}); err != nil || !metav1.IsControlledBy(made, cj) {
			return err
		}
	case err != nil:
		c.Events.Eventf(cj, corev1.EventTypeWarning, "FailedCreate", "Error creating job: %v", err)
		return fmt.Errorf("make job %s: %w", j.Name, err)
	default:
		c.Events.Eventf(cj, corev1.EventTypeNormal, "SuccessfulCreate", "Created job %v", made.Name)
	}
	c.loop.Wrote(key, c.jobs.Informer, made)
	ref, err := reference.GetReference(scheme.Scheme, made)
	if err != nil {
		return err
	}
	if !finished(made) {
		cj.Status.Active = append(cj.Status.Active, *ref)
	}
	last := metav1.NewTime(at)
	cj.Status.LastScheduleTime = &last
	return nil
}

// jobName is the same for the same moment, so that a Job is never made twice.
func jobName(cj *batchv1.CronJob, at time.Time) string {
	return fmt.Sprintf("%s-%d", cj.Name, at.Unix()/60)
}

func newJob(cj *batchv1.CronJob, at time.Time) *batchv1.Job {
	t := cj.Spec.JobTemplate.DeepCopy()
	j := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: cj.Namespace, Name: jobName(cj, at), Labels: t.Labels, Annotations: maps.Clone(t.Annotations),
			CreationTimestamp: metav1.NewTime(at),
			OwnerReferences:   []metav1.OwnerReference{*metav1.NewControllerRef(cj, batchv1.SchemeGroupVersion.WithKind("CronJob"))},
		},
		Spec: t.Spec,
	}
	zone := time.UTC
	if cj.Spec.TimeZone != nil {
		if z, err := time.LoadLocation(*cj.Spec.TimeZone); err == nil {
			zone = z
		}
	}
	metav1.SetMetaDataAnnotation(&j.ObjectMeta, scheduledAnnotation, at.In(zone).Format(time.RFC3339))
	return j
}
