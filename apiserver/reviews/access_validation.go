package reviews

import (
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// printed is how a refusal prints nonResourceAttributes: with the field names of the server's internal type.
func printed(non *authorizationv1.NonResourceAttributes) any {
	return struct{ Path, Verb string }{non.Path, non.Verb}
}

// validateAttributes: SAR-5.
func validateAttributes(res *authorizationv1.ResourceAttributes, non *authorizationv1.NonResourceAttributes) field.ErrorList {
	spec := field.NewPath("spec")
	switch {
	case res != nil && non != nil:
		return field.ErrorList{field.Invalid(spec.Child("nonResourceAttributes"), printed(non), "cannot be specified in combination with resourceAttributes")}
	case res == nil && non == nil:
		return field.ErrorList{field.Invalid(spec.Child("resourceAttributes"), nil, "exactly one of nonResourceAttributes or resourceAttributes must be specified")}
	}
	return nil
}

func validateSpec(spec *authorizationv1.SubjectAccessReviewSpec) field.ErrorList {
	errs := validateAttributes(spec.ResourceAttributes, spec.NonResourceAttributes)
	if spec.User == "" && len(spec.Groups) == 0 {
		errs = append(errs, field.Invalid(field.NewPath("spec", "user"), spec.User, "at least one of user or group must be specified"))
	}
	return append(errs, validateSelectors(spec.ResourceAttributes)...)
}

// validateMeta: SAR-6.
func validateMeta(meta metav1.ObjectMeta, local bool) field.ErrorList {
	bare := meta
	bare.ManagedFields = nil
	text := "must be empty"
	if local {
		bare.Namespace = ""
		text = "must be empty except for namespace"
	}
	if equality.Semantic.DeepEqual(metav1.ObjectMeta{}, bare) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("metadata"), meta, text)}
}

// validateSelectors: SAR-12. Operators are not checked here, an unknown one is reported as an evaluation error.
func validateSelectors(res *authorizationv1.ResourceAttributes) field.ErrorList {
	var errs field.ErrorList
	if res == nil {
		return errs
	}
	path := field.NewPath("spec.resourceAttributes")
	if s := res.FieldSelector; s != nil {
		at := path.Child("fieldSelector")
		errs = append(errs, oneForm(at, s.RawSelector, len(s.Requirements))...)
		for i, r := range s.Requirements {
			errs = append(errs, metavalidation.ValidateFieldSelectorRequirement(r, metavalidation.FieldSelectorValidationOptions{AllowUnknownOperatorInRequirement: true}, at.Child("requirements").Index(i))...)
		}
	}
	if s := res.LabelSelector; s != nil {
		at := path.Child("labelSelector")
		errs = append(errs, oneForm(at, s.RawSelector, len(s.Requirements))...)
		for i, r := range s.Requirements {
			errs = append(errs, metavalidation.ValidateLabelSelectorRequirement(r, metavalidation.LabelSelectorValidationOptions{AllowUnknownOperatorInRequirement: true}, at.Child("requirements").Index(i))...)
		}
	}
	return errs
}

func oneForm(at *field.Path, raw string, requirements int) field.ErrorList {
	switch {
	case raw != "" && requirements > 0:
		return field.ErrorList{field.Invalid(at.Child("rawSelector"), raw, "may not specified at the same time as requirements")}
	case raw == "" && requirements == 0:
		return field.ErrorList{field.Required(at.Child("requirements"), fmt.Sprintf("when %s is specified, requirements or rawSelector is required", at))}
	}
	return nil
}

// selectors parses both selectors as far as that goes (SAR-13). Nobody decides by labels, so of them only the problems
// are told.
func selectors(res *authorizationv1.ResourceAttributes) (fields.Requirements, []error) {
	var problems []error
	tell := func(name string, left int, bad bool) {
		switch {
		case bad && left > 0:
			problems = append(problems, fmt.Errorf("spec.resourceAttributes.%s partially %w", name, errUnparsed))
		case bad:
			problems = append(problems, fmt.Errorf("spec.resourceAttributes.%s %w", name, errUnparsed))
		}
	}
	var out fields.Requirements
	if s := res.FieldSelector; s != nil {
		bad := false
		if s.RawSelector != "" {
			sel, err := fields.ParseSelector(s.RawSelector)
			if bad = err != nil; !bad {
				out = sel.Requirements()
			}
		}
		for _, r := range s.Requirements {
			op, ok := map[metav1.FieldSelectorOperator]selection.Operator{
				metav1.FieldSelectorOpIn: selection.Equals, metav1.FieldSelectorOpNotIn: selection.NotEquals}[r.Operator]
			if !ok || len(r.Values) != 1 {
				bad = true
				continue
			}
			out = append(out, fields.Requirement{Field: r.Key, Operator: op, Value: r.Values[0]})
		}
		tell("fieldSelector", len(out), bad)
	}
	if s := res.LabelSelector; s != nil {
		bad, left := false, 0
		if s.RawSelector != "" {
			_, err := labels.Parse(s.RawSelector)
			bad = err != nil
		}
		for _, r := range s.Requirements {
			one := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{r}}
			if _, err := metav1.LabelSelectorAsSelector(&one); err != nil {
				bad = true
				continue
			}
			left++
		}
		tell("labelSelector", left, bad)
	}
	return out, problems
}
