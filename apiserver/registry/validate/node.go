package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func node(r *report, n *corev1.Node) {
	r.meta(&n.ObjectMeta, false, subdomainName)
	taints(r, metadata.Child("taints"), n.Spec.Taints)
	nodeQuantities(r, n)
	declaredFeatures(r, n.Status.DeclaredFeatures)
	for i, c := range n.Spec.PodCIDRs {
		r.cidr(field.NewPath("spec", "podCIDRs").Index(i), c)
	}
	if k := len(n.Spec.PodCIDRs); k > 2 || (k == 2 && !dual(n.Spec.PodCIDRs)) {
		r.invalid(field.NewPath("spec", "podCIDRs"), n.Spec.PodCIDRs, "may specify no more than one CIDR for each IP family")
	}
}

func nodeQuantities(r *report, n *corev1.Node) {
	for _, k := range sorted(n.Status.Capacity) {
		r.quantity(field.NewPath("status", "capacity", string(k)), k, n.Status.Capacity[k])
	}
	for _, k := range sorted(n.Status.Allocatable) {
		r.quantity(field.NewPath("status", "allocatable", string(k)), k, n.Status.Allocatable[k])
	}
}

var featureName = regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$`)

// declaredFeatures are names in camel case, in alphabetical order.
func declaredFeatures(r *report, list []string) {
	p := field.NewPath("status", "declaredFeatures")
	for i, f := range list {
		switch {
		case len(f) > validation.DNS1123SubdomainMaxLength:
			r.invalid(p.Index(i), f, fmt.Sprintf("invalid feature name %q: must be no more than %d characters", f, validation.DNS1123SubdomainMaxLength))
		case !featureName.MatchString(f):
			r.invalid(p.Index(i), f, fmt.Sprintf("invalid feature name %q: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes", f))
		}
		if i+1 == len(list) {
			continue
		}
		switch next := list[i+1]; {
		case f == next:
			r.duplicate(p.Index(i+1), next)
		case f > next:
			r.invalid(p.Index(i+1), next, "list must be sorted alphabetically")
		}
	}
}

func updateNode(r *report, n, old *corev1.Node) {
	r.metaUpdate(&n.ObjectMeta, &old.ObjectMeta)
	nodeQuantities(r, n)
	declaredFeatures(r, n.Status.DeclaredFeatures)
	seen := map[corev1.NodeAddress]bool{}
	for i, a := range n.Status.Addresses {
		if seen[a] {
			r.duplicate(field.NewPath("status", "addresses").Index(i), inner{a})
		}
		seen[a] = true
	}
	if len(old.Spec.PodCIDRs) > 0 && !slices.Equal(old.Spec.PodCIDRs, n.Spec.PodCIDRs) {
		r.forbidden(field.NewPath("spec", "podCIDRs"), "node updates may not change podCIDR except from \"\" to valid")
	}
	if old.Spec.ProviderID != "" && old.Spec.ProviderID != n.Spec.ProviderID {
		r.forbidden(field.NewPath("spec", "providerID"), "node updates may not change providerID except from \"\" to valid")
	}
	taints(r, metadata.Child("taints"), n.Spec.Taints)
	if n.Spec.DoNotUseExternalID != old.Spec.DoNotUseExternalID {
		r.forbidden(field.NewPath("spec", "externalID"), "may not be updated")
	}
}

// taints: unique by key and effect.
func taints(r *report, p *field.Path, list []corev1.Taint) {
	type pair struct {
		key    string
		effect corev1.TaintEffect
	}
	seen := map[pair]bool{}
	for i, t := range list {
		at := p.Index(i)
		r.labelKey(at.Child("key"), t.Key)
		if wrong := validation.IsValidLabelValue(t.Value); len(wrong) > 0 {
			r.invalid(at.Child("value"), t.Value, strings.Join(wrong, ";"))
		}
		taintEffect(r, at.Child("effect"), t.Effect)
		if seen[pair{t.Key, t.Effect}] {
			e := field.Duplicate(at, inner{t})
			e.Detail = "taints must be unique by key and effect pair"
			r.list = append(r.list, e)
		}
		seen[pair{t.Key, t.Effect}] = true
	}
}
