package rbac

import (
	"fmt"
	"math/rand/v2"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// dice makes random policies from a small vocabulary, so that names collide and near misses are frequent.
type dice struct {
	*rand.Rand
	tame bool // no powerful rights
}

func newDice(seed uint64) dice { return dice{Rand: rand.New(rand.NewPCG(seed, 42))} }

var (
	someVerbs      = []string{"get", "list", "watch", "create", "delete", "deletecollection", "bind", "use", "*"}
	someGroups     = []string{"", "apps", "rbac.authorization.k8s.io", "*"}
	someResources  = []string{"pods", "pods/log", "pods/exec", "*/scale", "deployments", "deployments/scale", "secrets", "*", "pods/*", "namespaces"}
	someNames      = []string{"a", "b", "*", ""}
	someURLs       = []string{"/healthz", "/healthz/*", "/api*", "*", "/apis/*/v1", "/metrics"}
	someNamespaces = []string{"red", "blue"}
	someUsers      = []string{"jane", "system:serviceaccount:red:bot", "system:serviceaccount:blue:bot", "*"}
	someUserGroups = []string{"dev", "system:authenticated", "system:serviceaccounts", "*"}
)

func (d dice) one(of []string) string { return of[d.IntN(len(of))] }

func (d dice) some(of []string, atLeast int) []string {
	var out []string
	for range atLeast + d.IntN(2) {
		out = append(out, d.one(of))
	}
	return out
}

func (d dice) rule(urls bool) rbacv1.PolicyRule {
	if d.tame {
		return rbacv1.PolicyRule{Verbs: d.some([]string{"get", "list", "delete"}, 1), APIGroups: []string{""}, Resources: d.some([]string{"pods", "namespaces"}, 1)}
	}
	if urls && d.IntN(4) == 0 {
		return rbacv1.PolicyRule{Verbs: d.some(someVerbs, 1), NonResourceURLs: d.some(someURLs, 1)}
	}
	r := rbacv1.PolicyRule{Verbs: d.some(someVerbs, 1), APIGroups: d.some(someGroups, 1), Resources: d.some(someResources, 1)}
	if d.IntN(3) == 0 {
		r.ResourceNames = d.some(someNames, 1)
	}
	return r
}

func (d dice) rules(urls bool) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for range d.IntN(7) {
		out = append(out, d.rule(urls))
	}
	return out
}

func (d dice) subjects() []rbacv1.Subject {
	var out []rbacv1.Subject
	for range d.IntN(6) {
		switch d.IntN(3) {
		case 0:
			out = append(out, rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: d.one(someUsers)})
		case 1:
			out = append(out, rbacv1.Subject{Kind: "Group", APIGroup: rbacv1.GroupName, Name: d.one(someUserGroups)})
		case 2:
			out = append(out, rbacv1.Subject{Kind: "ServiceAccount", Namespace: d.one([]string{"", "red", "blue"}), Name: d.one([]string{"bot", "cat"})})
		}
	}
	return out
}

func (d dice) roleName() string { return fmt.Sprintf("r%d", d.IntN(5)) }

func (d dice) world() *world {
	w := &world{}
	for i := range 5 {
		if name := fmt.Sprintf("r%d", i); d.IntN(5) > 0 {
			w.clusterRoles = append(w.clusterRoles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: d.rules(true)})
		}
		for _, ns := range someNamespaces {
			if name := fmt.Sprintf("r%d", i); d.IntN(2) > 0 {
				w.roles = append(w.roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Rules: d.rules(false)})
			}
		}
	}
	for i := range d.IntN(5) {
		w.clusterRoleBindings = append(w.clusterRoleBindings, d.clusterRoleBinding(fmt.Sprintf("b%d", i)))
	}
	for i := range d.IntN(5) {
		for _, ns := range someNamespaces {
			w.roleBindings = append(w.roleBindings, d.roleBinding(ns, fmt.Sprintf("b%d", i)))
		}
	}
	return w
}

func (d dice) clusterRoleBinding(name string) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: d.subjects(),
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: d.roleName()}}
}

func (d dice) roleBinding(namespace, name string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Subjects: d.subjects(),
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: d.one([]string{"Role", "ClusterRole"}), Name: d.roleName()}}
}

func (d dice) attributes() Attributes {
	a := Attributes{User: d.one(someUsers), Groups: d.some(someUserGroups, 0), Verb: d.one(someVerbs), IsResource: d.IntN(5) > 0}
	if !a.IsResource {
		a.Path = d.one([]string{"/healthz", "/healthz/etcd", "/api", "/apis/apps/v1", "/metrics", "/"})
		return a
	}
	if d.tame {
		a.Verb, a.Resource, a.Namespace = d.one([]string{"get", "list", "delete"}), "pods", d.one(someNamespaces)
		return a
	}
	a.Group = d.one(someGroups)
	a.Resource = d.one([]string{"pods", "deployments", "secrets", "namespaces", "*"})
	a.Subresource = d.one([]string{"", "", "log", "exec", "scale", "*"})
	a.Namespace = d.one([]string{"", "red", "blue", "green"})
	a.Name = d.one([]string{"", "a", "b", "c"})
	return a
}

// weaken makes rules that the given ones mostly cover.
func (d dice) weaken(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, r := range rules {
		if d.IntN(4) == 0 {
			continue
		}
		r = *r.DeepCopy()
		for i, v := range r.Verbs {
			if v == "*" && d.IntN(2) == 0 {
				r.Verbs[i] = d.one(someVerbs)
			}
		}
		for i, v := range r.Resources {
			if v == "*" || v == "*/scale" && d.IntN(2) == 0 {
				r.Resources[i] = d.one([]string{"deployments/scale", "x/scale", "pods"})
			}
		}
		if len(r.Resources) > 0 && len(r.ResourceNames) == 0 && d.IntN(3) == 0 {
			r.ResourceNames = d.some(someNames, 1)
		}
		out = append(out, r)
	}
	return out
}
