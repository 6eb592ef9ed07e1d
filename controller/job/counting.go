package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
)

func hasTracking(p *corev1.Pod) bool {
	return slices.Contains(p.Finalizers, batchv1.JobTrackingFinalizer)
}

// failed says whether a pod counts as failed: it has, or it is going and will not succeed any more. A Job that replaces
// only pods that have really failed waits for the end.
func (r *run) failed(p *corev1.Pod) bool {
	if p.Status.Phase == corev1.PodFailed {
		return true
	}
	return p.DeletionTimestamp != nil && p.Status.Phase != corev1.PodSucceeded && !r.onlyFailed()
}

// onlyFailed says whether pods that are going still count as there.
func (r *run) onlyFailed() bool {
	return r.job.Spec.PodReplacementPolicy != nil && *r.job.Spec.PodReplacementPolicy == batchv1.Failed || r.job.Spec.PodFailurePolicy != nil
}

func (r *run) active() []*corev1.Pod {
	var out []*corev1.Pod
	for _, p := range r.pods {
		if workload.Active(p) {
			out = append(out, p)
		}
	}
	return out
}

// count moves pods through the two steps of counting and returns those whose finalizer is to go once the status is
// written.
func (r *run) count() (tracked []*corev1.Pod) {
	s := &r.job.Status
	if s.UncountedTerminatedPods == nil {
		s.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
	}
	un := s.UncountedTerminatedPods
	holds := map[types.UID]bool{}
	for _, p := range r.pods {
		holds[p.UID] = hasTracking(p)
	}
	settle := func(list []types.UID, n *int32) []types.UID {
		return slices.DeleteFunc(slices.Clone(list), func(uid types.UID) bool {
			if holds[uid] {
				return false
			}
			*n++
			return true
		})
	}
	un.Succeeded = settle(un.Succeeded, &s.Succeeded)
	un.Failed = settle(un.Failed, &s.Failed)

	done := parseIndexes(s.CompletedIndexes)
	for _, p := range r.pods {
		if !hasTracking(p) {
			continue
		}
		switch {
		case p.Status.Phase == corev1.PodSucceeded && indexed(r.job):
			if i, ok := index(p); ok && i < int(*r.job.Spec.Completions) {
				done.add(i)
			}
			tracked = append(tracked, p)
		case p.Status.Phase == corev1.PodSucceeded:
			if !slices.Contains(un.Succeeded, p.UID) {
				un.Succeeded = append(un.Succeeded, p.UID)
			}
			tracked = append(tracked, p)
		case r.failed(p):
			if !slices.Contains(un.Failed, p.UID) {
				if r.ignored(p) {
					tracked = append(tracked, p)
					continue
				}
				un.Failed = append(un.Failed, p.UID)
			}
			tracked = append(tracked, p)
		}
	}
	if indexed(r.job) {
		s.CompletedIndexes = done.String()
		s.Succeeded = int32(len(done))
	}
	return tracked
}

// succeeded and failures are the figures with what is not counted yet.
func (r *run) succeeded() int32 {
	return r.job.Status.Succeeded + int32(len(r.job.Status.UncountedTerminatedPods.Succeeded))
}
func (r *run) failures() int32 {
	return r.job.Status.Failed + int32(len(r.job.Status.UncountedTerminatedPods.Failed))
}

// tally counts the pods that have not ended.
func (r *run) tally() {
	var active, ready, going int32
	for _, p := range r.pods {
		switch {
		case workload.Active(p):
			active++
			if workload.Ready(p) {
				ready++
			}
		case workload.Terminating(p):
			going++
		}
	}
	r.job.Status.Active, r.job.Status.Ready, r.job.Status.Terminating = active, &ready, &going
}

// untrackPods takes the finalizer off pods that the status has noted.
func (r *run) untrackPods(ctx context.Context, pods []*corev1.Pod) error {
	for _, p := range pods {
		next, err := untrackPod(ctx, r.controller, p)
		if err != nil {
			return err
		}
		if next != nil {
			r.loop.Wrote(r.key, r.controller.pods.Informer, next)
		}
	}
	return nil
}

// untrack takes the finalizer off all pods of a Job that has ended or is going.
func (c *controller) untrack(ctx context.Context, pods []*corev1.Pod) error {
	var failed error
	for _, p := range pods {
		if hasTracking(p) {
			_, err := untrackPod(ctx, c, p)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// letGo takes the finalizer off the pods of a Job that is gone.
func (c *controller) letGo(ctx context.Context, namespace, name string) error {
	all, err := c.allPods.Pods(namespace).List(labels.Everything())
	if err != nil {
		return err
	}
	var left []*corev1.Pod
	for _, p := range all {
		if ref := metav1.GetControllerOfNoCopy(p); ref != nil && ref.Kind == c.pods.Kind.Kind && ref.Name == name {
			left = append(left, p)
		}
	}
	return c.untrack(ctx, left)
}

func untrackPod(ctx context.Context, c *controller, p *corev1.Pod) (*corev1.Pod, error) {
	rest := slices.DeleteFunc(slices.Clone(p.Finalizers), func(f string) bool { return f == batchv1.JobTrackingFinalizer })
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": p.UID, "resourceVersion": p.ResourceVersion, "finalizers": rest}})
	if err != nil {
		return nil, err
	}
	next, err := c.Client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.MergePatchType, data, metav1.PatchOptions{})
	if work.Gone(err) != nil {
		return nil, fmt.Errorf("finalizer of pod %s/%s: %w", p.Namespace, p.Name, err)
	}
	if err != nil {
		return nil, nil
	}
	return next, nil
}
