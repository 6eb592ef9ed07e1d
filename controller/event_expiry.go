package controller

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/controller/work"
)

// Figures of the expiry of events: how long one lives after it was last written (API-227), how far apart two looks are
// at least, in cluster time and in wall time, and how many events one request lists.
const (
	eventLife   = time.Hour
	eventSweep  = time.Minute
	eventPause  = time.Second
	eventsAPage = 500
)

// EventExpiry deletes events an hour after they were last written. Real API servers have their storage do it; so it
// runs under the API server's identity, and nobody's role needs a right for it.
type EventExpiry struct {
	client kubernetes.Interface
	clock  utilclock.WithTicker
}

// NewEventExpiry returns the loop; c may list and delete all events.
func NewEventExpiry(c kubernetes.Interface, clock utilclock.WithTicker) *EventExpiry {
	return &EventExpiry{client: c, clock: clock}
}

// Run looks whenever an event is due, until ctx ends.
func (e *EventExpiry) Run(ctx context.Context) error {
	for {
		next, err := e.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("old events not all deleted", "err", err)
		}
		timer := e.clock.NewTimer(max(next.Sub(e.clock.Now()), eventSweep))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-time.After(eventPause): // a fast clock must not make this a busy loop
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		}
	}
}

// Sweep deletes what is due and says when the next will be; without any events that is an hour from now.
func (e *EventExpiry) Sweep(ctx context.Context) (next time.Time, err error) {
	now := e.clock.Now()
	next = now.Add(eventLife)
	o := metav1.ListOptions{Limit: eventsAPage}
	for {
		page, err := e.client.CoreV1().Events(metav1.NamespaceAll).List(ctx, o)
		if err != nil {
			return next, fmt.Errorf("list events: %w", err)
		}
		for i := range page.Items {
			ev := &page.Items[i]
			end := lastWritten(ev).Add(eventLife)
			if end.After(now) {
				next = earlier(next, end)
				continue
			}
			err := e.client.CoreV1().Events(ev.Namespace).Delete(ctx, ev.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &ev.ResourceVersion}})
			if work.Gone(err) != nil && ctx.Err() != nil {
				return next, err // else it was written again just now: the next look decides
			}
		}
		if page.Continue == "" {
			return next, nil
		}
		o.Continue = page.Continue
	}
}

// lastWritten is the newest of an event's times.
func lastWritten(e *corev1.Event) time.Time {
	last := e.CreationTimestamp.Time
	for _, t := range []time.Time{e.LastTimestamp.Time, e.EventTime.Time} {
		if t.After(last) {
			last = t
		}
	}
	if e.Series != nil && e.Series.LastObservedTime.After(last) {
		last = e.Series.LastObservedTime.Time
	}
	return last
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Pending is always empty: the loop answers to nothing but the time.
func (e *EventExpiry) Pending() []string { return nil }
