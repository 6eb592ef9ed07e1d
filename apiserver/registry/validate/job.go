package validate

import (
	"fmt"
	"maps"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Bounds of indexed jobs.
const (
	mostIndexes       = 100_000
	mostFailureRules  = 20
	mostExitCodes     = 255
	mostManagedByName = 63
)

func job(r *report, j *batchv1.Job) {
	m := j.ObjectMeta
	if onlyGenerated(j) {
		m.Labels = nil // a real server gives a job those of its pods once more when it is read: these were not there to be checked
	}
	r.meta(&m, true, subdomainName)
	generatedSelector(r, j)
	jobSpec(r, field.NewPath("spec"), &j.Spec)
	jobSelector(r, &j.Spec)
	if indexed(&j.Spec) && j.Spec.Completions != nil && *j.Spec.Completions > 0 {
		last := fmt.Sprintf("%s-%d", j.Name, *j.Spec.Completions-1)
		if len(validation.IsDNS1123Label(last)) > 0 {
			r.invalid(metadata.Child("name"), j.Name, "will not able to create pod with invalid DNS label: "+last)
		}
	}
}

func indexed(s *batchv1.JobSpec) bool {
	return s.CompletionMode != nil && *s.CompletionMode == batchv1.IndexedCompletion
}

// onlyGenerated says whether a job has no labels but those that were made for its pods.
func onlyGenerated(j *batchv1.Job) bool {
	for _, key := range []string{"controller-uid", "job-name", batchv1.ControllerUidLabel, batchv1.JobNameLabel} {
		if _, ok := j.Spec.Template.Labels[key]; !ok {
			return false
		}
	}
	return len(j.Spec.Template.Labels) == 4 && maps.Equal(j.Labels, j.Spec.Template.Labels)
}

// generatedSelector holds the labels that a job was given against those its author wrote (API-220).
func generatedSelector(r *report, j *batchv1.Job) {
	if (j.Spec.ManualSelector != nil && *j.Spec.ManualSelector) || j.Spec.Selector == nil {
		return
	}
	at := field.NewPath("spec", "template", "metadata", "labels")
	expected := labels.Set{}
	for _, l := range []struct{ key, value string }{
		{"controller-uid", string(j.UID)}, {"job-name", j.Name},
		{batchv1.ControllerUidLabel, string(j.UID)}, {batchv1.JobNameLabel, j.Name},
	} {
		expected[l.key] = l.value
		have, ok := j.Spec.Template.Labels[l.key]
		switch {
		case !ok:
			r.required(at.Key(l.key), fmt.Sprintf("must be '%s'", l.value))
		case have != l.value:
			r.invalid(at.Key(l.key), j.Spec.Template.Labels, fmt.Sprintf("must be '%s'", l.value))
		}
	}
	if s, err := metav1.LabelSelectorAsSelector(j.Spec.Selector); err == nil && !s.Matches(expected) {
		r.invalid(field.NewPath("spec", "selector"), j.Spec.Selector, "`selector` not auto-generated")
	}
}

func jobSelector(r *report, s *batchv1.JobSpec) {
	p := field.NewPath("spec")
	if s.Selector == nil {
		r.required(p.Child("selector"), "")
	} else {
		r.selector(p.Child("selector"), s.Selector)
	}
	if selector, err := metav1.LabelSelectorAsSelector(s.Selector); err == nil && !selector.Matches(labels.Set(s.Template.Labels)) {
		r.invalid(p.Child("template", "metadata", "labels"), s.Template.Labels, noMatch)
	}
}

// jobSpec checks what jobs and the templates of cron jobs share.
func jobSpec(r *report, p *field.Path, s *batchv1.JobSpec) {
	notNegativePtr(r, p.Child("parallelism"), s.Parallelism)
	notNegativePtr(r, p.Child("completions"), s.Completions)
	notNegativePtr(r, p.Child("activeDeadlineSeconds"), s.ActiveDeadlineSeconds)
	notNegativePtr(r, p.Child("backoffLimit"), s.BackoffLimit)
	notNegativePtr(r, p.Child("ttlSecondsAfterFinished"), s.TTLSecondsAfterFinished)
	notNegativePtr(r, p.Child("backoffLimitPerIndex"), s.BackoffLimitPerIndex)
	notNegativePtr(r, p.Child("maxFailedIndexes"), s.MaxFailedIndexes)
	if s.MaxFailedIndexes != nil && s.BackoffLimitPerIndex == nil {
		r.required(p.Child("backoffLimitPerIndex"), "when maxFailedIndexes is specified")
	}
	if m := s.ManagedBy; m != nil {
		r.add(validation.IsDomainPrefixedPath(p.Child("managedBy"), *m))
		if len(*m) > mostManagedByName {
			r.tooLong(p.Child("managedBy"), mostManagedByName)
		}
	}
	jobCompletions(r, p, s)
	failurePolicy(r, p.Child("podFailurePolicy"), s)
	successPolicy(r, p.Child("successPolicy"), s)
	if m := s.PodReplacementPolicy; m != nil {
		if s.PodFailurePolicy != nil {
			oneOf(r, p.Child("podReplacementPolicy"), *m, batchv1.Failed)
		} else {
			oneOf(r, p.Child("podReplacementPolicy"), *m, batchv1.Failed, batchv1.TerminatingOrFailed)
		}
	}
	template(r, p.Child("template"), &s.Template)
	at, policy := p.Child("template", "spec", "restartPolicy"), s.Template.Spec.RestartPolicy
	switch {
	case policy == corev1.RestartPolicyAlways || policy == "": // Always is also what defaulting puts in
		r.required(at, fmt.Sprintf("valid values: %q, %q", corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever))
	case policy != corev1.RestartPolicyOnFailure && policy != corev1.RestartPolicyNever:
		oneOf(r, at, policy, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever)
	case s.PodFailurePolicy != nil && policy != corev1.RestartPolicyNever:
		r.invalid(at, policy, fmt.Sprintf("only %q is supported when podFailurePolicy is specified", corev1.RestartPolicyNever))
	}
}

func jobCompletions(r *report, p *field.Path, s *batchv1.JobSpec) {
	if s.CompletionMode != nil {
		oneOf(r, p.Child("completionMode"), *s.CompletionMode, batchv1.NonIndexedCompletion, batchv1.IndexedCompletion)
	}
	if !indexed(s) {
		if s.CompletionMode == nil || *s.CompletionMode == batchv1.NonIndexedCompletion {
			if s.BackoffLimitPerIndex != nil {
				r.invalid(p.Child("backoffLimitPerIndex"), *s.BackoffLimitPerIndex, "requires indexed completion mode")
			}
			if s.MaxFailedIndexes != nil {
				r.invalid(p.Child("maxFailedIndexes"), *s.MaxFailedIndexes, "requires indexed completion mode")
			}
		}
		return
	}
	if s.Completions == nil {
		r.required(p.Child("completions"), "when completion mode is Indexed")
	}
	if s.Parallelism != nil && *s.Parallelism > mostIndexes {
		r.invalid(p.Child("parallelism"), *s.Parallelism, fmt.Sprintf("must be less than or equal to %d when completion mode is %s", mostIndexes, batchv1.IndexedCompletion))
	}
	if s.Completions != nil && s.MaxFailedIndexes != nil && *s.MaxFailedIndexes > *s.Completions {
		r.invalid(p.Child("maxFailedIndexes"), *s.MaxFailedIndexes, "must be less than or equal to completions")
	}
	if s.MaxFailedIndexes != nil && *s.MaxFailedIndexes > mostIndexes {
		r.invalid(p.Child("maxFailedIndexes"), *s.MaxFailedIndexes, fmt.Sprintf("must be less than or equal to %d", mostIndexes))
	}
}

func failurePolicy(r *report, p *field.Path, s *batchv1.JobSpec) {
	if s.PodFailurePolicy == nil {
		return
	}
	if n := len(s.PodFailurePolicy.Rules); n > mostFailureRules {
		r.tooMany(p.Child("rules"), n, mostFailureRules)
	}
	names := map[string]bool{}
	for _, list := range [][]corev1.Container{s.Template.Spec.Containers, s.Template.Spec.InitContainers} {
		for _, c := range list {
			names[c.Name] = true
		}
	}
	actions := []batchv1.PodFailurePolicyAction{batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionIgnore}
	for i, rule := range s.PodFailurePolicy.Rules {
		at := p.Child("rules").Index(i)
		switch {
		case rule.Action == "":
			r.required(at.Child("action"), fmt.Sprintf("valid values: %q", actions))
		case rule.Action == batchv1.PodFailurePolicyActionFailIndex && s.BackoffLimitPerIndex == nil:
			r.invalid(at.Child("action"), rule.Action, "requires the backoffLimitPerIndex to be set")
		default:
			oneOf(r, at.Child("action"), rule.Action, actions...)
		}
		if rule.OnExitCodes != nil {
			exitCodes(r, at.Child("onExitCodes"), rule.OnExitCodes, names)
		}
		for j, c := range rule.OnPodConditions {
			r.qualified(at.Child("onPodConditions").Index(j).Child("type"), string(c.Type))
			oneOf(r, at.Child("onPodConditions").Index(j).Child("status"), c.Status, corev1.ConditionFalse, corev1.ConditionTrue, corev1.ConditionUnknown)
		}
		switch {
		case rule.OnExitCodes != nil && len(rule.OnPodConditions) > 0:
			r.invalid(at, field.OmitValueType{}, "specifying both OnExitCodes and OnPodConditions is not supported")
		case rule.OnExitCodes == nil && len(rule.OnPodConditions) == 0:
			r.invalid(at, field.OmitValueType{}, "specifying one of OnExitCodes and OnPodConditions is required")
		}
	}
}

func exitCodes(r *report, p *field.Path, q *batchv1.PodFailurePolicyOnExitCodesRequirement, names map[string]bool) {
	valid := []batchv1.PodFailurePolicyOnExitCodesOperator{batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn}
	if q.Operator == "" {
		r.required(p.Child("operator"), fmt.Sprintf("valid values: %q", valid))
	} else {
		oneOf(r, p.Child("operator"), q.Operator, valid...)
	}
	if q.ContainerName != nil && !names[*q.ContainerName] {
		r.invalid(p.Child("containerName"), *q.ContainerName, "must be one of the container or initContainer names in the pod template")
	}
	values := p.Child("values")
	switch n := len(q.Values); {
	case n == 0:
		r.invalid(values, q.Values, "at least one value is required")
	case n > mostExitCodes:
		r.tooMany(values, n, mostExitCodes)
	}
	ordered, seen := true, map[int32]bool{}
	for i, v := range q.Values {
		if v == 0 && q.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn {
			r.invalid(values.Index(i), v, "must not be 0 for the In operator")
		}
		if seen[v] {
			r.duplicate(values.Index(i), v)
		}
		seen[v] = true
		ordered = ordered && (i == 0 || q.Values[i-1] <= v)
	}
	if !ordered {
		r.invalid(values, q.Values, "must be ordered")
	}
}

// updateJob: what a job does is fixed when it is made; while it is suspended, where and with how much its pods run may change.
func updateJob(r *report, j, old *batchv1.Job) {
	r.metaUpdate(&j.ObjectMeta, &old.ObjectMeta)
	p, s, was := field.NewPath("spec"), &j.Spec, &old.Spec
	jobSpec(r, p, s)
	jobSelector(r, s)
	switch {
	case !indexed(s):
		r.immutable(p.Child("completions"), s.Completions, was.Completions)
	case s.Completions != nil && !equality.Semantic.DeepEqual(s.Completions, was.Completions) && (s.Parallelism == nil || *s.Completions != *s.Parallelism):
		r.invalid(p.Child("completions"), s.Completions, "can only be modified in tandem with spec.parallelism")
	}
	r.immutable(p.Child("selector"), s.Selector, was.Selector)
	if was.Suspend != nil && *was.Suspend {
		if before := relaxed(was.Template.DeepCopy(), &s.Template); !equality.Semantic.DeepEqual(&s.Template.Spec, &before.Spec) {
			r.invalid(p.Child("template.spec"), inner{s.Template.Spec}, apivalidation.FieldImmutableErrorMsg)
		}
	} else if !equality.Semantic.DeepEqual(&s.Template, &was.Template) {
		r.invalid(p.Child("template"), inner{s.Template}, apivalidation.FieldImmutableErrorMsg)
	}
	r.immutable(p.Child("completionMode"), s.CompletionMode, was.CompletionMode)
	if !equality.Semantic.DeepEqual(s.PodFailurePolicy, was.PodFailurePolicy) {
		r.invalid(p.Child("podFailurePolicy"), inner{s.PodFailurePolicy}, apivalidation.FieldImmutableErrorMsg)
	}
	r.immutable(p.Child("backoffLimitPerIndex"), s.BackoffLimitPerIndex, was.BackoffLimitPerIndex)
	r.immutable(p.Child("managedBy"), s.ManagedBy, was.ManagedBy)
	if !equality.Semantic.DeepEqual(s.SuccessPolicy, was.SuccessPolicy) {
		r.invalid(p.Child("successPolicy"), inner{s.SuccessPolicy}, apivalidation.FieldImmutableErrorMsg)
	}
}

// relaxed takes over into the old template what a suspended job may change.
func relaxed(old, now *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	old.Labels, old.Annotations = now.Labels, now.Annotations
	old.Spec.NodeSelector, old.Spec.Tolerations, old.Spec.SchedulingGates = now.Spec.NodeSelector, now.Spec.Tolerations, now.Spec.SchedulingGates
	switch {
	case now.Spec.Affinity != nil:
		if old.Spec.Affinity == nil {
			old.Spec.Affinity = &corev1.Affinity{}
		}
		old.Spec.Affinity.NodeAffinity = now.Spec.Affinity.NodeAffinity
	case old.Spec.Affinity != nil:
		old.Spec.Affinity.NodeAffinity = nil
		if *old.Spec.Affinity == (corev1.Affinity{}) {
			old.Spec.Affinity = nil
		}
	}
	for _, l := range [][2][]corev1.Container{{old.Spec.Containers, now.Spec.Containers}, {old.Spec.InitContainers, now.Spec.InitContainers}} {
		if len(l[0]) != len(l[1]) {
			continue
		}
		for i := range l[0] {
			if l[0][i].Name == l[1][i].Name {
				l[0][i].Resources = l[1][i].Resources
			}
		}
	}
	return old
}
