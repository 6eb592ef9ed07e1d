package selectable

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// own are the fields that kinds offer beside metadata.name and metadata.namespace, in the version that is served. A value other than
// its key is the name the field has in Fields.
var own = map[schema.GroupKind]map[string]string{
	{Kind: "Pod"}: {
		"spec.nodeName": "", "spec.host": "spec.nodeName", "spec.restartPolicy": "", "spec.schedulerName": "",
		"spec.serviceAccountName": "", "spec.hostNetwork": "", "status.phase": "", "status.podIP": "",
		"status.podIPs": "", "status.nominatedNodeName": "",
	},
	{Kind: "Node"}:                  {"spec.unschedulable": ""},
	{Kind: "Namespace"}:             {"status.phase": ""},
	{Kind: "Secret"}:                {"type": ""},
	{Kind: "Service"}:               {"spec.clusterIP": "", "spec.type": ""},
	{Kind: "ReplicationController"}: {"status.replicas": ""},
	{Kind: "Event"}: {
		"involvedObject.kind": "", "involvedObject.namespace": "", "involvedObject.name": "", "involvedObject.uid": "",
		"involvedObject.apiVersion": "", "involvedObject.resourceVersion": "", "involvedObject.fieldPath": "",
		"reason": "", "reportingComponent": "", "source": "", "type": "",
	},
	{Group: "events.k8s.io", Kind: "Event"}: {
		"regarding.kind": "involvedObject.kind", "regarding.namespace": "involvedObject.namespace",
		"regarding.name": "involvedObject.name", "regarding.uid": "involvedObject.uid",
		"regarding.apiVersion": "involvedObject.apiVersion", "regarding.resourceVersion": "involvedObject.resourceVersion",
		"regarding.fieldPath": "involvedObject.fieldPath", "reportingController": "reportingComponent", "reason": "", "type": "",
	},
	{Group: "batch", Kind: "Job"}:                                     {"status.successful": ""},
	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest"}: {"spec.signerName": ""},
}

// clusterScoped kinds with fields of their own do not know metadata.namespace (API-113).
var clusterScoped = map[schema.GroupKind]bool{
	{Kind: "Node"}: true, {Kind: "Namespace"}: true,
	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest"}: true,
}

// Convert checks one requirement of a field selector and returns the label and value to compare with Fields. The error is the text of
// a 400 (API-111).
func Convert(gk schema.GroupKind, label, value string) (string, string, error) {
	list, special := own[gk]
	switch {
	case label == "metadata.name", label == "metadata.namespace" && !clusterScoped[gk]:
		return label, value, nil
	case !special:
		return "", "", fmt.Errorf("%q is not a known field selector: only %q, %q", label, "metadata.name", "metadata.namespace")
	}
	if name, ok := list[label]; ok {
		if name == "" {
			name = label
		}
		return name, value, nil
	}
	if gk.Kind == "Job" {
		return "", "", fmt.Errorf("field label %q not supported for Job", label)
	}
	return "", "", fmt.Errorf("field label not supported: %s", label)
}
