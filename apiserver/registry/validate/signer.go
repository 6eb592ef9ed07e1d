package validate

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// signer checks a signer's name: a domain of at least two labels, a slash, a path (CSR-2).
func (r *report) signer(p *field.Path, name string) {
	if name == "" {
		r.required(p, "")
		return
	}
	domain, rest, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(rest, "/") {
		r.invalid(p, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
		return
	}
	const mostDomain = validation.DNS1123SubdomainMaxLength
	if len(domain) > mostDomain {
		r.tooLong(p, mostDomain)
	}
	labels := strings.Split(domain, ".")
	r.firstBad(p, domain, labels, validation.IsDNS1123Label)
	if len(labels) < 2 {
		r.invalid(p, domain, "should be a domain with at least two segments separated by dots")
	}
	r.firstBad(p, rest, strings.Split(rest, "."), validation.IsDNS1123Subdomain)
	if most := mostDomain + 1 + validation.DNS1123SubdomainMaxLength + validation.DNS1123LabelMaxLength + 1; len(name) > most {
		r.tooLong(p, most)
	}
}

// firstBad reports the first part that breaks a rule; what follows would only repeat it.
func (r *report) firstBad(p *field.Path, whole string, parts []string, rule func(string) []string) {
	for _, part := range parts {
		wrong := rule(part)
		for _, m := range wrong {
			r.invalid(p, whole, fmt.Sprintf("validating label %q: %s", part, m))
		}
		if len(wrong) > 0 {
			return
		}
	}
}
