package admission

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// priority turns a pod's priorityClassName into a number, and allows one default class only.
type priority struct{ get Getter }

func (p *priority) mutate(_ context.Context, a *Attributes) error {
	if !a.is("", "pods", "") || (a.Operation != Create && a.Operation != Update) {
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Object)
	}
	if a.Operation == Update {
		// Clients that do not know the two fields must not lose them; any other change is refused by validation.
		if old, ok := a.Old.(*corev1.Pod); ok {
			if pod.Spec.Priority == nil {
				pod.Spec.Priority = old.Spec.Priority
			}
			if pod.Spec.PreemptionPolicy == nil {
				pod.Spec.PreemptionPolicy = old.Spec.PreemptionPolicy
			}
		}
		return nil
	}
	class, err := p.class(a, pod.Spec.PriorityClassName)
	if err != nil {
		return err
	}
	pod.Spec.PriorityClassName = class.Name
	if pod.Spec.Priority != nil && *pod.Spec.Priority != class.Value {
		return forbiddenf(a, "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *pod.Spec.Priority, class.Value)
	}
	value := class.Value
	pod.Spec.Priority = &value
	if policy := class.PreemptionPolicy; policy != nil {
		if pod.Spec.PreemptionPolicy != nil && *pod.Spec.PreemptionPolicy != *policy {
			return forbiddenf(a, "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *pod.Spec.PreemptionPolicy, *policy)
		}
		preemption := *policy
		pod.Spec.PreemptionPolicy = &preemption
	}
	if class.Name != "" {
		a.note("Priority", NotePriority, "class", class.Name, "value", strconv.Itoa(int(value)))
	}
	return nil
}

// class is the class of that name; for no name the default class, or else the nameless one of value 0.
func (p *priority) class(a *Attributes, name string) (*schedulingv1.PriorityClass, error) {
	if name == "" {
		class, err := p.defaultClass()
		if err != nil {
			return nil, fmt.Errorf("error occurred while retrieving default priority class: %w", err)
		}
		if class == nil {
			policy := corev1.PreemptLowerPriority
			class = &schedulingv1.PriorityClass{PreemptionPolicy: &policy}
		}
		return class, nil
	}
	class, err := p.get.PriorityClass(name)
	if apierrors.IsNotFound(err) {
		if value, ok := systemClasses[name]; ok { // made by the API server itself on a real cluster
			policy := corev1.PreemptLowerPriority
			class = &schedulingv1.PriorityClass{Value: value, PreemptionPolicy: &policy}
			class.Name = name
			return class, nil
		}
		return nil, forbiddenf(a, "no PriorityClass with name %v was found", name)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to resolve PriorityClass with name %s: %w", name, err)
	}
	return class, nil
}

var systemClasses = map[string]int32{"system-cluster-critical": 2000000000, "system-node-critical": 2000001000}

func (p *priority) defaultClass() (*schedulingv1.PriorityClass, error) {
	all, err := p.get.PriorityClasses()
	if err != nil {
		return nil, err
	}
	var found *schedulingv1.PriorityClass
	for _, c := range all {
		if c.GlobalDefault && (found == nil || c.Value < found.Value) {
			found = c
		}
	}
	return found, nil
}

// validate allows one default class, and keeps the classes that the API server itself makes.
func (p *priority) validate(_ context.Context, a *Attributes) error {
	if _, system := systemClasses[a.Name]; system && a.Operation == Delete && a.is("scheduling.k8s.io", "priorityclasses", "") {
		return apierrors.NewForbidden(a.Resource.GroupResource(), a.Name, errors.New("this is a system priority class and cannot be deleted"))
	}
	if !a.is("scheduling.k8s.io", "priorityclasses", "") || (a.Operation != Create && a.Operation != Update) {
		return nil
	}
	class, ok := a.Object.(*schedulingv1.PriorityClass)
	if !ok {
		return wrongType(a, a.Object)
	}
	if !class.GlobalDefault {
		return nil
	}
	other, err := p.defaultClass()
	if err != nil {
		return fmt.Errorf("failed to get default priority class: %w", err)
	}
	if other != nil && (a.Operation == Create || other.Name != class.Name) {
		return forbiddenf(a, "PriorityClass %v is already marked as default. Only one default can exist", other.Name)
	}
	return nil
}
