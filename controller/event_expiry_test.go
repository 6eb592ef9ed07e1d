package controller

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// API-227
func TestEventsLiveAnHourFromTheirLastWrite(t *testing.T) {
	t.Parallel()
	event := func(name string, age time.Duration, change func(*corev1.Event)) *corev1.Event {
		at := metav1.NewTime(morning.Add(-age))
		e := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, CreationTimestamp: at}, LastTimestamp: at}
		if change != nil {
			change(e)
		}
		return e
	}
	c := fake.NewClientset(
		event("old", time.Hour, nil), event("young", 20*time.Minute, nil), event("almost", 59*time.Minute, nil),
		event("repeated", 3*time.Hour, func(e *corev1.Event) { e.LastTimestamp = metav1.NewTime(morning.Add(-50 * time.Minute)) }),
		event("series", 3*time.Hour, func(e *corev1.Event) {
			e.LastTimestamp = metav1.Time{}
			e.Series = &corev1.EventSeries{LastObservedTime: metav1.NewMicroTime(morning.Add(-time.Minute))}
		}),
		event("modern", 3*time.Hour, func(e *corev1.Event) {
			e.LastTimestamp, e.EventTime = metav1.Time{}, metav1.NewMicroTime(morning.Add(-3*time.Hour))
		}))
	next, err := NewEventExpiry(c, stopped(t)).Sweep(t.Context())
	if err != nil || !next.Equal(morning.Add(time.Minute)) {
		t.Errorf("next at %v, %v; want in a minute", next, err)
	}
	l, err := c.CoreV1().Events("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, e := range l.Items {
		left[e.Name] = true
	}
	if len(left) != 4 || left["old"] || left["modern"] {
		t.Errorf("left: %v", left)
	}
}
