package schema

import (
	"fmt"
	"slices"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// clusterTables shows namespaces, nodes, accounts and what else every cluster has.
func clusterTables() map[runtimeschema.GroupVersionKind]*tableKind {
	core := corev1.SchemeGroupVersion
	eventColumns := columns(
		column("Last Seen", doc(corev1.Event{}, "lastTimestamp")),
		column("Type", doc(corev1.Event{}, "type")),
		column("Reason", doc(corev1.Event{}, "reason")),
		column("Object", doc(corev1.Event{}, "involvedObject")),
		wide(column("Subobject", doc(corev1.ObjectReference{}, "fieldPath"))),
		wide(column("Source", doc(corev1.Event{}, "source"))),
		column("Message", doc(corev1.Event{}, "message")),
		wide(column("First Seen", doc(corev1.Event{}, "firstTimestamp"))),
		wide(column("Count", doc(corev1.Event{}, "count"))),
		wide(nameColumn()),
	)
	return map[runtimeschema.GroupVersionKind]*tableKind{
		core.WithKind("Namespace"): shown(columns(nameColumn(), column("Status", "The status of the namespace"), ageColumn()),
			func(n *corev1.Namespace, o *TableOptions) []any {
				return []any{n.Name, string(n.Status.Phase), o.age(n.CreationTimestamp)}
			}),
		core.WithKind("ServiceAccount"): shown(columns(nameColumn(), ageColumn()), func(a *corev1.ServiceAccount, o *TableOptions) []any {
			return []any{a.Name, o.age(a.CreationTimestamp)}
		}),
		core.WithKind("Secret"): shown(columns(
			nameColumn(), column("Type", doc(corev1.Secret{}, "type")), column("Data", doc(corev1.Secret{}, "data")), ageColumn(),
		), func(s *corev1.Secret, o *TableOptions) []any {
			return []any{s.Name, string(s.Type), int64(len(s.Data)), o.age(s.CreationTimestamp)}
		}),
		core.WithKind("ConfigMap"): shown(columns(nameColumn(), column("Data", doc(corev1.ConfigMap{}, "data")), ageColumn()),
			func(m *corev1.ConfigMap, o *TableOptions) []any {
				return []any{m.Name, int64(len(m.Data) + len(m.BinaryData)), o.age(m.CreationTimestamp)}
			}),
		core.WithKind("Node"): shown(columns(
			nameColumn(),
			column("Status", "The status of the node"),
			column("Roles", "The roles of the node"),
			ageColumn(),
			column("Version", doc(corev1.NodeSystemInfo{}, "kubeletVersion")),
			wide(column("Internal-IP", doc(corev1.NodeStatus{}, "addresses"))),
			wide(column("External-IP", doc(corev1.NodeStatus{}, "addresses"))),
			wide(column("OS-Image", doc(corev1.NodeSystemInfo{}, "osImage"))),
			wide(column("Kernel-Version", doc(corev1.NodeSystemInfo{}, "kernelVersion"))),
			wide(column("Container-Runtime", doc(corev1.NodeSystemInfo{}, "containerRuntimeVersion"))),
		), nodeCells),
		core.WithKind("Event"): shown(eventColumns, eventCells),
		eventsv1.SchemeGroupVersion.WithKind("Event"): shown(eventColumns, func(e *eventsv1.Event, o *TableOptions) []any {
			return eventCells(coreEvent(e), o)
		}),
		coordinationv1.SchemeGroupVersion.WithKind("Lease"): shown(columns(
			nameColumn(), column("Holder", doc(coordinationv1.LeaseSpec{}, "holderIdentity")), ageColumn(),
		), func(l *coordinationv1.Lease, o *TableOptions) []any {
			return []any{l.Name, pointed(l.Spec.HolderIdentity, ""), o.age(l.CreationTimestamp)}
		}),
	}
}

// serviceAccountWithSecrets is the table of accounts up to 1.34.
func serviceAccountWithSecrets() *tableKind {
	return shown(columns(nameColumn(), column("Secrets", doc(corev1.ServiceAccount{}, "secrets")), ageColumn()),
		func(a *corev1.ServiceAccount, o *TableOptions) []any {
			return []any{a.Name, int64(len(a.Secrets)), o.age(a.CreationTimestamp)}
		})
}

func nodeCells(n *corev1.Node, o *TableOptions) []any {
	status := "Unknown"
	for _, c := range n.Status.Conditions {
		switch {
		case c.Type != corev1.NodeReady:
		case c.Status == corev1.ConditionTrue:
			status = "Ready"
		default:
			status = "NotReady"
		}
	}
	if n.Spec.Unschedulable {
		status += ",SchedulingDisabled"
	}
	info := n.Status.NodeInfo
	kernel := orElse(info.KernelVersion, "<unknown>")
	if info.Architecture != "" {
		kernel += " (" + info.Architecture + ")"
	}
	return []any{
		n.Name, status, nodeRoles(n), o.age(n.CreationTimestamp), info.KubeletVersion,
		nodeAddress(n, corev1.NodeInternalIP), nodeAddress(n, corev1.NodeExternalIP),
		orElse(info.OSImage, "<unknown>"), kernel, orElse(info.ContainerRuntimeVersion, "<unknown>"),
	}
}

func nodeRoles(n *corev1.Node) string {
	var roles []string
	for key, value := range n.Labels {
		role, named := strings.CutPrefix(key, "node-role.kubernetes.io/")
		switch {
		case named && role != "":
			roles = append(roles, role)
		case key == "kubernetes.io/role" && value != "":
			roles = append(roles, value)
		}
	}
	slices.Sort(roles)
	return orElse(strings.Join(slices.Compact(roles), ","), "<none>")
}

func nodeAddress(n *corev1.Node, kind corev1.NodeAddressType) string {
	for _, a := range n.Status.Addresses {
		if a.Type == kind {
			return a.Address
		}
	}
	return "<none>"
}

// eventCells follows API-201.
func eventCells(e *corev1.Event, o *TableOptions) []any {
	first := o.age(e.FirstTimestamp)
	if e.FirstTimestamp.IsZero() {
		first = o.microAge(e.EventTime)
	}
	last, times := first, int64(e.Count)
	if !e.LastTimestamp.IsZero() {
		last = o.age(e.LastTimestamp)
	}
	switch {
	case e.Series != nil:
		last, times = o.microAge(e.Series.LastObservedTime), int64(e.Series.Count)
	case times == 0:
		times = 1
	}
	object := strings.ToLower(e.InvolvedObject.Kind)
	if e.InvolvedObject.Name != "" {
		object += "/" + e.InvolvedObject.Name
	}
	source := orElse(e.Source.Component, e.ReportingController)
	if host := orElse(e.Source.Host, e.ReportingInstance); host != "" {
		source = fmt.Sprintf("%s, %s", source, host)
	}
	return []any{last, e.Type, e.Reason, object, e.InvolvedObject.FieldPath, source, strings.TrimSpace(e.Message), first, times, e.Name}
}

// coreEvent is an event of events.k8s.io seen as one of the core group (API-225).
func coreEvent(e *eventsv1.Event) *corev1.Event {
	out := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: e.Name}, InvolvedObject: e.Regarding, Reason: e.Reason, Message: e.Note, Type: e.Type,
		Source: e.DeprecatedSource, FirstTimestamp: e.DeprecatedFirstTimestamp, LastTimestamp: e.DeprecatedLastTimestamp, Count: e.DeprecatedCount,
		EventTime: e.EventTime, ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
	}
	if e.Series != nil {
		out.Series = &corev1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return out
}
