package daemonset

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
)

// report writes the status.
func (r *round) report(ctx context.Context, seen *appsv1.DaemonSet) error {
	s := &r.ds.Status
	s.ObservedGeneration = r.ds.Generation
	s.CurrentNumberScheduled, s.NumberMisscheduled, s.DesiredNumberScheduled = 0, 0, 0
	s.NumberReady, s.NumberAvailable, s.UpdatedNumberScheduled = 0, 0, 0
	for _, n := range r.nodes {
		run, _ := fits(r.ds, n)
		pods := r.pods[n.Name]
		if !run {
			if len(pods) > 0 {
				s.NumberMisscheduled++
			}
			continue
		}
		s.DesiredNumberScheduled++
		if len(pods) == 0 {
			continue
		}
		s.CurrentNumberScheduled++
		p := pods[0]
		if workload.Ready(p) {
			s.NumberReady++
			if r.available(p) {
				s.NumberAvailable++
			}
		}
		if p.Labels[appsv1.ControllerRevisionHashLabelKey] == r.hash {
			s.UpdatedNumberScheduled++
		}
	}
	s.NumberUnavailable = s.DesiredNumberScheduled - s.NumberAvailable
	if equality.Semantic.DeepEqual(seen.Status, *s) {
		return nil
	}
	next, err := r.Client.AppsV1().DaemonSets(r.ds.Namespace).UpdateStatus(ctx, r.ds, metav1.UpdateOptions{})
	if err != nil {
		return work.Gone(err)
	}
	r.loop.Wrote(r.key, r.DaemonSets(), next)
	return nil
}

func (r *round) available(p *corev1.Pod) bool {
	ok, at := workload.Available(p, time.Duration(r.ds.Spec.MinReadySeconds)*time.Second, r.now)
	r.wake = workload.Earlier(r.wake, at)
	return ok
}
