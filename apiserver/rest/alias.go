package rest

import (
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
)

// alias shows a stored object as the kind that was asked for. Events are the one kind that two groups show (API-225): they are stored
// as core/v1.
func (h *Handler) alias(res *registry.Resource, obj runtime.Object) (runtime.Object, error) {
	if res.StoredAs == "" {
		return obj, nil
	}
	if e, ok := obj.(*corev1.Event); ok {
		return modernEvent(e), nil
	}
	return obj, nil
}

// unalias turns an object that a client sent into the kind that is stored.
func (h *Handler) unalias(res *registry.Resource, obj runtime.Object) (runtime.Object, error) {
	if res.StoredAs == "" {
		return obj, nil
	}
	if e, ok := obj.(*eventsv1.Event); ok {
		return coreEvent(e), nil
	}
	return obj, nil
}

// aliasList shows stored objects as a list of the kind that was asked for.
func (h *Handler) aliasList(res *registry.Resource, objs []*cache.Object, lm metav1.ListMeta) (runtime.Object, error) {
	list := &eventsv1.EventList{ListMeta: lm, Items: make([]eventsv1.Event, 0, len(objs))}
	list.APIVersion, list.Kind = res.GroupVersion(), res.Kind+"List"
	for _, o := range objs {
		obj, err := o.Typed()
		if err != nil {
			return nil, err
		}
		if obj, err = h.alias(res, obj); err != nil {
			return nil, err
		}
		if e, ok := obj.(*eventsv1.Event); ok {
			item := *e
			item.TypeMeta = metav1.TypeMeta{}
			list.Items = append(list.Items, item)
		}
	}
	return list, nil
}

func modernEvent(e *corev1.Event) *eventsv1.Event {
	out := &eventsv1.Event{
		ObjectMeta: e.ObjectMeta, EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
		Action: e.Action, Reason: e.Reason, Regarding: e.InvolvedObject, Related: e.Related, Note: e.Message, Type: e.Type,
		DeprecatedSource: e.Source, DeprecatedFirstTimestamp: e.FirstTimestamp, DeprecatedLastTimestamp: e.LastTimestamp, DeprecatedCount: e.Count,
	}
	out.APIVersion, out.Kind = "events.k8s.io/v1", "Event"
	if e.Series != nil {
		out.Series = &eventsv1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out
}

func coreEvent(e *eventsv1.Event) *corev1.Event {
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
