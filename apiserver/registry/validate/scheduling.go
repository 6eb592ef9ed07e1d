package validate

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (r *report) labelKey(p *field.Path, key string) {
	r.add(metav1validation.ValidateLabelName(key, p))
}

func (c *podCheck) affinity(p *field.Path) {
	a := c.spec.Affinity
	if a == nil {
		return
	}
	const must, prefer = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"
	if n := a.NodeAffinity; n != nil {
		at := p.Child("nodeAffinity")
		if n.RequiredDuringSchedulingIgnoredDuringExecution != nil {
			nodeSelector(c.report, at.Child(must), n.RequiredDuringSchedulingIgnoredDuringExecution)
		}
		for i, t := range n.PreferredDuringSchedulingIgnoredDuringExecution {
			c.weight(at.Child(prefer).Index(i), t.Weight)
			nodeSelectorTerm(c.report, at.Child(prefer).Index(i).Child("preference"), &t.Preference, false)
		}
	}
	terms := func(at *field.Path, required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) {
		for i := range required {
			c.affinityTerm(at.Child(must).Index(i), &required[i])
		}
		for i := range preferred {
			c.weight(at.Child(prefer).Index(i), preferred[i].Weight)
			c.affinityTerm(at.Child(prefer).Index(i).Child("podAffinityTerm"), &preferred[i].PodAffinityTerm)
		}
	}
	if t := a.PodAffinity; t != nil {
		terms(p.Child("podAffinity"), t.RequiredDuringSchedulingIgnoredDuringExecution, t.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if t := a.PodAntiAffinity; t != nil {
		terms(p.Child("podAntiAffinity"), t.RequiredDuringSchedulingIgnoredDuringExecution, t.PreferredDuringSchedulingIgnoredDuringExecution)
	}
}

func (c *podCheck) weight(p *field.Path, w int32) {
	if w <= 0 || w > 100 {
		c.invalid(p.Child("weight"), w, "must be in the range 1-100")
	}
}

func (c *podCheck) affinityTerm(p *field.Path, t *corev1.PodAffinityTerm) {
	c.selector(p.Child("labelSelector"), t.LabelSelector)
	c.selector(p.Child("namespaceSelector"), t.NamespaceSelector)
	for _, ns := range t.Namespaces {
		c.invalids(p.Child("namespace"), ns, apivalidation.ValidateNamespaceName(ns, false))
	}
	c.matchLabelKeys(p, t.MatchLabelKeys, t.MismatchLabelKeys, t.LabelSelector)
	if t.TopologyKey == "" {
		c.required(p.Child("topologyKey"), "can not be empty")
	}
	c.labelKey(p.Child("topologyKey"), t.TopologyKey)
}

// matchLabelKeys: labels of the pod itself that are added to the selector.
func (c *podCheck) matchLabelKeys(p *field.Path, match, mismatch []string, s *metav1.LabelSelector) {
	for _, l := range []struct {
		name string
		keys []string
	}{{"matchLabelKeys", match}, {"mismatchLabelKeys", mismatch}} {
		if len(l.keys) > 0 && s == nil {
			c.forbidden(p.Child(l.name), "must not be specified when labelSelector is not set")
			continue
		}
		for i, k := range l.keys {
			c.labelKey(p.Child(l.name).Index(i), k)
		}
	}
	c.keysTwice(p, append(slices.Clone(match), mismatch...), s)
	for i, k := range match {
		for _, other := range mismatch {
			if k == other {
				c.invalid(p.Child("matchLabelKeys").Index(i), k, "exists in both matchLabelKeys and mismatchLabelKeys")
			}
		}
	}
}

func nodeSelector(r *report, p *field.Path, s *corev1.NodeSelector) {
	at := p.Child("nodeSelectorTerms")
	if len(s.NodeSelectorTerms) == 0 {
		r.required(at, "must have at least one node selector term")
	}
	for i := range s.NodeSelectorTerms {
		nodeSelectorTerm(r, at.Index(i), &s.NodeSelectorTerms[i], true)
	}
}

// nodeSelectorTerm: values are checked only where a match is required; a preference that matches nothing does no harm.
func nodeSelectorTerm(r *report, p *field.Path, t *corev1.NodeSelectorTerm, values bool) {
	for i, q := range t.MatchExpressions {
		at := p.Child("matchExpressions").Index(i)
		switch q.Operator {
		case corev1.NodeSelectorOpIn, corev1.NodeSelectorOpNotIn:
			if len(q.Values) == 0 {
				r.required(at.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'")
			}
		case corev1.NodeSelectorOpExists, corev1.NodeSelectorOpDoesNotExist:
			if len(q.Values) > 0 {
				r.forbidden(at.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
			}
		case corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt:
			if len(q.Values) != 1 {
				r.required(at.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'")
			}
		default:
			r.invalid(at.Child("operator"), q.Operator, "not a valid selector operator")
		}
		r.labelKey(at.Child("key"), q.Key)
		if values {
			for j, v := range q.Values {
				r.invalids(at.Child("values").Index(j), v, validation.IsValidLabelValue(v))
			}
		}
	}
	for i, q := range t.MatchFields {
		at := p.Child("matchFields").Index(i)
		switch q.Operator {
		case corev1.NodeSelectorOpIn, corev1.NodeSelectorOpNotIn:
			if len(q.Values) != 1 {
				r.required(at.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
			}
		default:
			r.invalid(at.Child("operator"), q.Operator, "not a valid selector operator")
		}
		if q.Key != metav1.ObjectNameField {
			r.invalid(at.Child("key"), q.Key, "not a valid field selector key")
			continue
		}
		for j, v := range q.Values {
			r.invalids(at.Child("values").Index(j), v, subdomainName(v))
		}
	}
}

func tolerations(r *report, p *field.Path, list []corev1.Toleration) {
	for i, t := range list {
		at := p.Index(i)
		if t.Key != "" {
			r.labelKey(at.Child("key"), t.Key)
		} else if t.Operator != corev1.TolerationOpExists {
			r.invalid(at.Child("operator"), t.Operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")
		}
		if t.TolerationSeconds != nil && t.Effect != corev1.TaintEffectNoExecute {
			r.invalid(at.Child("effect"), t.Effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
		}
		switch t.Operator {
		case corev1.TolerationOpEqual, "":
			if wrong := validation.IsValidLabelValue(t.Value); len(wrong) > 0 {
				r.invalid(at.Child("operator"), t.Value, strings.Join(wrong, ";"))
			}
		case corev1.TolerationOpExists:
			if t.Value != "" {
				r.invalid(at.Child("operator"), t.Value, "value must be empty when `operator` is 'Exists'")
			}
		case corev1.TolerationOpLt, corev1.TolerationOpGt: // still off in 1.36
			r.list = append(r.list, field.NotSupported(at.Child("operator"), t.Operator,
				[]corev1.TolerationOperator{corev1.TolerationOpEqual, corev1.TolerationOpExists, corev1.TolerationOpLt, corev1.TolerationOpGt}))
		default:
			oneOf(r, at.Child("operator"), t.Operator, corev1.TolerationOpEqual, corev1.TolerationOpExists)
		}
		if t.Effect != "" {
			taintEffect(r, at.Child("effect"), t.Effect)
		}
	}
}

func taintEffect(r *report, p *field.Path, e corev1.TaintEffect) {
	need(r, p, e, corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute)
}

// keysTwice: the selector already holds what the keys added, so a key that it names twice was there before.
func (c *podCheck) keysTwice(p *field.Path, keys []string, s *metav1.LabelSelector) {
	if s == nil {
		return
	}
	last, seen := map[string]int{}, map[string]bool{}
	for i, k := range keys {
		last[k] = i
	}
	for k := range s.MatchLabels {
		seen[k] = true
	}
	for _, e := range s.MatchExpressions {
		if i, ok := last[e.Key]; ok && seen[e.Key] {
			c.invalid(p.Index(i), e.Key, "exists in both matchLabelKeys and labelSelector")
		}
		seen[e.Key] = true
	}
}

func (c *podCheck) topologySpread(p *field.Path) {
	list := c.spec.TopologySpreadConstraints
	for i, t := range list {
		at := p.Index(i)
		if t.MaxSkew <= 0 {
			c.invalid(at.Child("maxSkew"), int64(t.MaxSkew), "must be greater than zero")
		}
		if t.TopologyKey == "" {
			c.required(at.Child("topologyKey"), "can not be empty")
		}
		oneOf(c.report, at.Child("whenUnsatisfiable"), t.WhenUnsatisfiable, corev1.DoNotSchedule, corev1.ScheduleAnyway)
		for _, other := range list[i+1:] {
			if other.TopologyKey == t.TopologyKey && other.WhenUnsatisfiable == t.WhenUnsatisfiable {
				c.duplicate(at.Child("{topologyKey, whenUnsatisfiable}"), fmt.Sprintf("{%v, %v}", t.TopologyKey, t.WhenUnsatisfiable))
				break
			}
		}
		if m := t.MinDomains; m != nil {
			if *m <= 0 {
				c.invalid(at.Child("minDomains"), int64(*m), "must be greater than zero")
			}
			if t.WhenUnsatisfiable != corev1.DoNotSchedule {
				c.invalid(at.Child("minDomains"), m, fmt.Sprintf("can only use minDomains if whenUnsatisfiable=%s, not %s", corev1.DoNotSchedule, t.WhenUnsatisfiable))
			}
		}
		c.inclusion(at.Child("nodeAffinityPolicy"), t.NodeAffinityPolicy)
		c.inclusion(at.Child("nodeTaintsPolicy"), t.NodeTaintsPolicy)
		c.matchLabelKeys(at, t.MatchLabelKeys, nil, t.LabelSelector)
		c.selector(at.Child("labelSelector"), t.LabelSelector)
	}
}

func (c *podCheck) inclusion(p *field.Path, policy *corev1.NodeInclusionPolicy) {
	if policy != nil {
		oneOf(c.report, p, *policy, corev1.NodeInclusionPolicyHonor, corev1.NodeInclusionPolicyIgnore)
	}
}
