package validate

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func quotaAmounts(r *report, p *field.Path, list corev1.ResourceList) {
	for _, k := range sorted(list) {
		quotaResource(r, p.Key(string(k)), k)
		r.quantity(p.Key(string(k)), k, list[k])
	}
}

func quotaSpec(r *report, s *corev1.ResourceQuotaSpec) {
	p := field.NewPath("spec")
	quotaAmounts(r, p.Child("hard"), s.Hard)
	at := p.Child("scopes")
	for _, scope := range s.Scopes {
		if !knownScope(scope) {
			r.invalid(at, s.Scopes, "unsupported scope")
		}
		for _, k := range sorted(s.Hard) {
			if !scopeFits(scope, k) {
				r.invalid(at, s.Scopes, "unsupported scope applied to resource")
			}
		}
	}
	scopeConflict(r, at, s.Scopes)
	if s.ScopeSelector == nil {
		return
	}
	at = p.Child("scopeSelector", "matchExpressions")
	var named []corev1.ResourceQuotaScope
	for _, e := range s.ScopeSelector.MatchExpressions {
		if !knownScope(e.ScopeName) {
			r.invalid(at.Child("scopeName"), e.ScopeName, "unsupported scope")
		}
		for _, k := range sorted(s.Hard) {
			if !scopeFits(e.ScopeName, k) {
				r.invalid(at, s.ScopeSelector, "unsupported scope applied to resource")
			}
		}
		scopeOperator(r, at, e)
		named = append(named, e.ScopeName)
	}
	scopeConflict(r, at, named)
}

