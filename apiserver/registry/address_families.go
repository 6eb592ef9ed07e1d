package registry

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/registry/validate"
)

// completeFamilies fills in which families of addresses a service wants, and refuses those that this cluster does not have.
func completeFamilies(s, old *corev1.Service) error {
	spec := &s.Spec
	switch { // the older field speaks for the newer one
	case old == nil && spec.ClusterIP != "" && len(spec.ClusterIPs) == 0,
		old != nil && spec.ClusterIP != "" && old.Spec.ClusterIP != spec.ClusterIP && (len(spec.ClusterIPs) == 0 || slices.Equal(old.Spec.ClusterIPs, spec.ClusterIPs)):
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
	if spec.Type == corev1.ServiceTypeExternalName {
		return nil // validation refuses addresses
	}
	nameless := spec.ClusterIP == corev1.ClusterIPNone && len(spec.Selector) == 0 // whoever fills in its endpoints knows their families
	if spec.IPFamilyPolicy == nil {
		policy := corev1.IPFamilyPolicySingleStack
		if nameless {
			policy = corev1.IPFamilyPolicyRequireDualStack
		}
		spec.IPFamilyPolicy = &policy
	}
	if errs := validate.ClusterIPs(s); len(errs) > 0 {
		return invalidService(s, errs)
	}
	single := *spec.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack
	at := field.NewPath("spec")
	var errs field.ErrorList
	if single && len(spec.ClusterIPs) == 2 {
		errs = append(errs, field.Invalid(at.Child("ipFamilyPolicy"), spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"))
	}
	if single && len(spec.IPFamilies) == 2 {
		errs = append(errs, field.Invalid(at.Child("ipFamilyPolicy"), spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"))
	}
	for i, ip := range spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		if a, err := netip.ParseAddr(ip); err == nil && !a.Is4() {
			errs = append(errs, field.Invalid(at.Child("clusterIPs").Index(i), spec.ClusterIPs, "IPv6 is not configured on this cluster"))
			continue
		}
		spec.IPFamilies = append(spec.IPFamilies, corev1.IPv4Protocol)
	}
	switch {
	case len(errs) > 0:
		return invalidService(s, errs)
	case nameless:
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
		}
		if len(spec.IPFamilies) == 1 && !single {
			spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
		}
		return nil
	}
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack {
		errs = append(errs, field.Invalid(at.Child("ipFamilyPolicy"), spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, f := range spec.IPFamilies {
		if f != corev1.IPv4Protocol {
			errs = append(errs, field.Invalid(at.Child("ipFamilies").Index(i), f, "not configured on this cluster"))
		}
	}
	if len(errs) > 0 {
		return invalidService(s, errs)
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	return nil
}

func otherFamily(f corev1.IPFamily) corev1.IPFamily {
	if f == corev1.IPv4Protocol {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}
