package workload

import (
	"context"
	"errors"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/controller/work"
)

// Slowly calls do(0) to do(n-1): one call, then two at a time, then four, so that a mistake in a template costs one
// refused request and not a thousand. It stops after a round in which one failed and returns how many succeeded.
func Slowly(n int, do func(i int) error) (done int, err error) {
	for size := 1; done < n; size *= 2 {
		size = min(size, n-done)
		errs := make([]error, size)
		var group sync.WaitGroup
		for i := range size {
			group.Go(func() { errs[i] = do(done + i) })
		}
		group.Wait()
		ok := 0
		for _, e := range errs {
			if e == nil {
				ok++
			}
		}
		done += ok
		if err := errors.Join(errs...); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Create makes one pod and reports it on owner, in the words that kubectl describe shows.
func (p *Pods) Create(ctx context.Context, l *work.Loop, key string, owner runtime.Object, pod *corev1.Pod) error {
	made, err := p.Client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return nil // nothing to be done about it, and nothing to be said
	case err != nil:
		p.Events.Eventf(owner, corev1.EventTypeWarning, "FailedCreate", "Error creating: %v", err)
		return err
	}
	l.Wrote(key, p.Informer, made)
	p.Events.Eventf(owner, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod: %v", made.Name)
	return nil
}

// Delete deletes one pod and reports it on owner.
func (p *Pods) Delete(ctx context.Context, l *work.Loop, key string, owner runtime.Object, pod *corev1.Pod) error {
	err := p.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &pod.UID}})
	switch {
	case apierrors.IsNotFound(err) || apierrors.IsConflict(err):
		return nil
	case err != nil:
		p.Events.Eventf(owner, corev1.EventTypeWarning, "FailedDelete", "Error deleting: %v", err)
		return err
	}
	l.Deleted(key, p.Informer, pod)
	p.Events.Eventf(owner, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted pod: %v", pod.Name)
	return nil
}
