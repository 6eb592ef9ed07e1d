package kubemint_test

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// view, edit and admin are bound in many first lessons: nobody should have to wait for the aggregation controller.
func TestAggregatedRolesHaveRulesFromTheStart(t *testing.T) {
	t.Parallel()
	for version, wantTokens := range map[string]bool{"1.36": true, "1.23": false} { // TOK-22
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := start(t, kubemint.Config{EmulatedVersion: version})
			for name, resource := range map[string]string{"view": "pods", "edit": "secrets", "admin": "rolebindings"} {
				role, err := r.Admin.RbacV1().ClusterRoles().Get(t.Context(), name, metav1.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if !grants(role.Rules, "get", resource) {
					t.Errorf("%s does not grant get on %s", name, resource)
				}
				if got := grants(role.Rules, "create", "serviceaccounts/token"); got != (wantTokens && name != "view") {
					t.Errorf("%s: %s may have tokens made: %v", version, name, got)
				}
			}
		})
	}
}

func grants(rules []rbacv1.PolicyRule, verb, resource string) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.Verbs, verb) && slices.Contains(r.Resources, resource)
	})
}

// BOOT-3, BOOT-5: a default binding that refers to another role is made anew at the next start, with the subjects somebody added;
// BOOT-6: the rules of aggregated roles are nobody's at start but the controller's.
func TestDefaultsAreBroughtUpToDateAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, kubemint.Config{DataDir: dir})
	bindings := first.Admin.RbacV1().ClusterRoleBindings()
	const name = "system:public-info-viewer"
	old, err := bindings.Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := bindings.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	jane := rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "jane"}
	changed := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: []rbacv1.Subject{jane},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}}
	if _, err := bindings.Create(t.Context(), changed, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	first.stop()

	second := start(t, kubemint.Config{DataDir: dir})
	now, err := second.Admin.RbacV1().ClusterRoleBindings().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if now.RoleRef != old.RoleRef {
		t.Errorf("the role is %v, want %v", now.RoleRef, old.RoleRef)
	}
	for _, want := range append([]rbacv1.Subject{jane}, old.Subjects...) {
		if !slices.Contains(now.Subjects, want) {
			t.Errorf("%v is gone; left are %v", want, now.Subjects)
		}
	}
}
