package prepare

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Bind puts a pod on the node that a Binding names (API-219). The error is what a 409 Conflict on "pods/binding" says. The generation
// stays: upstream does not count a binding as a change of the spec.
func Bind(c Context, p *corev1.Pod, b *corev1.Binding) error {
	switch {
	case p.DeletionTimestamp != nil:
		return fmt.Errorf("pod %s is being deleted, cannot be assigned to a host", p.Name)
	case p.Spec.NodeName != "":
		return fmt.Errorf("pod %v is already assigned to node %q", p.Name, p.Spec.NodeName)
	case len(p.Spec.SchedulingGates) != 0:
		return fmt.Errorf("pod %v has non-empty .spec.schedulingGates", p.Name)
	}
	p.Spec.NodeName = b.Target.Name
	p.Status.NominatedNodeName = ""
	for k, v := range b.Annotations {
		if p.Annotations == nil {
			p.Annotations = map[string]string{}
		}
		p.Annotations[k] = v
	}
	for k, v := range b.Labels {
		if p.Labels == nil {
			p.Labels = map[string]string{}
		}
		p.Labels[k] = v
	}
	scheduled := corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(c.Now)}
	for i, old := range p.Status.Conditions {
		if old.Type == corev1.PodScheduled {
			if old.Status == corev1.ConditionTrue {
				scheduled.LastTransitionTime = old.LastTransitionTime
			}
			p.Status.Conditions[i] = scheduled
			return nil
		}
	}
	p.Status.Conditions = append(p.Status.Conditions, scheduled)
	return nil
}
