package schema

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

func podTables() map[runtimeschema.GroupVersionKind]*tableKind {
	pods := shown(columns(
		nameColumn(),
		column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
		column("Status", "The aggregate status of the containers in this pod."),
		column("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
		ageColumn(),
		wide(column("IP", doc(corev1.PodStatus{}, "podIP"))),
		wide(column("Node", doc(corev1.PodSpec{}, "nodeName"))),
		wide(column("Nominated Node", doc(corev1.PodStatus{}, "nominatedNodeName"))),
		wide(column("Readiness Gates", doc(corev1.PodSpec{}, "readinessGates"))),
	), podCells)
	pods.conditions = podConditions
	templates := shown(columns(
		nameColumn(),
		column("Containers", "Names of each container in the template."),
		column("Images", "Images referenced by each container in the template."),
		column("Pod Labels", "The labels for the pod template."),
	), func(t *corev1.PodTemplate, _ *TableOptions) []any {
		names, images := containerCells(t.Template.Spec.Containers)
		return []any{t.Name, names, images, labels.FormatLabels(t.Template.Labels)}
	})
	return map[runtimeschema.GroupVersionKind]*tableKind{
		podKindOf("Pod"):         pods,
		podKindOf("PodTemplate"): templates,
	}
}

func podKindOf(kind string) runtimeschema.GroupVersionKind {
	return corev1.SchemeGroupVersion.WithKind(kind)
}

func podConditions(obj runtime.Object) []metav1.TableRowCondition {
	done := metav1.TableRowCondition{Type: metav1.RowCompleted, Status: metav1.ConditionTrue}
	switch phase := obj.(*corev1.Pod).Status.Phase; phase {
	case corev1.PodSucceeded:
		done.Reason, done.Message = string(phase), "The pod has completed successfully."
	case corev1.PodFailed:
		done.Reason, done.Message = string(phase), "The pod failed."
	default:
		return nil
	}
	return []metav1.TableRowCondition{done}
}

func podCells(pod *corev1.Pod, o *TableOptions) []any {
	view := viewPod(pod)
	restarts := strconv.Itoa(view.restarts)
	if view.restarts != 0 && !view.lastRestart.IsZero() {
		restarts += " (" + o.age(view.lastRestart) + " ago)"
	}
	ip := "<none>"
	if len(pod.Status.PodIPs) > 0 {
		ip = orElse(pod.Status.PodIPs[0].IP, ip)
	}
	return []any{
		pod.Name, fmt.Sprintf("%d/%d", view.ready, view.containers), view.status, restarts, o.age(pod.CreationTimestamp),
		ip, orElse(pod.Spec.NodeName, "<none>"), orElse(pod.Status.NominatedNodeName, "<none>"), readinessGates(pod),
	}
}

func readinessGates(pod *corev1.Pod) string {
	if len(pod.Spec.ReadinessGates) == 0 {
		return "<none>"
	}
	open := 0
	for _, gate := range pod.Spec.ReadinessGates {
		if podCondition(pod, gate.ConditionType) == corev1.ConditionTrue {
			open++
		}
	}
	return fmt.Sprintf("%d/%d", open, len(pod.Spec.ReadinessGates))
}

// podCondition returns the status of the first condition of a type, empty if there is none.
func podCondition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.ConditionStatus {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}
