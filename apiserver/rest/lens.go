package rest

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
)

// lens is how an endpoint shows stored objects, and how what is sent to it is stored. Most endpoints show what is stored as it is.
type lens struct {
	// kind is what goes over the wire, fresh an empty object of it.
	kind  apischema.GroupVersionKind
	fresh func() runtime.Object
	// show and store are nil where nothing changes. What show returns may share parts with the stored object; store changes
	// neither of its objects, of which present is nil if there is none yet.
	show  func(stored runtime.Object) (runtime.Object, error)
	store func(sent, present runtime.Object) (runtime.Object, error)
}

// plain says that what is stored can be answered as it is.
func (l *lens) plain() bool { return l.show == nil }

func (l *lens) shown(stored runtime.Object) (runtime.Object, error) {
	if l.show == nil {
		return stored, nil
	}
	return l.show(stored)
}

func (l *lens) stored(sent, present runtime.Object) (runtime.Object, error) {
	if l.store == nil {
		return sent, nil
	}
	return l.store(sent, present)
}

// lensOf picks the lens of a request's endpoint.
func lensOf(t *target) *lens {
	switch {
	case t.scales():
		return scaleLens(t)
	case t.res.StoredAs != "": // events are the one kind that two groups show (API-225): they are stored as core/v1
		return &lens{kind: t.res.GroupVersionKind(), fresh: t.res.New, show: modernEvent, store: coreEvent}
	}
	return &lens{kind: t.res.GroupVersionKind(), fresh: t.res.New}
}

// scales says that the request is about a scale subresource.
func (t *target) scales() bool { return t.sub != nil && t.sub.Name == "scale" }

// modernEvent shows a stored event as events.k8s.io does.
func modernEvent(stored runtime.Object) (runtime.Object, error) {
	e, ok := stored.(*corev1.Event)
	if !ok {
		return stored, nil
	}
	out := &eventsv1.Event{
		ObjectMeta: e.ObjectMeta, EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
		Action: e.Action, Reason: e.Reason, Regarding: e.InvolvedObject, Related: e.Related, Note: e.Message, Type: e.Type,
		DeprecatedSource: e.Source, DeprecatedFirstTimestamp: e.FirstTimestamp, DeprecatedLastTimestamp: e.LastTimestamp, DeprecatedCount: e.Count,
	}
	out.SetGroupVersionKind(eventsv1.SchemeGroupVersion.WithKind("Event"))
	if e.Series != nil {
		out.Series = &eventsv1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out, nil
}

// coreEvent stores what was sent to events.k8s.io.
func coreEvent(sent, _ runtime.Object) (runtime.Object, error) {
	e, ok := sent.(*eventsv1.Event)
	if !ok {
		return sent, nil
	}
	out := &corev1.Event{
		ObjectMeta: e.ObjectMeta, EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
		Action: e.Action, Reason: e.Reason, InvolvedObject: e.Regarding, Related: e.Related, Message: e.Note, Type: e.Type,
		Source: e.DeprecatedSource, FirstTimestamp: e.DeprecatedFirstTimestamp, LastTimestamp: e.DeprecatedLastTimestamp, Count: e.DeprecatedCount,
	}
	if e.Series != nil {
		out.Series = &corev1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out, nil
}

// metaOf is an object's metadata; all kinds that are served have them.
func metaOf(obj runtime.Object) metav1.Object {
	return obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
}