func scopeOperator(r *report, p *field.Path, e corev1.ScopedResourceSelectorRequirement) {
	if e.ScopeName != corev1.ResourceQuotaScopePriorityClass && e.ScopeName != corev1.ResourceQuotaScopeVolumeAttributesClass &&
		knownScope(e.ScopeName) && e.Operator != corev1.ScopeSelectorOpExists {
		r.invalid(p.Child("operator"), e.Operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity")
	}
	switch e.Operator {
	case corev1.ScopeSelectorOpIn, corev1.ScopeSelectorOpNotIn:
		if len(e.Values) == 0 {
			r.required(p.Child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
		}
	case corev1.ScopeSelectorOpExists, corev1.ScopeSelectorOpDoesNotExist:
		if len(e.Values) != 0 {
			r.invalid(p.Child("values"), e.Values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")
		}
	default:
		r.invalid(p.Child("operator"), e.Operator, "not a valid selector operator")
	}
}

func knownScope(s corev1.ResourceQuotaScope) bool {
	switch s {
	case corev1.ResourceQuotaScopeTerminating, corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeBestEffort,
		corev1.ResourceQuotaScopeNotBestEffort, corev1.ResourceQuotaScopePriorityClass, corev1.ResourceQuotaScopeCrossNamespacePodAffinity,
		corev1.ResourceQuotaScopeVolumeAttributesClass:
		return true
	}
	return false
}

// scopeFits says whether a scope means anything for a resource. Resources of others have no scopes to fit, and what is no scope is refused as that.
func scopeFits(s corev1.ResourceQuotaScope, k corev1.ResourceName) bool {
	if !slices.Contains(standardResources, k) || !knownScope(s) {
		return true
	}
	switch s {
	case corev1.ResourceQuotaScopeBestEffort:
		return k == corev1.ResourcePods
	case corev1.ResourceQuotaScopeVolumeAttributesClass:
		return k == corev1.ResourcePersistentVolumeClaims || k == corev1.ResourceRequestsStorage
	}
	return slices.Contains([]corev1.ResourceName{"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"}, k)
}

func scopeConflict(r *report, p *field.Path, scopes []corev1.ResourceQuotaScope) {
	for _, pair := range [][2]corev1.ResourceQuotaScope{
		{corev1.ResourceQuotaScopeBestEffort, corev1.ResourceQuotaScopeNotBestEffort},
		{corev1.ResourceQuotaScopeTerminating, corev1.ResourceQuotaScopeNotTerminating},
	} {
		if slices.Contains(scopes, pair[0]) && slices.Contains(scopes, pair[1]) {
			r.invalid(p, scopes, "conflicting scopes")
		}
	}
}

func updateQuota(r *report, q, old *corev1.ResourceQuota) {
	r.metaUpdate(&q.ObjectMeta, &old.ObjectMeta)
	quotaSpec(r, &q.Spec)
	a, b := slices.Clone(q.Spec.Scopes), slices.Clone(old.Spec.Scopes)
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
		r.invalid(field.NewPath("spec", "scopes"), q.Spec.Scopes, "field is immutable")
	}
}

func limitRange(r *report, l *corev1.LimitRange) {
	r.meta(&l.ObjectMeta, true, subdomainName)
	seen := map[corev1.LimitType]bool{}
	for i := range l.Spec.Limits {
		item, at := &l.Spec.Limits[i], field.NewPath("spec", "limits").Index(i)
		if wrong := validation.IsQualifiedName(string(item.Type)); len(wrong) > 0 {
			r.invalids(at.Child("type"), item.Type, wrong)
		} else if !strings.Contains(string(item.Type), "/") && item.Type != corev1.LimitTypePod && item.Type != corev1.LimitTypeContainer && item.Type != corev1.LimitTypePersistentVolumeClaim {
			r.invalid(at.Child("type"), item.Type, "must be a standard limit type or fully qualified")
		}
		if seen[item.Type] {
			r.duplicate(at.Child("type"), item.Type)
		}
		seen[item.Type] = true
		limitItem(r, at, item)
	}
}

func limitItem(r *report, p *field.Path, l *corev1.LimitRangeItem) {
	rule := anyResource
	if l.Type == corev1.LimitTypePod || l.Type == corev1.LimitTypeContainer {
		rule = containerResource
	}
	names := map[corev1.ResourceName]bool{}
	list := func(name string, m corev1.ResourceList) {
		for _, k := range sorted(m) {
			rule(r, p.Child(name).Key(string(k)), k)
			names[k] = true
		}
	}
	list("max", l.Max)
	list("min", l.Min)
	if l.Type == corev1.LimitTypePod {
		if len(l.Default) > 0 {
			r.forbidden(p.Child("default"), "may not be specified when `type` is 'Pod'")
		}
		if len(l.DefaultRequest) > 0 {
			r.forbidden(p.Child("defaultRequest"), "may not be specified when `type` is 'Pod'")
		}
	} else {
		list("default", l.Default)
		list("defaultRequest", l.DefaultRequest)
	}
	if l.Type == corev1.LimitTypePersistentVolumeClaim {
		_, least := l.Min[corev1.ResourceStorage]
		_, most := l.Max[corev1.ResourceStorage]
		if !least && !most {
			r.required(p.Child("limits"), "either minimum or maximum storage value is required, but neither was provided")
		}
	}
	list("maxLimitRequestRatio", l.MaxLimitRequestRatio)
	for _, k := range sorted(names) {
		limitBounds(r, p, l, k)
	}
}

// limitBounds: minimum, default request, default and maximum come in that order.
func limitBounds(r *report, p *field.Path, l *corev1.LimitRangeItem, k corev1.ResourceName) {
	above := func(low, high corev1.ResourceList, at string, value resource.Quantity, lowName, highName string) {
		a, ok := low[k]
		b, ok2 := high[k]
		if ok && ok2 && a.Cmp(b) > 0 {
			r.invalid(p.Child(at).Key(string(k)), value, fmt.Sprintf("%s value %s is greater than %s value %s", lowName, a.String(), highName, b.String()))
		}
	}
	above(l.Min, l.Max, "min", l.Min[k], "min", "max")
	if l.Type != corev1.LimitTypePod {
		above(l.Min, l.DefaultRequest, "defaultRequest", l.DefaultRequest[k], "min", "default request")
		above(l.DefaultRequest, l.Max, "defaultRequest", l.DefaultRequest[k], "default request", "max")
		above(l.DefaultRequest, l.Default, "defaultRequest", l.DefaultRequest[k], "default request", "default limit")
		above(l.Min, l.Default, "default", l.Min[k], "min", "default")
		above(l.Default, l.Max, "default", l.Max[k], "default", "max")
	}
	ratio, ok := l.MaxLimitRequestRatio[k]
	if !ok {
		return
	}
	if ratio.Cmp(resource.MustParse("1")) < 0 {
		r.invalid(p.Child("maxLimitRequestRatio").Key(string(k)), ratio, fmt.Sprintf("ratio %s is less than 1", ratio.String()))
	}
	least, hasLeast := l.Min[k]
	most, hasMost := l.Max[k]
	if !hasLeast || !hasMost {
		return
	}
	if widest := most.AsApproximateFloat64() / least.AsApproximateFloat64(); ratio.AsApproximateFloat64() > widest {
		r.invalid(p.Child("maxLimitRequestRatio").Key(string(k)), ratio, fmt.Sprintf("ratio %s is greater than max/min = %f", ratio.String(), widest))
	}
}
