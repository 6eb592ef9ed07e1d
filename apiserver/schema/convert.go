package schema

import (
	"reflect"
	"slices"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// Convert returns an object as another kind that shows the same: events of the core group and of events.k8s.io (API-225), autoscalers of
// versions 1 and 2. What it returns may share parts with obj, which it does not change; an object of the kind is returned as it is. For
// other pairs the error is one of runtime.IsNotRegisteredError.
func Convert(obj runtime.Object, kind runtimeschema.GroupVersionKind) (runtime.Object, error) {
	var out runtime.Object
	switch o := obj.(type) {
	case *corev1.Event:
		out = modernEvent(o)
	case *eventsv1.Event:
		out = legacyEvent(o)
	case *autoscalingv1.HorizontalPodAutoscaler:
		out = newerScaler(o)
	case *autoscalingv2.HorizontalPodAutoscaler:
		out = olderScaler(o)
	}
	if is(obj, kind) {
		return obj, nil
	}
	if out != nil && is(out, kind) {
		out.GetObjectKind().SetGroupVersionKind(kind)
		return out, nil
	}
	return nil, runtime.NewNotRegisteredErrForKind(reflect.TypeOf(obj).String(), kind)
}

// is tells the kind by the Go type.
func is(obj runtime.Object, kind runtimeschema.GroupVersionKind) bool {
	kinds, _, err := Scheme().ObjectKinds(obj)
	return err == nil && slices.Contains(kinds, kind)
}

// siblings are the kinds that Convert goes between, the given one first.
func siblings(kind runtimeschema.GroupVersionKind) []runtimeschema.GroupVersionKind {
	for _, pair := range [...][2]runtimeschema.GroupVersionKind{
		{corev1.SchemeGroupVersion.WithKind("Event"), eventsv1.SchemeGroupVersion.WithKind("Event")},
		{autoscalingv1.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler"), autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler")},
	} {
		switch kind {
		case pair[0]:
			return pair[:]
		case pair[1]:
			return []runtimeschema.GroupVersionKind{pair[1], pair[0]}
		}
	}
	return []runtimeschema.GroupVersionKind{kind}
}

// modernEvent is a core event as events.k8s.io shows it.
func modernEvent(e *corev1.Event) *eventsv1.Event {
	out := &eventsv1.Event{
		ObjectMeta: e.ObjectMeta, EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
		Action: e.Action, Reason: e.Reason, Regarding: e.InvolvedObject, Related: e.Related, Note: e.Message, Type: e.Type,
		DeprecatedSource: e.Source, DeprecatedFirstTimestamp: e.FirstTimestamp, DeprecatedLastTimestamp: e.LastTimestamp, DeprecatedCount: e.Count,
	}
	if e.Series != nil {
		out.Series = &eventsv1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out
}

func legacyEvent(e *eventsv1.Event) *corev1.Event {
	out := &corev1.Event{
		ObjectMeta: e.ObjectMeta, EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
		Action: e.Action, Reason: e.Reason, InvolvedObject: e.Regarding, Related: e.Related, Message: e.Note, Type: e.Type,
		Source: e.DeprecatedSource, FirstTimestamp: e.DeprecatedFirstTimestamp, LastTimestamp: e.DeprecatedLastTimestamp, Count: e.DeprecatedCount,
	}
	if e.Series != nil {
		out.Series = &corev1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out
}
