package rbac_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/rbac"
)

func aggregating(name string, own map[string]string, selects map[string]string) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: own},
		AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: selects}}}}
}

// AGG-1: a role that another one takes in counts for whoever is bound to that one, over two steps as well and in a circle.
func TestAggregated(t *testing.T) {
	t.Parallel()
	leaf := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "leaf", Labels: map[string]string{"to": "view"}},
		Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}
	p, err := rbac.NewPolicy(leaf,
		aggregating("view", map[string]string{"to": "edit"}, map[string]string{"to": "view"}),
		aggregating("edit", map[string]string{"to": "view"}, map[string]string{"to": "edit"}), // in a circle with view
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "b"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "edit"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}}})
	if err != nil {
		t.Fatal(err)
	}
	question := rbac.Attributes{User: "jane", Verb: "get", Resource: "pods", IsResource: true}
	if p.Authorize(question).Allowed {
		t.Error("allowed before aggregation")
	}
	if !p.Aggregated().Authorize(question).Allowed {
		t.Error("not allowed after aggregation")
	}
	if p.Authorize(question).Allowed {
		t.Error("the policy itself has changed")
	}
}

func TestLinksAndSubjects(t *testing.T) {
	t.Parallel()
	p, err := rbac.NewPolicy(
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "r"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "b"}, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "r"},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "bot"}, {Kind: "Group", Name: "dev"}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "dangling"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "gone"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "dev"}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "system:x"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "gone"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "system:kube-x"}}})
	if err != nil {
		t.Fatal(err)
	}
	links := p.Links("system:serviceaccount:a:bot", []string{"dev"})
	if len(links) != 2 || !links[0].Missing || links[0].Binding.Name != "dangling" || links[1].Binding.Name != "b" || len(links[1].Rules) != 1 {
		t.Errorf("links: %+v", links)
	}
	var names []string
	for _, s := range p.Subjects(false) {
		names = append(names, rbac.SubjectText(s, ""))
		if user, groups := rbac.Identity(s); len(p.Links(user, groups)) == 0 {
			t.Errorf("%v is named by no binding", s)
		}
	}
	if want := "[ServiceAccount a/bot Group dev]"; len(names) != 2 || "["+names[0]+" "+names[1]+"]" != want {
		t.Errorf("subjects: %v, want %s", names, want)
	}
	if got := len(p.Subjects(true)); got != 3 {
		t.Errorf("with the system's: %d, want 3", got)
	}
}
