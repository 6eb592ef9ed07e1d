package job

import (
	"context"
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/controller/workload"
)

// Pauses after failed pods, in cluster time: after the first failure in a row, and at most.
const (
	firstBackoff = 10 * time.Second
	maxBackoff   = 10 * time.Minute
)

// manage makes or deletes pods until as many run as should.
func (r *run) manage(ctx context.Context) error {
	active := r.active()
	if suspended(r.job) {
		return r.deleteActive(ctx, active)
	}
	want := r.wantActive()
	there := int32(len(active))
	if r.onlyFailed() {
		there += *r.job.Status.Terminating
	}
	if excess := int(int32(len(active)) - want); excess > 0 {
		// The youngest have done the least.
		slices.SortFunc(active, func(a, b *corev1.Pod) int {
			return -a.CreationTimestamp.Time.Compare(b.CreationTimestamp.Time)
		})
		return r.deleteActive(ctx, active[:excess])
	}
	missing := int(want - there)
	if missing <= 0 {
		return nil
	}
	if at := r.backoff(); r.now.Before(at) {
		r.lookAgain(at)
		return nil
	}
	var indexes []int
	if indexed(r.job) {
		indexes = r.nextIndexes(missing)
		missing = len(indexes)
	}
	_, err := workload.Slowly(min(missing, burst), func(i int) error {
		p := workload.NewPod(&r.job.Spec.Template, r.job, r.controller.pods.Kind)
		p.Finalizers = append(p.Finalizers, batchv1.JobTrackingFinalizer)
		if indexed(r.job) {
			setIndex(p, r.job.Name, indexes[i])
		}
		return r.controller.pods.Create(ctx, r.loop, r.key, r.job, p)
	})
	return err
}

// wantActive is how many pods should run.
func (r *run) wantActive() int32 {
	parallel := int32(1)
	if r.job.Spec.Parallelism != nil {
		parallel = *r.job.Spec.Parallelism
	}
	if r.job.Spec.Completions == nil {
		if r.succeeded() > 0 {
			return min(r.job.Status.Active, parallel)
		}
		return parallel
	}
	return max(min(*r.job.Spec.Completions-r.succeeded(), parallel), 0)
}

func (r *run) deleteActive(ctx context.Context, pods []*corev1.Pod) error {
	_, err := workload.Slowly(min(len(pods), burst), func(i int) error {
		return r.controller.pods.Delete(ctx, r.loop, r.key, r.job, pods[i])
	})
	return err
}

// backoff is the moment before which no new pod is made: it lies the further off the more pods have failed since the
// last success.
func (r *run) backoff() time.Time {
	var ended []*corev1.Pod
	for _, p := range r.pods {
		if p.Status.Phase == corev1.PodSucceeded || r.failed(p) {
			ended = append(ended, p)
		}
	}
	slices.SortFunc(ended, func(a, b *corev1.Pod) int { return endOf(b).Compare(endOf(a)) })
	failures := 0
	for _, p := range ended {
		if p.Status.Phase == corev1.PodSucceeded {
			break
		}
		failures++
	}
	if failures == 0 {
		return time.Time{}
	}
	pause := maxBackoff
	if failures <= 6 {
		pause = min(firstBackoff<<(failures-1), maxBackoff)
	}
	return endOf(ended[0]).Add(pause)
}

// endOf is when a pod ended: when the last of its containers did, or else the best that is known.
func endOf(p *corev1.Pod) time.Time {
	var end time.Time
	for _, s := range p.Status.ContainerStatuses {
		if t := s.State.Terminated; t != nil && t.FinishedAt.After(end) {
			end = t.FinishedAt.Time
		}
	}
	if !end.IsZero() {
		return end
	}
	if p.DeletionTimestamp != nil {
		grace := time.Duration(0)
		if g := p.DeletionGracePeriodSeconds; g != nil {
			grace = time.Duration(*g) * time.Second
		}
		return p.DeletionTimestamp.Add(-grace)
	}
	if c := workload.Condition(p, corev1.PodReady); c != nil && c.Status == corev1.ConditionFalse {
		return c.LastTransitionTime.Time
	}
	return p.CreationTimestamp.Time
}

// nextIndexes are the lowest n indexes that have neither succeeded nor run.
func (r *run) nextIndexes(n int) []int {
	taken := parseIndexes(r.job.Status.CompletedIndexes)
	for _, p := range r.pods {
		if i, ok := index(p); ok && (workload.Active(p) || r.onlyFailed() && workload.Terminating(p)) {
			taken.add(i)
		}
	}
	var next []int
	for i := 0; i < int(*r.job.Spec.Completions) && len(next) < n; i++ {
		if _, ok := taken[i]; !ok {
			next = append(next, i)
		}
	}
	return next
}

// setIndex gives a pod its index: in its name, host name, annotation and label, and as an environment variable.
func setIndex(p *corev1.Pod, job string, i int) {
	n := strconv.Itoa(i)
	for _, m := range []*map[string]string{&p.Labels, &p.Annotations} {
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[batchv1.JobCompletionIndexAnnotation] = n
	}
	p.GenerateName = workload.Prefix(job + "-" + n)
	p.Spec.Hostname = job + "-" + n
	env := corev1.EnvVar{Name: "JOB_COMPLETION_INDEX", ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels['" + batchv1.JobCompletionIndexAnnotation + "']"}}}
	for _, list := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for c := range list {
			if !slices.ContainsFunc(list[c].Env, func(e corev1.EnvVar) bool { return e.Name == env.Name }) {
				list[c].Env = append(list[c].Env, env)
			}
		}
	}
}

// index is the index of a pod.
func index(p *corev1.Pod) (int, bool) {
	i, err := strconv.Atoi(p.Annotations[batchv1.JobCompletionIndexAnnotation])
	return i, err == nil && i >= 0
}
