package replicaset

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/controller/workload"
)

// deletionCost is the annotation by which people say which pods they would rather keep.
const deletionCost = "controller.kubernetes.io/pod-deletion-cost"

// leastMissed sorts pods so that those which can best be spared come first: not on a node yet; still pending; not
// ready; cheaper by annotation; on a node with more of their kind; ready for less long; restarted more often; younger.
// Times are compared by orders of magnitude, so that of pods of about one age any may go; the UID then decides.
func leastMissed(pods []*corev1.Pod, crowd map[string]int, now time.Time) []*corev1.Pod {
	pods = slices.Clone(pods)
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(
			firstIf(a.Spec.NodeName == "", b.Spec.NodeName == ""),
			cmp.Compare(phaseRank(a), phaseRank(b)),
			firstIf(!workload.Ready(a), !workload.Ready(b)),
			cmp.Compare(cost(a), cost(b)),
			-cmp.Compare(crowd[a.Spec.NodeName], crowd[b.Spec.NodeName]),
			cmp.Compare(magnitude(readySince(a), now), magnitude(readySince(b), now)),
			-cmp.Compare(restarts(a), restarts(b)),
			cmp.Compare(magnitude(a.CreationTimestamp.Time, now), magnitude(b.CreationTimestamp.Time, now)),
			cmp.Compare(a.UID, b.UID),
		)
	})
	return pods
}

func firstIf(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func phaseRank(p *corev1.Pod) int {
	switch p.Status.Phase {
	case corev1.PodPending, "":
		return 0
	case corev1.PodUnknown:
		return 1
	}
	return 2
}

func cost(p *corev1.Pod) int64 {
	n, err := strconv.ParseInt(p.Annotations[deletionCost], 10, 32)
	if err != nil {
		return 0
	}
	return n
}

func restarts(p *corev1.Pod) int32 {
	var most int32
	for _, s := range p.Status.ContainerStatuses {
		most = max(most, s.RestartCount)
	}
	return most
}

func readySince(p *corev1.Pod) time.Time {
	if c := workload.Condition(p, corev1.PodReady); c != nil && c.Status == corev1.ConditionTrue {
		return c.LastTransitionTime.Time
	}
	return time.Time{}
}

// magnitude is the order of magnitude of an age; what has no time counts as new.
func magnitude(t, now time.Time) int {
	if t.IsZero() || !t.Before(now) {
		return -1
	}
	return int(math.Log2(float64(now.Sub(t))))
}
