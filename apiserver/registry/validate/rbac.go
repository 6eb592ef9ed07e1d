package validate

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func role(r *report, o *rbacv1.Role) {
	r.meta(&o.ObjectMeta, true, segmentName)
	rules(r, o.Rules, true)
}

func clusterRole(r *report, o *rbacv1.ClusterRole) {
	r.meta(&o.ObjectMeta, false, segmentName)
	rules(r, o.Rules, false)
	if o.AggregationRule == nil {
		return
	}
	at := field.NewPath("aggregationRule", "clusterRoleSelectors")
	if len(o.AggregationRule.ClusterRoleSelectors) == 0 {
		r.required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil")
	}
	for i := range o.AggregationRule.ClusterRoleSelectors {
		s := &o.AggregationRule.ClusterRoleSelectors[i]
		r.selector(at.Index(i), s)
		if _, err := metav1.LabelSelectorAsSelector(s); err != nil {
			r.invalid(at.Index(i), nil, "invalid label selector.")
		}
	}
}

// rules: VAL-3 to VAL-5. What a rule names need not exist (VAL-12).
func rules(r *report, list []rbacv1.PolicyRule, namespaced bool) {
	for i, rule := range list {
		at := field.NewPath("rules").Index(i)
		if len(rule.Verbs) == 0 {
			r.required(at.Child("verbs"), "verbs must contain at least one value")
		}
		if len(rule.NonResourceURLs) > 0 {
			if namespaced {
				r.invalid(at.Child("nonResourceURLs"), rule.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs")
			}
			if len(rule.APIGroups)+len(rule.Resources)+len(rule.ResourceNames) > 0 {
				r.invalid(at.Child("nonResourceURLs"), rule.NonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs")
			}
			continue
		}
		if len(rule.APIGroups) == 0 {
			r.required(at.Child("apiGroups"), "resource rules must supply at least one api group")
		}
		if len(rule.Resources) == 0 {
			r.required(at.Child("resources"), "resource rules must supply at least one resource")
		}
	}
}

func roleBinding(r *report, o *rbacv1.RoleBinding) {
	r.meta(&o.ObjectMeta, true, segmentName)
	roleRef(r, o.RoleRef, "Role", "ClusterRole")
	subjects(r, o.Subjects, true)
}

func clusterRoleBinding(r *report, o *rbacv1.ClusterRoleBinding) {
	r.meta(&o.ObjectMeta, false, segmentName)
	roleRef(r, o.RoleRef, "ClusterRole")
	subjects(r, o.Subjects, false)
}

// roleRef: VAL-7, VAL-8.
func roleRef(r *report, ref rbacv1.RoleRef, kinds ...string) {
	at := field.NewPath("roleRef")
	oneOf(r, at.Child("apiGroup"), ref.APIGroup, rbacv1.GroupName)
	oneOf(r, at.Child("kind"), ref.Kind, kinds...)
	if ref.Name == "" {
		r.required(at.Child("name"), "")
		return
	}
	r.invalids(at.Child("name"), ref.Name, segmentName(ref.Name))
}

// roleRefUpdate: a binding that pointed elsewhere would hand out other rights under a known name (VAL-9). The value is told with the
// keys of the server's internal type.
func roleRefUpdate(r *report, now, was rbacv1.RoleRef) {
	if now != was {
		r.invalid(field.NewPath("roleRef"), struct{ APIGroup, Kind, Name string }{now.APIGroup, now.Kind, now.Name}, "cannot change roleRef")
	}
}

// subjects: VAL-10.
func subjects(r *report, list []rbacv1.Subject, namespaced bool) {
	for i, s := range list {
		at := field.NewPath("subjects").Index(i)
		if s.Name == "" {
			r.required(at.Child("name"), "")
		}
		switch s.Kind {
		case rbacv1.ServiceAccountKind:
			if s.Name != "" {
				r.invalids(at.Child("name"), s.Name, subdomainName(s.Name))
			}
			oneOf(r, at.Child("apiGroup"), s.APIGroup, "")
			if !namespaced && s.Namespace == "" {
				r.required(at.Child("namespace"), "")
			}
		case rbacv1.UserKind, rbacv1.GroupKind:
			oneOf(r, at.Child("apiGroup"), s.APIGroup, rbacv1.GroupName)
		default:
			oneOf(r, at.Child("kind"), s.Kind, rbacv1.ServiceAccountKind, rbacv1.UserKind, rbacv1.GroupKind)
		}
	}
}
