package validate

import (
	"maps"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// report gathers what is wrong, in order.
type report struct{ list field.ErrorList }

func (r *report) invalid(p *field.Path, value any, message string) {
	r.list = append(r.list, field.Invalid(p, value, message))
}

// invalids adds one error for each message.
func (r *report) invalids(p *field.Path, value any, messages []string) {
	for _, m := range messages {
		r.invalid(p, value, m)
	}
}

func (r *report) required(p *field.Path, message string) {
	r.list = append(r.list, field.Required(p, message))
}

func (r *report) forbidden(p *field.Path, message string) {
	r.list = append(r.list, field.Forbidden(p, message))
}

func (r *report) duplicate(p *field.Path, value any) {
	r.list = append(r.list, field.Duplicate(p, value))
}

func (r *report) notFound(p *field.Path, value any) {
	r.list = append(r.list, field.NotFound(p, value))
}

func (r *report) tooLong(p *field.Path, most int) {
	r.list = append(r.list, field.TooLong(p, "", most))
}

func (r *report) tooMany(p *field.Path, have, most int) {
	r.list = append(r.list, field.TooMany(p, have, most))
}

func (r *report) add(list field.ErrorList) { r.list = append(r.list, list...) }

// oneOf reports a value outside a fixed set; the set is told in the order given.
func oneOf[T ~string](r *report, p *field.Path, value T, valid ...T) {
	if !slices.Contains(valid, value) {
		r.list = append(r.list, field.NotSupported(p, value, valid))
	}
}

// need is oneOf for a field that may not be empty: that is another error.
func need[T ~string](r *report, p *field.Path, value T, valid ...T) {
	if value == "" {
		r.required(p, "")
		return
	}
	oneOf(r, p, value, valid...)
}

// unset reports a field that must be left out.
func unset[T any](r *report, p *field.Path, value *T, message string) {
	if value != nil {
		r.forbidden(p, message)
	}
}

// notNegative reports a number below zero.
func notNegative[T ~int32 | ~int64](r *report, p *field.Path, value T) {
	if value < 0 {
		r.list = append(r.list, field.Invalid(p, int64(value), apivalidation.IsNegativeErrorMsg))
	}
}

// notNegativePtr is the same for an optional number.
func notNegativePtr[T ~int32 | ~int64](r *report, p *field.Path, value *T) {
	if value != nil {
		notNegative(r, p, *value)
	}
}

// dnsLabel, dnsSubdomain and qualified check names of that form.
func (r *report) dnsLabel(p *field.Path, value string) {
	r.invalids(p, value, validation.IsDNS1123Label(value))
}

func (r *report) dnsSubdomain(p *field.Path, value string) {
	r.invalids(p, value, validation.IsDNS1123Subdomain(value))
}

func (r *report) qualified(p *field.Path, value string) {
	r.invalids(p, value, validation.IsQualifiedName(value))
}

// immutable reports a value that changed and may not.
func (r *report) immutable(p *field.Path, value, old any) {
	r.add(apivalidation.ValidateImmutableField(value, old, p))
}

// sorted are the keys of a map in order, so that errors come in a fixed one.
func sorted[K ~string, V any](m map[K]V) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return strings.Compare(string(a), string(b)) })
}
