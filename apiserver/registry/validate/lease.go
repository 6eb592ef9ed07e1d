package validate

import (
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func leaseSpec(r *report, s *coordinationv1.LeaseSpec) {
	p := field.NewPath("spec")
	if d := s.LeaseDurationSeconds; d != nil && *d <= 0 {
		r.invalid(p.Child("leaseDurationSeconds"), d, "must be greater than 0")
	}
	if n := s.LeaseTransitions; n != nil && *n < 0 {
		r.invalid(p.Child("leaseTransitions"), n, "must be greater than or equal to 0")
	}
	if s.Strategy != nil {
		if strings.Contains(string(*s.Strategy), "/") {
			r.qualified(p.Child("strategy", "strategy"), string(*s.Strategy))
		} else {
			oneOf(r, p.Child("strategy", "strategy"), *s.Strategy, coordinationv1.OldestEmulationVersion)
		}
	}
	if h := s.PreferredHolder; h != nil && *h != "" && (s.Strategy == nil || *s.Strategy == "") {
		r.forbidden(p.Child("preferredHolder"), "may only be specified if `strategy` is defined")
	}
}
