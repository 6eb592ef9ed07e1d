package validate

import (
	"fmt"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Sizes of a success policy.
const (
	mostSuccessRules     = 20
	mostSucceededIndexes = 64 * 1024 // bytes
)

func successPolicy(r *report, p *field.Path, s *batchv1.JobSpec) {
	if s.SuccessPolicy == nil {
		return
	}
	if !indexed(s) {
		r.invalid(p, inner{s.SuccessPolicy}, "requires indexed completion mode")
		return
	}
	rules := p.Child("rules")
	if len(s.SuccessPolicy.Rules) == 0 {
		r.required(rules, "at least one rules must be specified when the successPolicy is specified")
	}
	if n := len(s.SuccessPolicy.Rules); n > mostSuccessRules {
		r.tooMany(rules, n, mostSuccessRules)
	}
	if s.Completions == nil {
		return // refused already
	}
	for i, rule := range s.SuccessPolicy.Rules {
		successRule(r, rules.Index(i), rule, *s.Completions)
	}
}

func successRule(r *report, p *field.Path, rule batchv1.SuccessPolicyRule, completions int32) {
	if rule.SucceededCount == nil && rule.SucceededIndexes == nil {
		r.required(p, "at least one of succeededCount or succeededIndexes must be specified")
	}
	var total int32
	if rule.SucceededIndexes != nil {
		at, text := p.Child("succeededIndexes"), *rule.SucceededIndexes
		if len(text) > mostSucceededIndexes {
			r.tooLong(at, mostSucceededIndexes)
		}
		n, err := countIndexes(text, completions)
		if err != nil {
			r.invalid(at, text, "error parsing succeededIndexes: "+err.Error())
		}
		total = n
	}
	if n := rule.SucceededCount; n != nil {
		at := p.Child("succeededCount")
		notNegative(r, at, *n)
		if *n > completions {
			r.invalid(at, *n, fmt.Sprintf("must be less than or equal to %d (the number of specified completions)", completions))
		}
		if rule.SucceededIndexes != nil && *n > total {
			r.invalid(at, *n, fmt.Sprintf("must be less than or equal to %d (the number of indexes in the specified succeededIndexes field)", total))
		}
	}
}

// countIndexes counts what a text such as "0,2-4" names.
func countIndexes(text string, completions int32) (total int32, err error) {
	if text == "" {
		return 0, nil
	}
	last := -1
	for i, part := range strings.Split(text, ",") {
		first, end, err := indexRange(part, completions)
		if err != nil {
			return 0, err
		}
		if i > 0 && last >= first {
			return 0, fmt.Errorf("non-increasing order, previous: %d, current: %d", last, first)
		}
		total += int32(end - first + 1)
		last = end
	}
	return total, nil
}

// spans reads the intervals of a text such as "0,2-4" one by one.
type spans struct {
	rest        string
	completions int32
	first, last int
}

// next goes to the next interval that can be read, if there is one.
func (s *spans) next() bool {
	for s.rest != "" {
		var part string
		part, s.rest, _ = strings.Cut(s.rest, ",")
		first, last, err := indexRange(part, s.completions)
		if err == nil {
			s.first, s.last = first, last
			return true
		}
	}
	return false
}

func indexRange(part string, completions int32) (first, end int, err error) {
	ends := strings.Split(part, "-")
	if len(ends) > 2 {
		return 0, 0, fmt.Errorf("the fragment %q violates the requirement that an index interval can have at most two parts separated by '-'", part)
	}
	if first, err = index(ends[0], completions); err != nil || len(ends) == 1 {
		return first, first, err
	}
	if end, err = index(ends[1], completions); err == nil && first >= end {
		err = fmt.Errorf("non-increasing order, previous: %d, current: %d", first, end)
	}
	return first, end, err
}

func index(text string, completions int32) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("cannot convert string to integer for index: %q", text)
	}
	if n >= int(completions) {
		return 0, fmt.Errorf("too large index: %q", text)
	}
	return n, nil
}
