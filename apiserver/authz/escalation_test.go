package authz

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

func TestCheckWrite(t *testing.T) {
	t.Parallel()
	pods := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}
	secrets := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}}
	clusterRole := func(name string, rules []rbacv1.PolicyRule) *rbacv1.ClusterRole {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	role := func(name string, rules []rbacv1.PolicyRule) *rbacv1.Role {
		return &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: name}, Rules: rules}
	}
	give := func(user, role string) *rbacv1.ClusterRoleBinding {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: user + "-" + role},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: user}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role}}
	}
	bind := func(kind, name string) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "b"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}}
	}
	bindAll := func(name string) *rbacv1.ClusterRoleBinding {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "b"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}}
	}
	power := func(verb, resource string, names ...string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{{Verbs: []string{verb}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{resource}, ResourceNames: names}}
	}
	index := rbac.NewIndex()
	if err := index.Set(
		clusterRole("pods", pods), clusterRole("secrets", secrets), role("secrets", secrets), role("pods", pods),
		clusterRole("urls", []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}),
		clusterRole("all", fullAuthority), clusterRole("escalate", power("escalate", "roles")), clusterRole("escalate-x", power("escalate", "roles", "x")),
		clusterRole("bind", power("bind", "clusterroles", "secrets", "not-yet")),
		give("jane", "pods"), give("root", "all"), give("esc", "escalate"), give("escx", "escalate-x"), give("binder", "bind"),
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "x"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "local"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "secrets"}},
	); err != nil {
		t.Fatal(err)
	}
	z := New(Config{Policy: index})
	aggregating := clusterRole("agg", nil)
	aggregating.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{}}}
	finalized := role("secrets", secrets)
	finalized.Finalizers = []string{"x/y"}
	finalized.ResourceVersion = "7"
	labelled := role("secrets", secrets)
	labelled.Labels = map[string]string{"a": "b"}
	const lacks = `user "jane" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:` + "\n" + `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`
	for _, tt := range []struct {
		name, user, url string
		old, new        runtime.Object
		code            int32
		want            string
	}{
		{"held", "jane", "", nil, role("n", pods), 0, ""},
		{"not held", "jane", "", nil, role("n", secrets), 403, `roles.rbac.authorization.k8s.io "n" is forbidden: ` + lacks},
		{"not held, ClusterRole", "jane", "", nil, clusterRole("n", secrets), 403, `clusterroles.rbac.authorization.k8s.io "n" is forbidden: ` + lacks},
		{"held in the namespace", "local", "", nil, role("n", secrets), 0, ""},
		{"held in the namespace is not held in the cluster", "local", "", nil, clusterRole("n", pods), 403, `clusterroles.rbac.authorization.k8s.io "n" is forbidden: user "local" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:` + "\n" + `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`},
		{"masters", "masters", "", nil, role("n", fullAuthority), 0, ""},
		{"escalate", "esc", "", nil, role("n", secrets), 0, ""},
		{"escalate with a name, by POST", "escx", "", nil, role("x", pods), 403, `roles.rbac.authorization.k8s.io "x" is forbidden: user "escx" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:` + "\n" + `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`},
		{"escalate with a name, by PUT", "escx", "x", role("x", nil), role("x", pods), 0, ""},
		{"an update of bookkeeping", "jane", "secrets", role("secrets", secrets), finalized, 0, ""},
		{"an update of labels", "jane", "secrets", role("secrets", secrets), labelled, 403, `roles.rbac.authorization.k8s.io "secrets" is forbidden: ` + lacks},
		{"taking rules away from what is not held", "jane", "s", role("s", append(secrets, pods...)), role("s", secrets), 403, `roles.rbac.authorization.k8s.io "s" is forbidden: ` + lacks},
		{"aggregation", "jane", "", nil, aggregating, 403, `clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin privileges to use the aggregationRule`},
		{"taking aggregation away", "jane", "agg", aggregating, clusterRole("agg", nil), 403, `clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin privileges to use the aggregationRule`},
		{"aggregation with full authority", "root", "", nil, aggregating, 0, ""},
		{"binding what is held", "jane", "", nil, bind("Role", "pods"), 0, ""},
		{"binding what is not", "jane", "", nil, bind("ClusterRole", "secrets"), 403, `rolebindings.rbac.authorization.k8s.io "b" is forbidden: ` + lacks},
		{"binding what is not, everywhere", "jane", "", nil, bindAll("secrets"), 403, `clusterrolebindings.rbac.authorization.k8s.io "b" is forbidden: ` + lacks},
		{"binding what is held here", "local", "", nil, bind("Role", "secrets"), 0, ""},
		{"URLs in a RoleBinding", "jane", "", nil, bind("ClusterRole", "urls"), 403, `rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "jane" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:` + "\n" + `{NonResourceURLs:["/metrics"], Verbs:["get"]}`},
		{"bind by name", "binder", "", nil, bind("ClusterRole", "secrets"), 0, ""},
		{"bind by name, a Role", "binder", "", nil, bind("Role", "secrets"), 403, `rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "binder" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:` + "\n" + `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`},
		{"bind to a role not there yet", "binder", "", nil, bindAll("not-yet"), 0, ""},
		{"a role that is not there", "root", "", nil, bind("ClusterRole", "nope"), 0, ""},
		{"a role that is not there, without bind", "jane", "", nil, bind("ClusterRole", "nope"), 404, `rolebindings.rbac.authorization.k8s.io "nope" not found`},
		{"nobody", "", "", nil, role("n", pods), 403, `roles.rbac.authorization.k8s.io "n" is forbidden: no user on context`},
	} {
		w := Write{User: &request.User{Name: tt.user, Groups: []string{"dev"}}, Namespace: "red", URLName: tt.url, Old: tt.old, New: tt.new}
		switch tt.user {
		case "":
			w.User = nil
		case "masters":
			w.User.Groups = append(w.User.Groups, request.Masters)
		}
		err := z.CheckWrite(w)
		if err == nil {
			if tt.code != 0 {
				t.Errorf("%s: not refused", tt.name)
			}
			continue
		}
		status := err.(interface{ Status() metav1.Status }).Status()
		if status.Code != tt.code || status.Message != tt.want {
			t.Errorf("%s: %d %s\nwant %d %s", tt.name, status.Code, status.Message, tt.code, tt.want)
		}
	}
}
