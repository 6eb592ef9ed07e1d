package reviews

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

var podsRule = rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"}}

func testAccess(t *testing.T) Access {
	t.Helper()
	index := rbac.NewIndex()
	if err := index.Set(
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "pods"}, Rules: []rbacv1.PolicyRule{podsRule}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "pods"}, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "pods"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "dev"}}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "urls"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "urls"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "urls"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "gone"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "gone"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}}},
	); err != nil {
		t.Fatal(err)
	}
	return Access{Authorizer: authz.New(authz.Config{Policy: index})}
}

const (
	byDev = `RBAC: allowed by RoleBinding "pods/red" of Role "pods" to Group "dev"`
	gone  = `clusterrole.rbac.authorization.k8s.io "gone" not found`
)

func TestSubjectAccessReview(t *testing.T) {
	t.Parallel()
	x := testAccess(t)
	pods := func(verb, namespace string) *authorizationv1.ResourceAttributes {
		return &authorizationv1.ResourceAttributes{Verb: verb, Resource: "pods", Namespace: namespace}
	}
	withField := func(s authorizationv1.FieldSelectorAttributes) *authorizationv1.ResourceAttributes {
		res := pods("list", "red")
		res.FieldSelector = &s
		return res
	}
	for _, tt := range []struct {
		name string
		spec authorizationv1.SubjectAccessReviewSpec
		want authorizationv1.SubjectAccessReviewStatus
		err  string
	}{
		{"by a group", authorizationv1.SubjectAccessReviewSpec{Groups: []string{"dev"}, ResourceAttributes: pods("list", "red")}, authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: byDev}, ""},
		{"elsewhere", authorizationv1.SubjectAccessReviewSpec{Groups: []string{"dev"}, ResourceAttributes: pods("list", "")}, authorizationv1.SubjectAccessReviewStatus{}, ""},
		{"a star is asked for literally", authorizationv1.SubjectAccessReviewSpec{Groups: []string{"dev"}, ResourceAttributes: pods("*", "red")}, authorizationv1.SubjectAccessReviewStatus{}, ""},
		{"a dangling binding", authorizationv1.SubjectAccessReviewSpec{User: "jane", ResourceAttributes: pods("list", "red")}, authorizationv1.SubjectAccessReviewStatus{Reason: "RBAC: " + gone}, ""},
		{"a path", authorizationv1.SubjectAccessReviewSpec{User: "jane", NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"}},
			authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: `RBAC: allowed by ClusterRoleBinding "urls" of ClusterRole "urls" to User "jane"`}, ""},
		{"masters", authorizationv1.SubjectAccessReviewSpec{Groups: []string{request.Masters}, ResourceAttributes: pods("x", "")}, authorizationv1.SubjectAccessReviewStatus{Allowed: true}, ""},
		{"a selector that does not parse", authorizationv1.SubjectAccessReviewSpec{Groups: []string{"dev"}, ResourceAttributes: withField(authorizationv1.FieldSelectorAttributes{RawSelector: "a>b"})},
			authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: byDev, EvaluationError: "spec.resourceAttributes.fieldSelector ignored due to parse error"}, ""},
		{"a selector that parses in part", authorizationv1.SubjectAccessReviewSpec{Groups: []string{"dev"}, ResourceAttributes: withField(authorizationv1.FieldSelectorAttributes{Requirements: []metav1.FieldSelectorRequirement{
			{Key: "a", Operator: "In", Values: []string{"x"}}, {Key: "a", Operator: "Exists"}}})},
			authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: byDev, EvaluationError: "spec.resourceAttributes.fieldSelector partially ignored due to parse error"}, ""},
		{"both", authorizationv1.SubjectAccessReviewSpec{User: "x", ResourceAttributes: pods("get", ""), NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/", Verb: "get"}}, authorizationv1.SubjectAccessReviewStatus{},
			`.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: cannot be specified in combination with resourceAttributes`},
		{"nothing", authorizationv1.SubjectAccessReviewSpec{}, authorizationv1.SubjectAccessReviewStatus{},
			`.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]`},
		{"two forms of a selector", authorizationv1.SubjectAccessReviewSpec{User: "x", ResourceAttributes: withField(authorizationv1.FieldSelectorAttributes{RawSelector: "a=b", Requirements: []metav1.FieldSelectorRequirement{{Key: "a", Operator: "Exists"}}})}, authorizationv1.SubjectAccessReviewStatus{},
			`.authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`},
		{"an empty selector", authorizationv1.SubjectAccessReviewSpec{User: "x", ResourceAttributes: withField(authorizationv1.FieldSelectorAttributes{})}, authorizationv1.SubjectAccessReviewStatus{},
			`.authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required`},
	} {
		r := &authorizationv1.SubjectAccessReview{Spec: tt.spec}
		obj, err := x.Create(&request.User{Name: "someone"}, "", r)
		text := ""
		if err != nil {
			text = err.Error()
		} else if diff := cmp.Diff(tt.want, obj.(*authorizationv1.SubjectAccessReview).Status); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if text != tt.err {
			t.Errorf("%s: %s\nwant %s", tt.name, text, tt.err)
		}
	}
}

