package replicaset

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func pod(name string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(morning.Add(-time.Hour))}, Spec: corev1.PodSpec{NodeName: "n1"},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue,
			LastTransitionTime: metav1.NewTime(morning.Add(-time.Hour))}}}}
	if change != nil {
		change(p)
	}
	return p
}

func TestLeastMissed(t *testing.T) {
	t.Parallel()
	pods := []*corev1.Pod{
		pod("plain", nil),
		pod("young", func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(morning.Add(-time.Minute)) }),
		pod("restarted", func(p *corev1.Pod) { p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: 3}} }),
		pod("just-ready", func(p *corev1.Pod) {
			p.Status.Conditions[0].LastTransitionTime = metav1.NewTime(morning.Add(-time.Second))
		}),
		pod("crowded", func(p *corev1.Pod) { p.Spec.NodeName = "full" }),
		pod("cheap", func(p *corev1.Pod) { p.Annotations = map[string]string{deletionCost: "-5"} }),
		pod("dear", func(p *corev1.Pod) { p.Annotations = map[string]string{deletionCost: "100"} }),
		pod("unready", func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse }),
		pod("pending", func(p *corev1.Pod) { p.Status.Phase = corev1.PodPending }),
		pod("nowhere", func(p *corev1.Pod) { p.Spec.NodeName = "" }),
	}
	var got []string
	for _, p := range leastMissed(pods, map[string]int{"n1": 1, "full": 5}, morning) {
		got = append(got, p.Name)
	}
	want := "nowhere pending unready cheap crowded just-ready restarted young plain dear"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("order %s\nwant  %s", s, want)
	}
}
