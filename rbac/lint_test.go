package rbac

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	rbacv1 "k8s.io/api/rbac/v1"
)

func lintPolicy(t *testing.T, name string) *Policy {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/rbac/lint.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name == name {
			return mustPolicy(t, readPolicy(t, f.Data)...)
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

func TestLint(t *testing.T) {
	t.Parallel()
	exists := func(namespace, name string) bool { return namespace == "dev" && (name == "bot" || name == "default") }
	var got []string
	for _, f := range lintPolicy(t, "policy.yaml").Lint(LintOptions{AccountExists: exists}) {
		got = append(got, fmt.Sprintf("%s %d %s %s > %s", refText(f.Object), f.Rule, f.Code, strings.Join(f.Have, ","), f.Want))
	}
	want := []string{
		"ClusterRole unused -1 unused-role  > ",
		"ClusterRole unused 0 danger-approve  > ",
		"ClusterRole unused 0 danger-bind  > ",
		"ClusterRole unused 0 danger-escalate  > ",
		"ClusterRole unused 0 danger-exec  > ",
		"ClusterRole unused 0 danger-impersonate  > ",
		"ClusterRole unused 0 danger-logs  > ",
		"ClusterRole unused 0 danger-namespaces  > ",
		"ClusterRole unused 0 danger-node-proxy  > ",
		"ClusterRole unused 0 danger-nodes  > ",
		"ClusterRole unused 0 danger-secrets  > ",
		"ClusterRole unused 0 danger-tokens  > ",
		"ClusterRole unused 0 danger-volumes  > ",
		"ClusterRole unused 0 danger-webhooks  > ",
		"ClusterRole unused 0 danger-wildcard-group  > ",
		"ClusterRole unused 0 danger-wildcard-resource  > ",
		"ClusterRole unused 0 danger-wildcard-verb  > ",
		"ClusterRole unused 0 danger-workloads  > ",
		"Role dev/slips 0 wrong-group  > deployments.apps",
		"Role dev/slips 1 group-is-version apps/v1 > apps",
		"Role dev/slips 2 resource-misspelt pod > pods",
		"Role dev/slips 2 resource-misspelt svc > services",
		"Role dev/slips 2 verb-misspelt GET > get",
		"Role dev/slips 3 names-ineffective list,create > ",
		"Role dev/slips 4 subresource-glob pods/* > ",
		"Role dev/slips 6 danger-secrets  > ",
		"RoleBinding dev/dangling -1 no-subjects  > ",
		"RoleBinding dev/dangling -1 role-missing Role dev/slips > Role dev/slip",
		"RoleBinding dev/nodes -1 cluster-scoped nodes > ClusterRole nodes",
		"RoleBinding dev/nodes -1 url-ineffective /metrics > ClusterRole nodes",
		"RoleBinding dev/slips -1 account-as-user bot > dev/bot",
		"RoleBinding dev/slips -1 account-missing dev/ghost > ",
		"RoleBinding dev/slips -1 default-account dev/default > ",
		"RoleBinding dev/slips -1 everyone system:authenticated > ",
		"RoleBinding dev/slips -1 group-misspelt system:serviceaccount:dev > system:serviceaccounts:dev",
		"RoleBinding dev/slips -1 group-misspelt system:autenticated > system:authenticated",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPathsToAllRights(t *testing.T) {
	t.Parallel()
	var got []string
	for _, path := range lintPolicy(t, "paths.yaml").Paths(false) {
		line := SubjectText(path.Subject, "")
		for _, s := range path.Steps {
			line += " > " + string(s.Code)
			if s.Namespace != "" {
				line += " in " + s.Namespace
			}
			line += " by " + s.Grant.Binding.Name
			if s.Target != nil {
				line += " as " + SubjectText(*s.Target, "")
			}
		}
		got = append(got, line)
	}
	want := []string{
		"ServiceAccount ops/robot > step-admin by robots",
		"User bea > step-bind by binder",
		"Group dev > step-workload in ops by deployer as ServiceAccount ops/robot > step-admin by robots",
		"ServiceAccount ci/minter > step-token in ops by one-token as ServiceAccount ops/robot > step-admin by robots",
		"User jane > step-exec in ci by exec as ServiceAccount ci/minter > step-token in ops by one-token as ServiceAccount ops/robot > step-admin by robots",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(lintPolicy(t, "paths.yaml").Paths(true)); n != len(want)+1 {
		t.Errorf("%d paths in all", n)
	}
}

func TestWhoCan(t *testing.T) {
	t.Parallel()
	p := explainPolicy(t)
	var got []string
	for _, h := range p.WhoCan(parseQuestion(t, "_ get pods x -n dev")) {
		line := SubjectText(h.Subject, "")
		for _, g := range h.Grants {
			line += ", " + refText(g.Binding) + " to " + refText(g.Role)
		}
		got = append(got, line)
	}
	want := []string{
		"Group ops, RoleBinding dev/ops-reader to ClusterRole reader",
		"ServiceAccount default/deployer, ClusterRoleBinding everything to ClusterRole everything",
		"User jane, RoleBinding dev/reader to Role dev/reader",
		"User root, ClusterRoleBinding everything to ClusterRole everything",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCanAgreesWithAuthorize(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		d := newDice(seed)
		p := mustPolicy(t, d.world().objects()...)
		for range 20 {
			a := d.attributes()
			a.Groups = nil
			can := false
			for _, h := range p.WhoCan(a) {
				can = can || h.names(a.User)
			}
			if got := p.Authorize(a).Allowed; got != can {
				t.Fatalf("seed %d: %+v: %v, by WhoCan %v", seed, a, got, can)
			}
		}
	}
}

func (h *Holder) names(user string) bool {
	key, ok := keyOf(&h.Subject, "")
	return ok && !key.group && key.name == user
}

func TestAccess(t *testing.T) {
	t.Parallel()
	p := explainPolicy(t)
	all := []Resource{
		{"", "pods", []string{"get", "list", "delete"}}, {"", "pods/log", []string{"get"}},
		{"coordination.k8s.io", "leases", []string{"get", "create"}}, {"apps", "replicasets/scale", []string{"get"}},
	}
	want := []AccessRow{{Resource: Resource{"", "pods", []string{"get", "list"}}}}
	if diff := cmp.Diff(want, p.Access("jane", nil, "dev", all)); diff != "" {
		t.Error(diff)
	}
	want = []AccessRow{
		{Resource: Resource{Group: "coordination.k8s.io", Name: "leases"}, Named: []string{"get"}},
		{Resource: Resource{"apps", "replicasets/scale", []string{"get"}}},
	}
	if diff := cmp.Diff(want, p.Access("joe", nil, "dev", all)); diff != "" {
		t.Error(diff)
	}
}

func TestDangers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule rbacv1.PolicyRule
		want string
	}{
		{ruleOf("get", "core", "pods"), "[]"},
		{ruleOf("list", "core", "secrets"), "[danger-secrets]"},
		{ruleOf("create", "core", "pods"), "[danger-workloads]"},
		{ruleOf("create", "*", "pods/exec serviceaccounts/token"), "[danger-wildcard-group danger-exec danger-tokens]"},
		{ruleOf("escalate", "rbac.authorization.k8s.io", "roles"), "[danger-escalate]"},
		{ruleOf("impersonate", "core", "users"), "[danger-impersonate]"},
		{ruleOf("update", "apps", "*/scale"), "[danger-wildcard-resource]"},
		{rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"*"}}, "[danger-wildcard-url]"},
	} {
		if got := fmt.Sprint(Dangers(&tt.rule)); got != tt.want {
			t.Errorf("%s: %s", RuleText(tt.rule), got)
		}
	}
}
