package client

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// How often a write is tried when the server cannot be reached, and the wall time between the first two tries.
const (
	eventTries = 6
	nameTries  = 100
	eventPause = 20 * time.Millisecond
)

// written is an event that stands on the server.
type written struct {
	namespace, name string
	count           int32
}

// write brings one note to the server: as a new event, or as one more of an old one.
func (r *Recorder) write(ctx context.Context, n note) error {
	if old, ok := r.known.Get(n.key); ok {
		old := old.(written)
		old.count++
		err := r.retry(ctx, func() error { return r.patch(ctx, old, n) })
		if err == nil {
			r.known.Add(n.key, old)
			return nil
		}
		r.known.Remove(n.key)
		if !apierrors.IsNotFound(err) {
			return err
		}
	}
	event := r.event(n)
	var err error
	for range nameTries {
		err = r.retry(ctx, func() error {
			_, err := r.cfg.Client.CoreV1().Events(event.Namespace).CreateWithEventNamespaceWithContext(ctx, event)
			return err
		})
		if !apierrors.IsAlreadyExists(err) {
			break
		}
		// Somebody else reported on the same object in the same moment: the clock stands still.
		event.Name = r.name(n.key.ref.Name, n.at)
	}
	if err == nil {
		r.known.Add(n.key, written{namespace: event.Namespace, name: event.Name, count: 1})
	}
	return err
}

// patch raises the count (or the series) of an event.
func (r *Recorder) patch(ctx context.Context, old written, n note) error {
	change := map[string]any{"count": old.count, "lastTimestamp": metav1.NewTime(n.at)}
	if n.key.modern {
		change = map[string]any{"series": corev1.EventSeries{Count: old.count, LastObservedTime: metav1.NewMicroTime(n.at)}}
	}
	data, err := json.Marshal(change)
	if err != nil {
		return err
	}
	target := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: old.namespace, Name: old.name}}
	_, err = r.cfg.Client.CoreV1().Events(old.namespace).PatchWithEventNamespaceWithContext(ctx, target, data)
	return err
}

// event builds the object of a first report.
func (r *Recorder) event(n note) *corev1.Event {
	namespace := n.key.ref.Namespace
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	e := &corev1.Event{
		ObjectMeta:          metav1.ObjectMeta{Namespace: namespace, Name: n.name, Annotations: n.annotations},
		InvolvedObject:      n.key.ref,
		Type:                n.key.kind,
		Reason:              n.key.reason,
		Message:             n.key.message,
		ReportingController: r.cfg.Component,
		ReportingInstance:   r.cfg.Host,
	}
	if n.key.modern {
		e.EventTime = metav1.NewMicroTime(n.at)
		e.Action = n.key.action
		if e.ReportingInstance == "" {
			e.ReportingInstance = r.cfg.Component
		}
		if n.key.related.Kind != "" {
			related := n.key.related
			e.Related = &related
		}
		return e
	}
	e.Source = corev1.EventSource{Component: r.cfg.Component, Host: r.cfg.Host}
	e.FirstTimestamp, e.LastTimestamp = metav1.NewTime(n.at), metav1.NewTime(n.at)
	e.Count = 1
	return e
}

// retry repeats do while the server does not answer. An answer, even a refusal, is final.
func (r *Recorder) retry(ctx context.Context, do func() error) error {
	pause := eventPause
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == eventTries || isAnswer(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause): // wall time: the server is down, not late
			pause *= 2
		}
	}
}

func isAnswer(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code < 500 && !apierrors.IsTooManyRequests(err)
}
