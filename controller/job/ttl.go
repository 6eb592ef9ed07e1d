package job

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/clock"
)

// NewTTL returns the loop that deletes finished Jobs whose ttlSecondsAfterFinished are over. e acts as
// ttl-after-finished-controller. Keys are Jobs.
func NewTTL(e work.Env) *work.Loop {
	l := e.Loop("job time to live")
	jobs := e.Factory.Batch().V1().Jobs().Lister()
	l.WatchKeys(e.Jobs())
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		j, err := jobs.Jobs(ns).Get(name)
		if err != nil {
			l.Queue.NotAt(key)
			return work.Gone(err)
		}
		end, ok := endOfLife(j)
		if !ok {
			l.Queue.NotAt(key)
			return nil
		}
		if e.Clock.Now().Before(end) {
			l.Queue.At(clock.Other, "job "+key+" deleted, its time to live is over", key, end)
			return nil
		}
		live, err := e.Client.BatchV1().Jobs(ns).Get(ctx, name, metav1.GetOptions{})
		if err != nil || live.UID != j.UID {
			return work.Gone(err)
		}
		if end, ok := endOfLife(live); !ok || e.Clock.Now().Before(end) {
			return nil // changed meanwhile: the informer will tell
		}
		foreground := metav1.DeletePropagationForeground
		err = e.Client.BatchV1().Jobs(ns).Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &foreground, Preconditions: &metav1.Preconditions{UID: &live.UID}})
		if apierrors.IsConflict(err) {
			return nil
		}
		return work.Gone(err)
	}
	return l
}

// endOfLife is when a Job is to be deleted, if at all.
func endOfLife(j *batchv1.Job) (time.Time, bool) {
	if j.Spec.TTLSecondsAfterFinished == nil || j.DeletionTimestamp != nil {
		return time.Time{}, false
	}
	for _, kind := range []batchv1.JobConditionType{batchv1.JobComplete, batchv1.JobFailed} {
		if c := condition(j, kind); c != nil {
			return c.LastTransitionTime.Add(time.Duration(*j.Spec.TTLSecondsAfterFinished) * time.Second), true
		}
	}
	return time.Time{}, false
}
