package rbac

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	rbacv1 "k8s.io/api/rbac/v1"
)

func TestTheFixAlwaysFixes(t *testing.T) {
	t.Parallel()
	kinds := map[FixKind]int{}
	for seed := range uint64(300) {
		d := newDice(seed)
		d.tame = seed%2 == 0
		w := d.world()
		p := mustPolicy(t, w.objects()...)
		for range 12 {
			a := d.attributes()
			e := p.Explain(a)
			if e.Decision.Allowed {
				if e.Fix != nil || len(e.Grants) != len(w.allowing(a)) {
					t.Fatalf("seed %d: %+v: %d grants, want %v", seed, a, len(e.Grants), w.allowing(a))
				}
				continue
			}
			if e.Fix == nil {
				t.Fatalf("seed %d: %+v: no fix", seed, a)
			}
			kinds[e.Fix.Kind]++
			// As a user would: through the YAML.
			after, err := p.With(readPolicy(t, []byte(e.Fix.YAML))...)
			if err != nil {
				t.Fatal(err)
			}
			if !after.Authorize(a).Allowed {
				t.Fatalf("seed %d: %+v is still refused after %s", seed, a, e.Fix.YAML)
			}
		}
	}
	t.Log(kinds)
	for _, kind := range []FixKind{FixNewRole, FixMissingRole, FixAddSubject} {
		if kinds[kind] == 0 {
			t.Errorf("no fix of kind %s: %v", kind, kinds)
		}
	}
}

func TestANewRoleFixGivesNothingElse(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		d := newDice(seed)
		p := mustPolicy(t, d.world().objects()...)
		a, other := d.attributes(), d.attributes()
		e := p.Explain(a)
		if e.Fix == nil || e.Fix.Kind != FixNewRole {
			continue
		}
		if len(e.Fix.Also) > 0 || len(e.Fix.Others) > 0 {
			t.Fatalf("seed %d: %+v also gives %v, to others %v", seed, a, e.Fix.Also, e.Fix.Others)
		}
		after, err := p.With(e.Fix.Objects...)
		if err != nil {
			t.Fatal(err)
		}
		if p.Authorize(other).Allowed || !after.Authorize(other).Allowed {
			continue
		}
		rule := askedRule(&a)
		if other.User != a.User || other.Namespace != a.Namespace && a.Namespace != "" || !RuleAllows(&rule, &other) {
			t.Fatalf("seed %d: the fix for %+v allows %+v", seed, a, other)
		}
	}
}

