package apiserver

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/story"
)

// observations are the server's own metrics, under the names of a real one.
type observations struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	known    map[schema.GroupResource]bool
}

// newObservations registers them. Only known resources become labels: anybody can ask for paths that do not exist, and each new label
// would be kept for ever.
func newObservations(reg *prometheus.Registry, known map[schema.GroupResource]bool, inFlight func() float64) *observations {
	o := &observations{
		known: known,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "apiserver_request_total", Help: "Requests by verb, resource and code."},
			[]string{"verb", "group", "resource", "subresource", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "apiserver_request_duration_seconds", Help: "Time to the answer of requests that are not watches, in seconds.",
			Buckets: []float64{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60}}, []string{"verb"}),
	}
	reg.MustRegister(o.requests, o.duration, prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "apiserver_current_inflight_requests", Help: "Requests in work, watches not counted."}, inFlight))
	return o
}

// reset forgets what was counted.
func (o *observations) reset() {
	o.requests.Reset()
	o.duration.Reset()
}

func (o *observations) request(r *story.Record) {
	verb, group, resource, sub := r.Verb, r.Group, r.Resource, r.Subresource
	switch {
	case !r.IsResource:
		verb = "nonresource"
	case !o.known[schema.GroupResource{Group: group, Resource: resource}] || r.Code == 404 || r.Code == 405:
		group, resource, sub = "", "", ""
	}
	if r.Code == 403 { // the path may name anything
		sub = ""
	}
	o.requests.WithLabelValues(verb, group, resource, sub, strconv.Itoa(r.Code)).Inc()
	if !r.LongRun {
		o.duration.WithLabelValues(verb).Observe(r.Took.Seconds())
	}
}
