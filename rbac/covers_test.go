package rbac

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestCoversIsReflexiveAndTransitive(t *testing.T) {
	t.Parallel()
	transitive := 0
	for seed := range uint64(5000) {
		d := newDice(seed)
		a := d.rules(true)
		if ok, missing := Covers(a, a); !ok {
			t.Fatalf("seed %d: %v does not cover itself: %v", seed, a, missing)
		}
		b := d.weaken(a)
		c := d.weaken(b)
		ab, _ := Covers(a, b)
		bc, _ := Covers(b, c)
		if !ab || !bc {
			continue
		}
		if len(b) > 0 && len(c) > 0 {
			transitive++
		}
		if ok, missing := Covers(a, c); !ok {
			t.Fatalf("seed %d: %v covers %v covers %v, yet lacks %v", seed, a, b, c, missing)
		}
	}
	if transitive < 1000 {
		t.Fatalf("only %d chains", transitive)
	}
}

func TestWhatIsCoveredAllowsNoMore(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		d := newDice(seed)
		owner, wanted := d.rules(true), d.rules(true)
		if ok, _ := Covers(owner, wanted); !ok {
			continue
		}
		own, want := NewRuleSet(owner), NewRuleSet(wanted)
		for range 30 {
			a := d.attributes()
			_, wantOK := want.Allows(a)
			if _, ok := own.Allows(a); wantOK && !ok {
				t.Fatalf("seed %d: %+v by %v, not by %v", seed, a, wanted, owner)
			}
		}
	}
}

func ruleOf(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: strings.Fields(verbs), APIGroups: strings.Fields(groups), Resources: strings.Fields(resources), ResourceNames: names}
	for i, g := range r.APIGroups {
		if g == "core" {
			r.APIGroups[i] = ""
		}
	}
	return r
}

func TestConfirmNoEscalation(t *testing.T) {
	t.Parallel()
	held := []rbacv1.PolicyRule{
		ruleOf("get list watch create update patch delete deletecollection", "core", "pods"),
		ruleOf("get", "core", "secrets", "a"),
		ruleOf("get", "apps", "*"),
		ruleOf("update", "*", "*/scale"),
		{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz/*"}},
	}
	p := mustPolicy(t,
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "r"}, Rules: held},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "b"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "r"}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "joe"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "gone"}},
	)
	for _, tt := range []struct {
		name   string
		user   string
		groups []string
		wanted []rbacv1.PolicyRule
		want   string
	}{
		{"what is held", "jane", nil, []rbacv1.PolicyRule{ruleOf("get list", "core", "pods"), ruleOf("get", "core", "secrets", "a"), ruleOf("get", "apps", "deployments/status"), ruleOf("update", "x.io", "things/scale"),
			{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz/*", "/healthz/etcd"}}}, ""},
		{"a star is not eight verbs", "jane", []string{"dev", "ops"}, []rbacv1.PolicyRule{ruleOf("*", "core", "pods")},
			"user \"jane\" (groups=[\"dev\" \"ops\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"*\"]}"},
		{"a name is not all names", "jane", nil, []rbacv1.PolicyRule{ruleOf("get list", "core", "secrets"), ruleOf("get", "core", "secrets", "a", "b")},
			"user \"jane\" (groups=[]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], ResourceNames:[\"b\"], Verbs:[\"get\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\"]}"},
		{"URLs", "jane", nil, []rbacv1.PolicyRule{{Verbs: []string{"get", "post"}, NonResourceURLs: []string{"/healthz", "/healthz/x"}}},
			"user \"jane\" (groups=[]) is attempting to grant RBAC permissions not currently held:\n{NonResourceURLs:[\"/healthz\"], Verbs:[\"get\"]}\n{NonResourceURLs:[\"/healthz\"], Verbs:[\"post\"]}\n{NonResourceURLs:[\"/healthz/x\"], Verbs:[\"post\"]}"},
		{"with a dangling binding", "joe", nil, []rbacv1.PolicyRule{ruleOf("get", "core", "pods")},
			"user \"joe\" (groups=[]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}; resolution errors: [clusterrole.rbac.authorization.k8s.io \"gone\" not found]"},
		{"several groups at once", "jane", nil, []rbacv1.PolicyRule{ruleOf("create get", "apps batch", "jobs")},
			"user \"jane\" (groups=[]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"apps\"], Resources:[\"jobs\"], Verbs:[\"create\"]}\n{APIGroups:[\"batch\"], Resources:[\"jobs\"], Verbs:[\"create\" \"get\"]}"},
	} {
		err := p.ConfirmNoEscalation(tt.user, tt.groups, "", tt.wanted)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestARuleOfBillionsOfRightsIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	many := func(prefix string) []string {
		var out []string
		for i := range 1500 {
			out = append(out, fmt.Sprint(prefix, i))
		}
		return out
	}
	huge := rbacv1.PolicyRule{Verbs: many("v"), APIGroups: many("g"), Resources: many("r")}
	if err := mustPolicy(t).ConfirmNoEscalation("jane", nil, "", []rbacv1.PolicyRule{huge}); err == nil {
		t.Error("not refused")
	}
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	selector := func(key string) metav1.LabelSelector {
		return metav1.LabelSelector{MatchLabels: map[string]string{key: "true"}}
	}
	pods, secrets, nodes := ruleOf("get", "core", "pods"), ruleOf("get", "core", "secrets"), ruleOf("get", "core", "nodes")
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "sum", Labels: map[string]string{"b": "true"}}, Rules: []rbacv1.PolicyRule{nodes},
		AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{selector("b"), selector("a")}}}
	all := []*rbacv1.ClusterRole{
		role,
		{ObjectMeta: metav1.ObjectMeta{Name: "z", Labels: map[string]string{"b": "true"}}, Rules: []rbacv1.PolicyRule{pods}},
		{ObjectMeta: metav1.ObjectMeta{Name: "y", Labels: map[string]string{"b": "true", "a": "true"}}, Rules: []rbacv1.PolicyRule{secrets, pods}},
		{ObjectMeta: metav1.ObjectMeta{Name: "x", Labels: map[string]string{"a": "true"}}, Rules: []rbacv1.PolicyRule{nodes}},
		{ObjectMeta: metav1.ObjectMeta{Name: "w"}, Rules: []rbacv1.PolicyRule{ruleOf("*", "*", "*")}},
	}
	rules, changed, err := Aggregate(role, all)
	if diff := cmp.Diff([]rbacv1.PolicyRule{secrets, pods, nodes}, rules); diff != "" || !changed || err != nil {
		t.Errorf("%s %v %v", diff, changed, err)
	}
	role.Rules = rules
	if _, changed, _ := Aggregate(role, all); changed {
		t.Error("changed by itself")
	}
	role.AggregationRule.ClusterRoleSelectors[0].MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "x", Operator: "Nearly"}}
	if _, _, err := Aggregate(role, all); err == nil {
		t.Error("a bad selector is no error")
	}
}