func explainPolicy(t *testing.T) *Policy {
	t.Helper()
	data, err := os.ReadFile("../testdata/rbac/explain.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return mustPolicy(t, readPolicy(t, txtar.Parse(data).Files[0].Data)...)
}

func TestNearMisses(t *testing.T) {
	t.Parallel()
	p := explainPolicy(t)
	for _, tt := range []struct {
		name, question string
		binding        string // of the closest miss
		want           []Difference
		fix            FixKind
	}{
		{"the right role in the wrong namespace", "jane get pods web -n prod", "RoleBinding dev/reader", []Difference{{OtherNamespace, []string{"dev"}, "prod"}}, FixNewRole},
		{"a verb is missing", "jane delete pods web -n dev", "RoleBinding dev/reader", []Difference{{VerbMissing, []string{"get", "list"}, "delete"}}, FixNewRole},
		{"pods are not pods/log", "jane get pods/log web -n dev", "RoleBinding dev/reader", []Difference{{SubresourceMissing, []string{"pods"}, "pods/log"}}, FixNewRole},
		{"the group apps is missing", "jane get deployments.apps web -n dev", "RoleBinding dev/reader", []Difference{{GroupMissing, []string{""}, "apps"}}, FixNewRole},
		{"a version is no group", "jane get statefulsets.apps db -n dev", "RoleBinding dev/reader", []Difference{{GroupIsVersion, []string{"apps/v1"}, "apps"}}, FixNewRole},
		{"an account of the same name elsewhere", "system:serviceaccount:ci:jenkins create deployments.apps -n ci", "RoleBinding ci/jenkins-deployer",
			[]Difference{{AccountElsewhere, []string{"default/jenkins"}, "ci/jenkins"}}, FixAddSubject},
		{"an account written as a user", "system:serviceaccount:ci:bot get configmaps x -n ci", "RoleBinding ci/bot-user", []Difference{{AccountAsUser, []string{"bot"}, "ci/bot"}}, FixAddSubject},
		{"a group without its s", "system:serviceaccount:ci:cat,system:serviceaccounts:ci get endpoints x -n ci", "RoleBinding ci/all-accounts",
			[]Difference{{SubjectMisspelt, []string{"system:serviceaccount:ci"}, "system:serviceaccounts:ci"}}, FixAddSubject},
		{"a user without the provider's prefix", "oidc:jim get endpoints x -n ci", "RoleBinding ci/all-accounts", []Difference{{SubjectMisspelt, []string{"jim"}, "oidc:jim"}}, FixAddSubject},
		{"a role that does not exist", "jane get services x -n stage", "RoleBinding stage/broken", []Difference{{RoleMissing, []string{"ClusterRole reader", "Role dev/reader"}, "Role stage/reader"}}, FixMissingRole},
		{"a RoleBinding where the cluster is asked", "jane list pods", "RoleBinding dev/reader", []Difference{{Code: ClusterBindingNeeded, Have: []string{"dev"}}}, FixNewRole},
		{"a verb in capitals", "joe get secrets x -n dev", "RoleBinding dev/slips", []Difference{{VerbMisspelt, []string{"GET"}, "get"}}, FixNewRole},
		{"a singular", "joe get services x -n dev", "RoleBinding dev/slips", []Difference{{ResourceMisspelt, []string{"service"}, "services"}}, FixNewRole},
		{"a short name", "joe get configmaps x -n dev", "RoleBinding dev/slips", []Difference{{ResourceMisspelt, []string{"cm"}, "configmaps"}}, FixNewRole},
		{"another name", "joe get leases.coordination.k8s.io b -n dev", "RoleBinding dev/slips", []Difference{{NameNotListed, []string{"a"}, "b"}}, FixNewRole},
		{"a name and a collection", "joe list leases.coordination.k8s.io -n dev", "RoleBinding dev/slips", []Difference{{NameOnCollection, []string{"a"}, "list"}}, FixNewRole},
		{"a pattern that is none", "joe get jobs.batch/status x -n dev", "RoleBinding dev/slips", []Difference{{SubresourceGlob, []string{"jobs/*"}, "jobs/status"}}, FixNewRole},
		{"only the subresource", "joe get replicasets.apps x -n dev", "RoleBinding dev/slips", []Difference{{SubresourceOnly, []string{"replicasets/scale"}, "replicasets"}}, FixNewRole},
		{"others may", "nobody get pods x -n dev", "RoleBinding dev/ops-reader", []Difference{{Code: SubjectMissing, Have: []string{"Group ops"}}}, FixNewRole},
		{"a path below", "mon get /healthz", "ClusterRoleBinding paths", []Difference{{URLNotCovered, []string{"/healthz/*"}, "/healthz"}}, FixNewRole},
		{"a path through a RoleBinding", "mona get /healthz/x", "RoleBinding dev/paths", []Difference{{Code: ClusterBindingNeeded, Have: []string{"dev"}}}, FixNewRole},
		{"nothing at all", "nobody get widgets.x.io x -n dev", "", nil, FixNewRole},
	} {
		e := p.Explain(parseQuestion(t, tt.question))
		if e.Decision.Allowed {
			t.Errorf("%s: allowed by %s", tt.name, e.Decision.Reason)
			continue
		}
		var binding string
		var diffs []Difference
		if len(e.Near) > 0 {
			binding, diffs = refText(e.Near[0].Binding), e.Near[0].Differences
		}
		if diff := cmp.Diff(tt.want, diffs); diff != "" || binding != tt.binding {
			t.Errorf("%s: %s: %s", tt.name, binding, diff)
		}
		if e.Fix == nil || e.Fix.Kind != tt.fix {
			t.Errorf("%s: fix %+v", tt.name, e.Fix)
		}
	}
}

func TestFixes(t *testing.T) {
	t.Parallel()
	p := explainPolicy(t)
	for _, tt := range []struct {
		name, question string
		commands       []string
		also           []rbacv1.PolicyRule
		others         []string
		dangers        []Code
		anyName        bool
	}{
		{"a role and a binding", "system:serviceaccount:default:dashboard-sa list pods -n default", []string{
			"kubectl create role list-pods -n default --verb=list --resource=pods",
			"kubectl create rolebinding list-pods -n default --role=list-pods --serviceaccount=default:dashboard-sa"}, nil, nil, nil, false},
		{"logs can hold passwords", "jane get pods/log web -n dev", []string{
			"kubectl create role get-pods-log -n dev --verb=get --resource=pods/log",
			"kubectl create rolebinding get-pods-log -n dev --role=get-pods-log --user=jane"}, nil, nil, []Code{DangerLogs}, true},
		{"a name that matters stays", "jane get secrets db -n dev", []string{
			"kubectl create role get-secrets -n dev --verb=get --resource=secrets --resource-name=db",
			"kubectl create rolebinding get-secrets -n dev --role=get-secrets --user=jane"}, nil, nil, []Code{DangerSecrets}, false},
		{"a taken name", "nobody get pods web -n dev", []string{
			"kubectl create role get-pods-2 -n dev --verb=get --resource=pods",
			"kubectl create rolebinding get-pods-2 -n dev --role=get-pods-2 --user=nobody"}, nil, nil, nil, true},
		{"the cluster", ",system:unauthenticated get /metrics", []string{
			"kubectl create clusterrole get-metrics --verb=get --non-resource-url=/metrics",
			"kubectl create clusterrolebinding get-metrics --clusterrole=get-metrics --group=system:unauthenticated"}, nil, nil, nil, false},
		{"a subject", "system:serviceaccount:ci:jenkins create deployments.apps -n ci", []string{
			"kubectl set subject rolebinding jenkins-deployer -n ci --serviceaccount=ci:jenkins"},
			[]rbacv1.PolicyRule{ruleOf("get list", "apps", "deployments")}, nil, []Code{DangerWorkloads}, false},
		{"a missing role", "jane get services x -n stage", []string{
			"kubectl create role reader -n stage --verb=get --resource=services"}, nil, []string{"Group ops"}, nil, true},
		{"a powerful role is not handed out for a name", "system:serviceaccount:ci:deployer get secrets x -n ci", []string{
			"kubectl create role get-secrets -n ci --verb=get --resource=secrets --resource-name=x",
			"kubectl create rolebinding get-secrets -n ci --role=get-secrets --serviceaccount=ci:deployer"}, nil, nil, []Code{DangerSecrets}, false},
		{"a subresource of a group", "jane update deployments.apps/scale web -n dev", []string{
			"kubectl create role update-deployments-scale -n dev --verb=update --resource=deployments.apps/scale",
			"kubectl create rolebinding update-deployments-scale -n dev --role=update-deployments-scale --user=jane"}, nil, nil, nil, true},
	} {
		f := p.Explain(parseQuestion(t, tt.question)).Fix
		if f == nil {
			t.Errorf("%s: no fix", tt.name)
			continue
		}
		var commands, others []string
		for _, c := range f.Commands {
			commands = append(commands, strings.Join(c, " "))
		}
		for _, o := range f.Others {
			others = append(others, SubjectText(o.Subject, ""))
		}
		if diff := cmp.Diff(tt.commands, commands); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.also, f.Also); diff != "" {
			t.Errorf("%s: also %s", tt.name, diff)
		}
		if !slices.Equal(others, tt.others) || !slices.Equal(f.Dangers, tt.dangers) || f.AnyName != tt.anyName {
			t.Errorf("%s: others %v, dangers %v, any name %v", tt.name, others, f.Dangers, f.AnyName)
		}
	}
}