func TestMetadataMustBeEmpty(t *testing.T) {
	t.Parallel()
	x := testAccess(t)
	r := &authorizationv1.SelfSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/", Verb: "get"}}}
	const want = `.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"n"}: must be empty`
	if err := x.Self(r, &request.User{Name: "jane"}); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	r.ObjectMeta = metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}}
	if err := x.Self(r, &request.User{Name: "jane"}); err != nil {
		t.Errorf("managed fields: %v", err)
	}
}

func TestLocalSubjectAccessReview(t *testing.T) {
	t.Parallel()
	x := testAccess(t)
	local := func(namespace, of string) *authorizationv1.LocalSubjectAccessReview {
		return &authorizationv1.LocalSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}, Spec: authorizationv1.SubjectAccessReviewSpec{
			Groups: []string{"dev"}, ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "pods", Namespace: of}}}
	}
	r := local("red", "red")
	if err := x.Local(r, "red"); err != nil || !r.Status.Allowed || r.Status.Reason != byDev {
		t.Errorf("%v %+v", err, r.Status)
	}
	const mismatch = `.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "blue": must match metadata.namespace`
	if err := x.Local(local("red", "blue"), "red"); err == nil || err.Error() != mismatch {
		t.Errorf("%v", err)
	}
	if err := x.Local(local("red", "red"), "blue"); err == nil || err.Error() != "spec.resourceAttributes.namespace must match namespace: blue" {
		t.Errorf("%v", err)
	}
	path := local("red", "red")
	path.Spec.ResourceAttributes, path.Spec.NonResourceAttributes = nil, &authorizationv1.NonResourceAttributes{Path: "/", Verb: "get"}
	const refused = `.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request`
	if err := x.Local(path, "red"); err == nil || err.Error() != refused {
		t.Errorf("%v", err)
	}
}

func TestSelfSubjectRulesReview(t *testing.T) {
	t.Parallel()
	x := testAccess(t)
	jane := &request.User{Name: "jane", Groups: []string{"dev"}}
	r := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "red"}}
	if err := x.SelfRules(r, jane); err != nil {
		t.Fatal(err)
	}
	want := authorizationv1.SelfSubjectRulesReview{Status: authorizationv1.SubjectRulesReviewStatus{
		ResourceRules:    []authorizationv1.ResourceRule{{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"}}},
		NonResourceRules: []authorizationv1.NonResourceRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}},
		EvaluationError:  gone,
	}}
	if diff := cmp.Diff(want, *r); diff != "" {
		t.Error(diff)
	}
	r = &authorizationv1.SelfSubjectRulesReview{}
	if err := x.SelfRules(r, jane); err == nil || err.Error() != "no namespace on request" {
		t.Errorf("%v", err)
	}
	r.Spec.Namespace = "red"
	node := &request.User{Name: "system:node:a", Groups: []string{request.Nodes}}
	if err := x.SelfRules(r, node); err != nil || !r.Status.Incomplete || r.Status.EvaluationError != "node authorizer does not support user rule resolution" || r.Status.ResourceRules == nil {
		t.Errorf("%v %+v", err, r.Status)
	}
}
