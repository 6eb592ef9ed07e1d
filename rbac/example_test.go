package rbac_test

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/rbac"
)

// reader may get and list pods; jenkins of namespace default has that role in namespace ci.
func reader() []any {
	return []any{
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "ci", Name: "reader"}, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list"}}}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "ci", Name: "jenkins"},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "default", Name: "jenkins"}}},
	}
}

func ExamplePolicy_Authorize() {
	policy, err := rbac.NewPolicy(reader()...)
	if err != nil {
		panic(err)
	}
	question := rbac.Attributes{User: "system:serviceaccount:default:jenkins", Verb: "list", Resource: "pods", Namespace: "ci", IsResource: true}
	decision := policy.Authorize(question)
	fmt.Println(decision.Allowed, decision.Reason)
	question.Verb = "delete"
	fmt.Println(policy.Authorize(question).Allowed)
	// Output:
	// true RBAC: allowed by RoleBinding "jenkins/ci" of Role "reader" to ServiceAccount "jenkins/default"
	// false
}

func ExamplePolicy_Explain() {
	policy, err := rbac.NewPolicy(reader()...)
	if err != nil {
		panic(err)
	}
	e := policy.Explain(rbac.Attributes{User: "system:serviceaccount:ci:jenkins", Verb: "list", Resource: "pods", Namespace: "ci", IsResource: true})
	near := e.Near[0]
	fmt.Println(near.Binding.Name, near.Differences[0].Code, near.Differences[0].Have, near.Differences[0].Want)
	for _, command := range e.Fix.Commands {
		fmt.Println(strings.Join(command, " "))
	}
	for _, rule := range e.Fix.Also {
		fmt.Println("also", rbac.RuleText(rule))
	}
	// Output:
	// jenkins account-elsewhere [default/jenkins] ci/jenkins
	// kubectl set subject rolebinding jenkins -n ci --serviceaccount=ci:jenkins
	// also {APIGroups:[""], Resources:["pods"], Verbs:["get"]}
}

func ExamplePolicy_WhoCan() {
	policy, err := rbac.NewPolicy(reader()...)
	if err != nil {
		panic(err)
	}
	for _, h := range policy.WhoCan(rbac.Attributes{Verb: "get", Resource: "pods", Namespace: "ci", IsResource: true}) {
		fmt.Println(rbac.SubjectText(h.Subject, ""), "by", h.Grants[0].Binding.Name)
	}
	// Output:
	// ServiceAccount default/jenkins by jenkins
}

func ExampleCovers() {
	held := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list"}}}
	wanted := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods", "secrets"}, Verbs: []string{"get"}}}
	ok, missing := rbac.Covers(held, wanted)
	fmt.Println(ok, rbac.RuleText(missing[0]))
	// Output:
	// false {APIGroups:[""], Resources:["secrets"], Verbs:["get"]}
}

func ExampleDiff() {
	before, err := rbac.NewPolicy(reader()...)
	if err != nil {
		panic(err)
	}
	after, err := before.With(&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "ci", Name: "reader"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "delete"}}}})
	if err != nil {
		panic(err)
	}
	for _, g := range rbac.Diff(before, after) {
		fmt.Println(rbac.SubjectText(g.Subject, ""), "in", g.Namespace, "gains", g.Gained[0].Verbs, "loses", g.Lost[0].Verbs)
	}
	// Output:
	// ServiceAccount default/jenkins in ci gains [delete] loses [list]
}

func ExampleIndex() {
	index := rbac.NewIndex()
	before := index.Snapshot()
	if err := index.Set(reader()...); err != nil {
		panic(err)
	}
	question := rbac.Attributes{User: "system:serviceaccount:default:jenkins", Verb: "get", Resource: "pods", Name: "web", Namespace: "ci", IsResource: true}
	fmt.Println(before.Authorize(question).Allowed, index.Snapshot().Authorize(question).Allowed)
	index.Delete(rbac.KindRole, "ci", "reader")
	fmt.Println(index.Snapshot().Authorize(question).Reason)
	// Output:
	// false true
	// RBAC: role.rbac.authorization.k8s.io "reader" not found
}