func TestTheFixIsYAMLToApply(t *testing.T) {
	t.Parallel()
	f := mustPolicy(t).Explain(parseQuestion(t, "system:serviceaccount:ci:bot get pods/log web -n ci")).Fix
	const want = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: get-pods-log
  namespace: ci
rules:
- apiGroups:
  - ""
  resources:
  - pods/log
  verbs:
  - get
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: get-pods-log
  namespace: ci
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: get-pods-log
subjects:
- kind: ServiceAccount
  name: bot
  namespace: ci
`
	if diff := cmp.Diff(want, f.YAML); diff != "" {
		t.Error(diff)
	}
}

func TestGrantsNameTheNarrowestFirst(t *testing.T) {
	t.Parallel()
	e := explainPolicy(t).Explain(parseQuestion(t, "root,ops get pods x -n dev"))
	var got []string
	for _, g := range e.Grants {
		got = append(got, refText(g.Binding))
	}
	if want := []string{"RoleBinding dev/ops-reader", "ClusterRoleBinding everything"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestWorks(t *testing.T) {
	t.Parallel()
	e := explainPolicy(t).Explain(parseQuestion(t, "jane list pods"))
	if !slices.Equal(e.Works, []string{"dev"}) || e.NamedUser != 0 {
		t.Errorf("%v %d", e.Works, e.NamedUser)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	p := explainPolicy(t)
	after, err := p.With(
		roleObject("dev", "reader", []rbacv1.PolicyRule{ruleOf("get watch", "core", "pods")}),
		clusterRoleBindingObject("more", "reader-of-all", rbacv1.Subject{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "ops"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	ops := rbacv1.Subject{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "ops"}
	jane := rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "jane"}
	want := []Gain{
		{Subject: ops, Gained: []rbacv1.PolicyRule{ruleOf("get list", "core", "pods")}},
		{Subject: jane, Namespace: "dev", Gained: []rbacv1.PolicyRule{ruleOf("watch", "core", "pods")},
			Lost: []rbacv1.PolicyRule{ruleOf("list", "core", "pods"), ruleOf("get", "core", "deployments"), ruleOf("get", "apps/v1", "statefulsets")}},
	}
	if diff := cmp.Diff(want, Diff(p, after)); diff != "" {
		t.Error(diff)
	}
	back := Diff(after, p)
	if len(back) != len(want) || !cmp.Equal(back[0].Lost, want[0].Gained) {
		t.Errorf("back: %v", back)
	}
	if d := Diff(p, p); len(d) != 0 {
		t.Errorf("no change: %v", d)
	}
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		written, resource string
		want              bool
	}{
		{"pod", "pods", true}, {"Pods", "pods", true}, {"po", "pods", true}, {"Pod", "pods", true}, {"pdos", "pods", true},
		{"pods", "pods", false}, {"nodes", "pods", false}, {"roles", "rolebindings", false}, {"pod/log", "pods/log", true},
		{"pod", "pods/log", false}, {"ingress", "ingresses", true}, {"networkpolicy", "networkpolicies", true},
		{"deploy", "deployments", true}, {"depolyments", "deployments", true}, {"secrets", "services", false}, {"job", "jobs", true},
	} {
		if got := meansResource(tt.written, tt.resource); got != tt.want {
			t.Errorf("%s for %s: %v", tt.written, tt.resource, got)
		}
	}
}

func TestANearMissNamesWhoSharesItsRole(t *testing.T) {
	t.Parallel()
	p, err := explainPolicy(t).With(roleBindingObject("dev", "more", KindRole, "reader", rbacv1.Subject{Kind: "ServiceAccount", Name: "web"}))
	if err != nil {
		t.Fatal(err)
	}
	near := p.Explain(parseQuestion(t, "jane get pods/log web -n dev")).Near
	if !slices.Equal(near[0].Shared, []string{"ServiceAccount dev/web"}) {
		t.Errorf("%v", near[0].Shared)
	}
}
