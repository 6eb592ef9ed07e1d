package schema

import (
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// withStatus are the kinds whose status has an endpoint of its own: the main endpoint ignores status
// and the status endpoint ignores the rest (API-81), so neither makes a writer the owner of what was
// ignored.
var withStatus = map[runtimeschema.GroupKind]bool{
	{Kind: "Pod"}: true, {Kind: "Service"}: true, {Kind: "Node"}: true, {Kind: "Namespace"}: true,
	{Kind: "PersistentVolume"}: true, {Kind: "PersistentVolumeClaim"}: true, {Kind: "ResourceQuota"}: true,
	{Kind: "ReplicationController"}:     true,
	{Group: "apps", Kind: "Deployment"}: true, {Group: "apps", Kind: "ReplicaSet"}: true,
	{Group: "apps", Kind: "StatefulSet"}: true, {Group: "apps", Kind: "DaemonSet"}: true,
	{Group: "batch", Kind: "Job"}: true, {Group: "batch", Kind: "CronJob"}: true,
	{Group: "policy", Kind: "PodDisruptionBudget"}:          true,
	{Group: "networking.k8s.io", Kind: "Ingress"}:           true,
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}: true,
}

// ResetFields returns the fields that a write through an endpoint of a kind does not change, whatever
// it says of them; nil if there are none.
func ResetFields(kind runtimeschema.GroupKind, subresource string) *fieldpath.Set {
	paths := func(paths ...fieldpath.Path) *fieldpath.Set { return fieldpath.NewSet(paths...) }
	at := func(parts ...any) fieldpath.Path { return fieldpath.MakePathOrDie(parts...) }
	if kind.Kind == "CertificateSigningRequest" {
		switch subresource {
		case "":
			return paths(at("spec"), at("status"))
		case "status":
			return paths(at("spec"), at("status", "conditions"))
		case "approval":
			return paths(at("spec"), at("status", "certificate"))
		}
	}
	switch {
	case !withStatus[kind]:
		return nil
	case subresource == "" || kind.Kind == "Namespace" && subresource == "finalize":
		return paths(at("status"))
	case subresource != "status":
		return nil
	case kind.Kind == "Pod":
		return paths(at("spec"), at("metadata", "deletionTimestamp"), at("metadata", "ownerReferences"))
	case kind.Kind == "Deployment":
		return paths(at("spec"), at("metadata", "labels"))
	}
	return paths(at("spec"))
}
