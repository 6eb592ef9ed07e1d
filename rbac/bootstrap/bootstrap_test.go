package bootstrap

import (
	"slices"
	"testing"

	"github.com/kubemint/kubemint/rbac"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	p := Defaults()
	index := rbac.NewIndex()
	for _, obj := range p.Objects() {
		if err := index.Set(obj); err != nil {
			t.Fatal(err)
		}
	}
	policy := index.Snapshot()
	for _, r := range p.ClusterRoles {
		if r.Labels[Label] != LabelValue || r.Annotations[AutoUpdate] != "true" || len(r.Annotations) != 1 {
			t.Errorf("%s lacks its marks: %v %v", r.Name, r.Labels, r.Annotations)
		}
	}
	if got := p.Namespaces(); !slices.Equal(got, []string{"kube-public", "kube-system"}) {
		t.Errorf("namespaces %v", got)
	}
	for _, tt := range []struct {
		user   string
		groups []string
		a      rbac.Attributes
		want   bool
	}{
		{"jane", []string{"system:authenticated"}, rbac.Attributes{Verb: "get", Path: "/openapi/v3"}, true},
		{"jane", []string{"system:authenticated"}, rbac.Attributes{Verb: "get", Path: "/livez/ping"}, false}, // DEF-5
		{"jane", []string{"system:authenticated"}, resource("create", "authorization.k8s.io", "selfsubjectaccessreviews", ""), true},
		{"system:anonymous", []string{"system:unauthenticated"}, rbac.Attributes{Verb: "get", Path: "/version"}, true},
		{"system:anonymous", []string{"system:unauthenticated"}, rbac.Attributes{Verb: "get", Path: "/api"}, false},
		{"system:serviceaccount:a:b", []string{"system:serviceaccounts"}, rbac.Attributes{Verb: "get", Path: "/openid/v1/jwks"}, true},
		{"system:kube-scheduler", nil, resource("create", "", "pods/binding", "default"), true},
		{"system:kube-scheduler", nil, resource("create", "", "pods", "default"), false},
		{"system:kube-controller-manager", nil, resource("create", "", "serviceaccounts/token", "kube-system"), true},
		{"system:serviceaccount:kube-system:generic-garbage-collector", nil, resource("delete", "x.io", "anything", "default"), true},
		{"system:serviceaccount:kube-system:service-account-controller", nil, resource("create", "", "serviceaccounts", "default"), true},
		{"system:serviceaccount:kube-system:certificate-controller", nil, named("sign", "certificates.k8s.io", "signers", "kubernetes.io/kubelet-serving"), true},
		{"system:serviceaccount:kube-system:certificate-controller", nil, named("sign", "certificates.k8s.io", "signers", "x.io/y"), false},
		{"system:node:a", []string{"system:nodes"}, resource("list", "", "services", "default"), false}, // the Node authorizer's
	} {
		tt.a.User, tt.a.Groups = tt.user, tt.groups
		if got := policy.Authorize(tt.a).Allowed; got != tt.want {
			t.Errorf("%+v: %v", tt.a, got)
		}
	}
}

func resource(verb, group, resource, namespace string) rbac.Attributes {
	a := rbac.Attributes{Verb: verb, Group: group, Resource: resource, Namespace: namespace, IsResource: true}
	for i := range resource {
		if resource[i] == '/' {
			a.Resource, a.Subresource = resource[:i], resource[i+1:]
		}
	}
	return a
}

func named(verb, group, res, name string) rbac.Attributes {
	a := resource(verb, group, res, "")
	a.Name = name
	return a
}

func TestNodeRules(t *testing.T) {
	t.Parallel()
	if len(NodeRules()) < 20 {
		t.Errorf("%d rules", len(NodeRules()))
	}
}

func TestParseRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"clusterRoles: [{name: x, rules: [get]}]",
		"clusterRoles: [{name: x, rules: [get ; a ; b ; c ; d]}]",
		"clusterRoles: [{name: x, to: [robot y]}]",
		"clusterroles: 7",
		"other: []",
	} {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestDropTokenRequests(t *testing.T) {
	t.Parallel()
	p := Defaults()
	p.DropTokenRequests()
	for name, want := range map[string]int{"system:aggregate-to-edit": -1, "system:node": 0} {
		var before, after int
		for _, r := range Defaults().ClusterRoles {
			if r.Name == name {
				before = len(r.Rules)
			}
		}
		for _, r := range p.ClusterRoles {
			if r.Name == name {
				after = len(r.Rules)
			}
		}
		if after-before != want {
			t.Errorf("%s: %d rules, then %d", name, before, after)
		}
	}
}

// DEF-19 leaves the order of rules to the release; that of verbs is the alphabet's in all of them.
func TestVerbsOfDefaultRulesAreSorted(t *testing.T) {
	t.Parallel()
	for _, r := range Defaults().ClusterRoles {
		for _, rule := range r.Rules {
			if !slices.IsSorted(rule.Verbs) {
				t.Errorf("%s: %v", r.Name, rule.Verbs)
			}
		}
	}
}
