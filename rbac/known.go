package rbac

import "strings"

// known lists the built-in resources of Kubernetes by API group, cluster-scoped ones marked by a star, so that a wrong
// group or a misspelt resource can be told without asking a server.
var known = parseKnown(map[string]string{
	"":                             "bindings componentstatuses* configmaps endpoints events limitranges namespaces* nodes* persistentvolumeclaims persistentvolumes* pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services users* groups*",
	"admissionregistration.k8s.io": "mutatingwebhookconfigurations* validatingwebhookconfigurations* validatingadmissionpolicies* validatingadmissionpolicybindings*",
	"apiextensions.k8s.io":         "customresourcedefinitions*",
	"apiregistration.k8s.io":       "apiservices*",
	"apps":                         "controllerrevisions daemonsets deployments replicasets statefulsets",
	"authentication.k8s.io":        "tokenreviews* selfsubjectreviews* uids* userextras*",
	"authorization.k8s.io":         "localsubjectaccessreviews selfsubjectaccessreviews* selfsubjectrulesreviews* subjectaccessreviews*",
	"autoscaling":                  "horizontalpodautoscalers",
	"batch":                        "cronjobs jobs",
	"certificates.k8s.io":          "certificatesigningrequests* signers* clustertrustbundles*",
	"coordination.k8s.io":          "leases",
	"discovery.k8s.io":             "endpointslices",
	"events.k8s.io":                "events",
	"extensions":                   "daemonsets deployments ingresses networkpolicies replicasets replicationcontrollers",
	"metrics.k8s.io":               "pods nodes*",
	"networking.k8s.io":            "ingresses ingressclasses* networkpolicies ipaddresses* servicecidrs*",
	"node.k8s.io":                  "runtimeclasses*",
	"policy":                       "poddisruptionbudgets",
	"rbac.authorization.k8s.io":    "clusterrolebindings* clusterroles* rolebindings roles",
	"resource.k8s.io":              "deviceclasses* resourceclaims resourceclaimtemplates resourceslices*",
	"scheduling.k8s.io":            "priorityclasses*",
	"storage.k8s.io":               "csidrivers* csinodes* csistoragecapacities storageclasses* volumeattachments* volumeattributesclasses*",
})

// knownResource says in which groups a resource lives, and whether it is cluster-scoped.
type knownResource struct {
	groups  []string
	cluster bool
}

func parseKnown(groups map[string]string) map[string]knownResource {
	out := map[string]knownResource{}
	for group, names := range groups {
		for name := range strings.FieldsSeq(names) {
			bare := strings.TrimSuffix(name, "*")
			k := out[bare]
			k.groups = append(k.groups, group)
			k.cluster = bare != name
			out[bare] = k
		}
	}
	return out
}

var knownVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
