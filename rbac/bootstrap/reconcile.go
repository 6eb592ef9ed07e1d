package bootstrap

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/rbac"
)

// Action is what to do with a default object.
type Action string

// The actions. Recreate means: delete the existing object by its UID, then create the new one, because a roleRef cannot be
// changed (BOOT-5).
const (
	None     Action = ""
	Create   Action = "create"
	Update   Action = "update"
	Recreate Action = "recreate"
)

// Reconcile says how to bring a default object up to date (BOOT-3 to BOOT-6), and with which object. existing is nil if
// there is none, otherwise of the same kind as wanted; neither is changed. What somebody added stays, what they took away
// comes back, and an object annotated autoupdate=false is left alone.
func Reconcile(existing, wanted runtime.Object) (runtime.Object, Action) {
	switch w := wanted.(type) {
	case *rbacv1.ClusterRole:
		if e, ok := existing.(*rbacv1.ClusterRole); ok && e != nil {
			return clusterRole(e, w)
		}
	case *rbacv1.Role:
		if e, ok := existing.(*rbacv1.Role); ok && e != nil {
			return role(e, w)
		}
	case *rbacv1.ClusterRoleBinding:
		if e, ok := existing.(*rbacv1.ClusterRoleBinding); ok && e != nil {
			return clusterRoleBinding(e, w)
		}
	case *rbacv1.RoleBinding:
		if e, ok := existing.(*rbacv1.RoleBinding); ok && e != nil {
			return roleBinding(e, w)
		}
	}
	return wanted.DeepCopyObject(), Create
}

func clusterRole(existing, wanted *rbacv1.ClusterRole) (*rbacv1.ClusterRole, Action) {
	out := existing.DeepCopy()
	if existing.Annotations[AutoUpdate] == "false" {
		return out, None
	}
	merge(&out.ObjectMeta, wanted.ObjectMeta)
	out.Rules = addRules(out.Rules, wanted.Rules)
	switch {
	case wanted.AggregationRule == nil:
		out.AggregationRule = nil
	case out.AggregationRule == nil:
		out.AggregationRule = wanted.AggregationRule.DeepCopy()
	default:
		for _, s := range wanted.AggregationRule.ClusterRoleSelectors {
			if !slices.ContainsFunc(out.AggregationRule.ClusterRoleSelectors, func(have metav1.LabelSelector) bool { return equality.Semantic.DeepEqual(have, s) }) {
				out.AggregationRule.ClusterRoleSelectors = append(out.AggregationRule.ClusterRoleSelectors, *s.DeepCopy())
			}
		}
	}
	return out, changed(existing, out)
}

func role(existing, wanted *rbacv1.Role) (*rbacv1.Role, Action) {
	out := existing.DeepCopy()
	if existing.Annotations[AutoUpdate] == "false" {
		return out, None
	}
	merge(&out.ObjectMeta, wanted.ObjectMeta)
	out.Rules = addRules(out.Rules, wanted.Rules)
	return out, changed(existing, out)
}

func clusterRoleBinding(existing, wanted *rbacv1.ClusterRoleBinding) (*rbacv1.ClusterRoleBinding, Action) {
	out := existing.DeepCopy()
	if existing.Annotations[AutoUpdate] == "false" {
		return out, None
	}
	merge(&out.ObjectMeta, wanted.ObjectMeta)
	out.Subjects = addSubjects(out.Subjects, wanted.Subjects)
	if existing.RoleRef != wanted.RoleRef {
		anew(&out.ObjectMeta)
		out.RoleRef = wanted.RoleRef
		return out, Recreate
	}
	return out, changed(existing, out)
}

func roleBinding(existing, wanted *rbacv1.RoleBinding) (*rbacv1.RoleBinding, Action) {
	out := existing.DeepCopy()
	if existing.Annotations[AutoUpdate] == "false" {
		return out, None
	}
	merge(&out.ObjectMeta, wanted.ObjectMeta)
	out.Subjects = addSubjects(out.Subjects, wanted.Subjects)
	if existing.RoleRef != wanted.RoleRef {
		anew(&out.ObjectMeta)
		out.RoleRef = wanted.RoleRef
		return out, Recreate
	}
	return out, changed(existing, out)
}

// merge adds labels and annotations that are missing; those that are there win.
func merge(into *metav1.ObjectMeta, wanted metav1.ObjectMeta) {
	into.Labels = union(wanted.Labels, into.Labels)
	into.Annotations = union(wanted.Annotations, into.Annotations)
}

func union(wanted, existing map[string]string) map[string]string {
	if len(wanted) == 0 {
		return existing
	}
	out := maps.Clone(wanted)
	maps.Copy(out, existing)
	return out
}

// anew strips what only a stored object has.
func anew(m *metav1.ObjectMeta) {
	m.UID, m.ResourceVersion, m.CreationTimestamp, m.Generation = "", "", metav1.Time{}, 0
	m.ManagedFields, m.SelfLink = nil, ""
}

func addRules(have, wanted []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	_, missing := rbac.Covers(have, wanted)
	return append(have, rbac.Compact(missing)...)
}

func addSubjects(have, wanted []rbacv1.Subject) []rbacv1.Subject {
	for _, s := range wanted {
		if !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return have
}

func changed(before, after runtime.Object) Action {
	if equality.Semantic.DeepEqual(before, after) {
		return None
	}
	return Update
}
