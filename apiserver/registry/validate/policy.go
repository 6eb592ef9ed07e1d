package validate

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func disruptionBudgetSpec(r *report, s *policyv1.PodDisruptionBudgetSpec) {
	p := field.NewPath("spec")
	if s.MinAvailable != nil && s.MaxUnavailable != nil {
		r.invalid(p, inner{s}, "minAvailable and maxUnavailable cannot be both set")
	}
	if m := s.MinAvailable; m != nil {
		share(r, p.Child("minAvailable"), *m)
		notAll(r, p.Child("minAvailable"), *m)
	}
	if m := s.MaxUnavailable; m != nil {
		share(r, p.Child("maxUnavailable"), *m)
		notAll(r, p.Child("maxUnavailable"), *m)
	}
	r.selector(p.Child("selector"), s.Selector)
	if u := s.UnhealthyPodEvictionPolicy; u != nil {
		oneOf(r, p.Child("unhealthyPodEvictionPolicy"), *u, policyv1.AlwaysAllow, policyv1.IfHealthyBudget)
	}
}

func disruptionBudgetStatus(r *report, s *policyv1.PodDisruptionBudgetStatus) {
	p := field.NewPath("status")
	notNegative(r, p.Child("disruptionsAllowed"), s.DisruptionsAllowed)
	notNegative(r, p.Child("currentHealthy"), s.CurrentHealthy)
	notNegative(r, p.Child("desiredHealthy"), s.DesiredHealthy)
	notNegative(r, p.Child("expectedPods"), s.ExpectedPods)
}

// Priorities above this are the system's own.
const mostPriority = 1_000_000_000

// systemPriorities are the two classes whose names begin with "system-".
var systemPriorities = map[string]int32{"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}

func priorityClass(r *report, c *schedulingv1.PriorityClass) {
	r.meta(&c.ObjectMeta, false, subdomainName)
	if strings.HasPrefix(c.Name, "system-") {
		value, known := systemPriorities[c.Name]
		var why string
		switch {
		case !known:
			why = fmt.Sprintf("%v is not a known system priority class", c.Name)
		case value != c.Value:
			why = fmt.Sprintf("value of %v PriorityClass must be %v", c.Name, value)
		case c.GlobalDefault:
			why = fmt.Sprintf("globalDefault of %v PriorityClass must be false", c.Name)
		}
		if why != "" {
			r.forbidden(metadata.Child("name"), "priority class names with 'system-' prefix are reserved for system use only. error: "+why)
		}
	} else if c.Value > mostPriority {
		r.forbidden(field.NewPath("value"), fmt.Sprintf("maximum allowed value of a user defined priority is %v", mostPriority))
	}
	if p := c.PreemptionPolicy; p != nil {
		need(r, field.NewPath("preemptionPolicy"), *p, corev1.PreemptLowerPriority, corev1.PreemptNever)
	}
}

func updatePriorityClass(r *report, c, old *schedulingv1.PriorityClass) {
	r.metaUpdate(&c.ObjectMeta, &old.ObjectMeta)
	if c.Value != old.Value {
		r.forbidden(field.NewPath("value"), "may not be changed in an update.")
	}
	r.immutable(field.NewPath("preemptionPolicy"), c.PreemptionPolicy, old.PreemptionPolicy)
}
