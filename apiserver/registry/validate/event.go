package validate

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Lengths of an event's texts (API-226).
const (
	mostEventWord = 128
	mostEventNote = 1024
)

// event: what the old API takes is little, so that old recorders go on working; the new one, group events.k8s.io, is strict (API-226).
func event(r *report, e *corev1.Event, strict bool) {
	eventAlways(r, e, strict)
	if !strict {
		return
	}
	r.meta(&e.ObjectMeta, true, subdomainName)
	eventSeries(r, e)
	if e.EventTime.IsZero() {
		r.required(field.NewPath("eventTime"), "")
	}
	if e.Type != corev1.EventTypeNormal && e.Type != corev1.EventTypeWarning {
		r.invalid(field.NewPath("type"), "", fmt.Sprintf("has invalid value: %v", e.Type))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"firstTimestamp", !e.FirstTimestamp.IsZero()}, {"lastTimestamp", !e.LastTimestamp.IsZero()},
		{"count", e.Count != 0}, {"source", e.Source != corev1.EventSource{}},
	} {
		if f.set {
			r.invalid(field.NewPath(f.name), "", "needs to be unset")
		}
	}
}

func updateEvent(r *report, e, old *corev1.Event, strict bool) {
	eventAlways(r, e, strict)
	if !strict {
		return
	}
	r.metaUpdate(&e.ObjectMeta, &old.ObjectMeta)
	if !equality.Semantic.DeepEqual(e.Series, old.Series) {
		eventSeries(r, e)
	}
	kept := func(name string, now, was any) {
		if !equality.Semantic.DeepEqual(now, was) {
			r.invalid(field.NewPath(name), inner{now}, apivalidation.FieldImmutableErrorMsg)
		}
	}
	kept("involvedObject", e.InvolvedObject, old.InvolvedObject)
	kept("reason", e.Reason, old.Reason)
	kept("message", e.Message, old.Message)
	kept("source", e.Source, old.Source)
	kept("firstTimestamp", e.FirstTimestamp, old.FirstTimestamp)
	kept("lastTimestamp", e.LastTimestamp, old.LastTimestamp)
	kept("count", e.Count, old.Count)
	kept("reason", e.Reason, old.Reason)
	kept("type", e.Type, old.Type)
	if !e.EventTime.Truncate(time.Microsecond).Equal(old.EventTime.Truncate(time.Microsecond)) {
		kept("eventTime", e.EventTime, old.EventTime)
	}
	kept("action", e.Action, old.Action)
	kept("related", e.Related, old.Related)
	kept("reportingController", e.ReportingController, old.ReportingController)
	kept("reportingInstance", e.ReportingInstance, old.ReportingInstance)
}

func eventSeries(r *report, e *corev1.Event) {
	if e.Series == nil {
		return
	}
	if e.Series.Count < 2 {
		r.invalid(field.NewPath("series.count"), "", "should be at least 2")
	}
	if e.Series.LastObservedTime.IsZero() {
		r.required(field.NewPath("series.lastObservedTime"), "")
	}
}

// eventAlways holds for both APIs. An event that has an eventTime is of the new kind, whichever API it came by.
func eventAlways(r *report, e *corev1.Event, strict bool) {
	about := field.NewPath("involvedObject", "namespace")
	const elsewhere = "does not match event.namespace"
	ns := e.InvolvedObject.Namespace
	if e.EventTime.IsZero() {
		if (ns == "" && e.Namespace != "" && e.Namespace != "default") || (ns != "" && ns != e.Namespace) {
			r.invalid(about, ns, elsewhere)
		}
	} else {
		if ns == "" && e.Namespace != "default" && e.Namespace != "kube-system" {
			r.invalid(about, ns, elsewhere)
		}
		controller := field.NewPath("reportingComponent")
		if strict {
			controller = field.NewPath("reportingController")
		}
		if e.ReportingController == "" {
			r.required(controller, "")
		}
		r.qualified(controller, e.ReportingController)
		eventWord(r, "reportingInstance", e.ReportingInstance)
		eventWord(r, "action", e.Action)
		eventWord(r, "reason", e.Reason)
		if len(e.Message) > mostEventNote {
			r.invalid(field.NewPath("message"), "", fmt.Sprintf("can have at most %v characters", mostEventNote))
		}
	}
	r.invalids(field.NewPath("namespace"), e.Namespace, validation.IsDNS1123Subdomain(e.Namespace))
}

func eventWord(r *report, name, value string) {
	if value == "" {
		r.required(field.NewPath(name), "")
	}
	if len(value) > mostEventWord {
		r.invalid(field.NewPath(name), "", fmt.Sprintf("can have at most %v characters", mostEventWord))
	}
}
