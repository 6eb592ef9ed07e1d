package selectable

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestConvert(t *testing.T) { // API-111 to API-113
	t.Parallel()
	for _, tc := range []struct {
		group, kind, label, want, refusal string
	}{
		{"", "Pod", "spec.nodeName", "spec.nodeName", ""},
		{"", "Pod", "spec.host", "spec.nodeName", ""},
		{"", "Pod", "spec.foo", "", "field label not supported: spec.foo"},
		{"", "Pod", "metadata.namespace", "metadata.namespace", ""},
		{"", "Node", "metadata.namespace", "", "field label not supported: metadata.namespace"},
		{"", "Secret", "type", "type", ""},
		{"", "ConfigMap", "data", "", `"data" is not a known field selector: only "metadata.name", "metadata.namespace"`},
		{"", "ConfigMap", "metadata.name", "metadata.name", ""},
		{"apps", "Deployment", "spec.replicas", "", `"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"`},
		{"batch", "Job", "status.successful", "status.successful", ""},
		{"batch", "Job", "spec", "", `field label "spec" not supported for Job`},
		{"events.k8s.io", "Event", "regarding.uid", "involvedObject.uid", ""},
		{"", "Event", "regarding.uid", "", "field label not supported: regarding.uid"},
		{"certificates.k8s.io", "CertificateSigningRequest", "spec.signerName", "spec.signerName", ""},
	} {
		got, _, err := Convert(schema.GroupKind{Group: tc.group, Kind: tc.kind}, tc.label, "v")
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != tc.want || text != tc.refusal {
			t.Errorf("%s %s: %q, %q", tc.kind, tc.label, got, text)
		}
	}
}

func TestFieldsHoldWhatConvertNames(t *testing.T) { // API-112
	t.Parallel()
	p := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n", HostNetwork: true}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}
	p.Name, p.Namespace = "x", "default"
	set := Fields(p)
	for k, want := range map[string]string{
		"metadata.name": "x", "metadata.namespace": "default", "spec.nodeName": "n", "spec.hostNetwork": "true", "status.phase": "Running",
	} {
		if got := set.Get(k); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
	e := &corev1.Event{ReportingController: "c"}
	if got := Fields(e).Get("source"); got != "c" {
		t.Errorf("source of an event without one = %q", got)
	}
}
