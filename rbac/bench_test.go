package rbac

import (
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// crowd is an index with n RoleBindings in one namespace, each of one user, and what every account holds besides.
func crowd(b testing.TB, n int) *Index {
	x := NewIndex()
	objects := []any{
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: []rbacv1.PolicyRule{
			ruleOf("get list watch", "apps", "deployments replicasets statefulsets"),
			ruleOf("get list watch", "core", "pods services configmaps"),
		}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "basic"}, Rules: []rbacv1.PolicyRule{ruleOf("create", "authorization.k8s.io", "selfsubjectaccessreviews")}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "basic"}, RoleRef: rbacv1.RoleRef{Kind: KindClusterRole, Name: "basic"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "system:authenticated"}}},
	}
	for i := range n {
		objects = append(objects, userBinding(i))
	}
	if err := x.Set(objects...); err != nil {
		b.Fatal(err)
	}
	return x
}

func userBinding(i int) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: fmt.Sprintf("b%06d", i)}, RoleRef: rbacv1.RoleRef{Kind: KindClusterRole, Name: "reader"},
		Subjects: []rbacv1.Subject{{Kind: "User", Name: fmt.Sprintf("user-%d", i)}}}
}

var accountGroups = []string{"system:serviceaccounts", "system:serviceaccounts:red", "system:authenticated"}

func BenchmarkAuthorize(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		x := crowd(b, n)
		allowed := Attributes{User: fmt.Sprintf("user-%d", n/2), Groups: accountGroups, Verb: "get", Resource: "configmaps", Namespace: "red", Name: "x", IsResource: true}
		denied := allowed
		denied.Verb = "delete"
		b.Run(fmt.Sprintf("allowed/bindings=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !x.Snapshot().Authorize(allowed).Allowed {
					b.Fatal("denied")
				}
			}
		})
		b.Run(fmt.Sprintf("denied/bindings=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if x.Snapshot().Authorize(denied).Allowed {
					b.Fatal("allowed")
				}
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	for _, n := range []int{10, 1_000, 20_000, 100_000} {
		x := crowd(b, n)
		b.Run(fmt.Sprintf("bindings=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				rb := userBinding(i % n)
				rb.Subjects = append(rb.Subjects, rbacv1.Subject{Kind: "Group", Name: fmt.Sprintf("g%d", i)})
				if err := x.Set(rb); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSetOneSubject(b *testing.B) {
	x := NewIndex()
	binding := func(i int) *rbacv1.RoleBinding {
		rb := userBinding(i % 20_000)
		rb.RoleRef.Name = fmt.Sprint(i)
		rb.Subjects[0].Name = "jane"
		return rb
	}
	for i := range 20_000 {
		if err := x.Set(binding(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := x.Set(binding(i + 1)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		crowd(b, 20_000)
	}
}

func BenchmarkExplain(b *testing.B) {
	p := crowd(b, 20_000).Snapshot()
	a := Attributes{User: "user-77", Groups: accountGroups, Verb: "delete", Resource: "configmaps", Namespace: "red", Name: "x", IsResource: true}
	for b.Loop() {
		if e := p.Explain(a); e.Fix == nil || len(e.Near) == 0 {
			b.Fatal("nothing found")
		}
	}
}

func BenchmarkPaths(b *testing.B) {
	p := crowd(b, 20_000).Snapshot()
	p, err := p.With(clusterRoleObject("all", []rbacv1.PolicyRule{ruleOf("*", "*", "*")}),
		clusterRoleBindingObject("robot", "all", rbacv1.Subject{Kind: "ServiceAccount", Namespace: "ops", Name: "robot"}))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if len(p.Paths(false)) != 1 {
			b.Fatal("one way expected")
		}
	}
}
