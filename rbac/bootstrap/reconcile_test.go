package bootstrap

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/rbac"
)

func find(name string) (*rbacv1.ClusterRole, *rbacv1.ClusterRoleBinding) {
	p := Defaults()
	var role *rbacv1.ClusterRole
	var binding *rbacv1.ClusterRoleBinding
	for _, r := range p.ClusterRoles {
		if r.Name == name {
			role = r
		}
	}
	for _, b := range p.ClusterRoleBindings {
		if b.Name == name {
			binding = b
		}
	}
	return role, binding
}

func TestReconcileIsIdempotent(t *testing.T) {
	t.Parallel()
	for _, wanted := range Defaults().Objects() {
		created, action := Reconcile(nil, wanted)
		if action != Create {
			t.Fatalf("%T: %s", wanted, action)
		}
		if _, again := Reconcile(created, wanted); again != None {
			t.Errorf("%v is updated again: %s", wanted, again)
		}
	}
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	discovery, binding := find("system:discovery")
	admin, _ := find("admin")
	pods := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	for _, tt := range []struct {
		name     string
		existing runtime.Object
		wanted   runtime.Object
		action   Action
		check    func(t *testing.T, out runtime.Object)
	}{
		{"a rule taken away comes back", edited(discovery, func(r *rbacv1.ClusterRole) {
			r.Rules = []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api"}}}
		}), discovery, Update, func(t *testing.T, out runtime.Object) {
			if ok, missing := rbac.Covers(out.(*rbacv1.ClusterRole).Rules, discovery.Rules); !ok {
				t.Errorf("missing %v", missing)
			}
		}},
		{"a rule added stays", edited(discovery, func(r *rbacv1.ClusterRole) { r.Rules = append(r.Rules, pods) }), discovery, None, nil},
		{"one wider rule is enough", edited(discovery, func(r *rbacv1.ClusterRole) {
			r.Rules = []rbacv1.PolicyRule{{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}
		}), discovery, None, nil},
		{"a protected object is left alone", edited(discovery, func(r *rbacv1.ClusterRole) { r.Rules = nil; r.Annotations[AutoUpdate] = "false" }), discovery, None, nil},
		{"marks come back, own values win", edited(discovery, func(r *rbacv1.ClusterRole) {
			r.Labels, r.Annotations = map[string]string{Label: "mine", "a": "b"}, nil
		}), discovery, Update, func(t *testing.T, out runtime.Object) {
			r := out.(*rbacv1.ClusterRole)
			if r.Labels[Label] != "mine" || r.Labels["a"] != "b" || r.Annotations[AutoUpdate] != "true" {
				t.Errorf("%v %v", r.Labels, r.Annotations)
			}
		}},
		{"aggregated rules are left alone", edited(admin, func(r *rbacv1.ClusterRole) { r.Rules = []rbacv1.PolicyRule{pods} }), admin, None, nil},
		{"a selector comes back", edited(admin, func(r *rbacv1.ClusterRole) {
			r.AggregationRule.ClusterRoleSelectors[0].MatchLabels = map[string]string{"mine": "true"}
		}), admin, Update, func(t *testing.T, out runtime.Object) {
			if n := len(out.(*rbacv1.ClusterRole).AggregationRule.ClusterRoleSelectors); n != 2 {
				t.Errorf("%d selectors", n)
			}
		}},
		{"an aggregation somebody added goes", edited(discovery, func(r *rbacv1.ClusterRole) { r.AggregationRule = admin.AggregationRule }), discovery, Update, func(t *testing.T, out runtime.Object) {
			if out.(*rbacv1.ClusterRole).AggregationRule != nil {
				t.Error("still there")
			}
		}},
		{"a subject taken away comes back", editedBinding(binding, func(b *rbacv1.ClusterRoleBinding) {
			b.Subjects = []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "jane"}}
		}), binding, Update, func(t *testing.T, out runtime.Object) {
			if s := out.(*rbacv1.ClusterRoleBinding).Subjects; len(s) != 2 || s[0].Name != "jane" {
				t.Errorf("%v", s)
			}
		}},
		{"another role means a new binding", editedBinding(binding, func(b *rbacv1.ClusterRoleBinding) {
			b.RoleRef.Name = "view"
			b.UID, b.ResourceVersion, b.CreationTimestamp = "u", "7", metav1.Now()
		}), binding, Recreate, func(t *testing.T, out runtime.Object) {
			if b := out.(*rbacv1.ClusterRoleBinding); b.RoleRef.Name != "system:discovery" || b.UID != "" || b.ResourceVersion != "" {
				t.Errorf("%v", b)
			}
		}},
	} {
		out, action := Reconcile(tt.existing, tt.wanted)
		if action != tt.action {
			t.Errorf("%s: %q, want %q", tt.name, action, tt.action)
		}
		if tt.check != nil {
			tt.check(t, out)
		}
	}
}

func edited(r *rbacv1.ClusterRole, edit func(*rbacv1.ClusterRole)) *rbacv1.ClusterRole {
	r = r.DeepCopy()
	edit(r)
	return r
}

func editedBinding(b *rbacv1.ClusterRoleBinding, edit func(*rbacv1.ClusterRoleBinding)) *rbacv1.ClusterRoleBinding {
	b = b.DeepCopy()
	edit(b)
	return b
}
