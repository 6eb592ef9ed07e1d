package rbac

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func mustPolicy(t testing.TB, objects ...any) *Policy {
	t.Helper()
	p, err := NewPolicy(objects...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheIndexAgreesWithALinearEvaluation(t *testing.T) {
	t.Parallel()
	allowed := 0
	for seed := range uint64(800) {
		d := newDice(seed)
		w := d.world()
		p := mustPolicy(t, w.objects()...)
		for range 50 {
			a := d.attributes()
			got, want := p.Authorize(a), w.allowing(a)
			if got.Allowed != (len(want) > 0) {
				t.Fatalf("seed %d: %+v: allowed = %v, want by %v", seed, a, got.Allowed, want)
			}
			if !got.Allowed {
				continue
			}
			allowed++
			slices.SortFunc(want, func(a, b Ref) int { return strings.Compare(a.Kind+"/"+a.Name, b.Kind+"/"+b.Name) })
			if got.Binding != want[0] {
				t.Fatalf("seed %d: %+v: by %v, want the first of %v", seed, a, got.Binding, want)
			}
			if !subjectMatches(got.Subject, got.Binding.Namespace, a) {
				t.Fatalf("seed %d: %+v: subject %+v does not match", seed, a, got.Subject)
			}
			rules := w.rules(rbacv1.RoleRef{Kind: got.Role.Kind, Name: got.Role.Name}, got.Role.Namespace)
			for i := range rules[:got.Rule+1] {
				if RuleAllows(&rules[i], &a) != (i == got.Rule) {
					t.Fatalf("seed %d: %+v: rule %d is not the first that allows", seed, a, got.Rule)
				}
			}
		}
	}
	if allowed < 1000 {
		t.Fatalf("only %d questions were allowed: the vocabulary is too thin to prove anything", allowed)
	}
}

func TestUpdatesLeaveOldSnapshotsAlone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		d := newDice(seed)
		x := NewIndex()
		live := map[Ref]any{}
		var old *Policy
		var oldWorld *world
		for step := range 120 {
			if step == 60 {
				old, oldWorld = x.Snapshot(), worldOf(live)
			}
			ns, i := d.one(someNamespaces), d.IntN(5)
			var obj any
			var ref Ref
			switch d.IntN(4) {
			case 0:
				ref = Ref{KindClusterRole, "", fmt.Sprintf("r%d", i)}
				obj = &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: ref.Name}, Rules: d.rules(true)}
			case 1:
				ref = Ref{KindRole, ns, fmt.Sprintf("r%d", i)}
				obj = &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: ref.Name}, Rules: d.rules(false)}
			case 2:
				ref = Ref{KindClusterRoleBinding, "", fmt.Sprintf("b%d", i)}
				obj = d.clusterRoleBinding(ref.Name)
			case 3:
				ref = Ref{KindRoleBinding, ns, fmt.Sprintf("b%d", i)}
				obj = d.roleBinding(ns, ref.Name)
			}
			if d.IntN(3) == 0 {
				x.Delete(ref.Kind, ref.Namespace, ref.Name)
				delete(live, ref)
				continue
			}
			if err := x.Set(obj); err != nil {
				t.Fatal(err)
			}
			live[ref] = obj
		}
		for range 100 {
			a := d.attributes()
			if got, want := x.Snapshot().Authorize(a).Allowed, len(worldOf(live).allowing(a)) > 0; got != want {
				t.Fatalf("seed %d: now: %+v = %v", seed, a, got)
			}
			if got, want := old.Authorize(a).Allowed, len(oldWorld.allowing(a)) > 0; got != want {
				t.Fatalf("seed %d: the old snapshot: %+v = %v", seed, a, got)
			}
		}
	}
}

func worldOf(live map[Ref]any) *world {
	w := &world{}
	for _, obj := range live {
		switch o := obj.(type) {
		case *rbacv1.ClusterRole:
			w.clusterRoles = append(w.clusterRoles, o)
		case *rbacv1.Role:
			w.roles = append(w.roles, o)
		case *rbacv1.ClusterRoleBinding:
			w.clusterRoleBindings = append(w.clusterRoleBindings, o)
		case *rbacv1.RoleBinding:
			w.roleBindings = append(w.roleBindings, o)
		}
	}
	return w
}

func TestANewBindingNeverTakesARightAway(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		d := newDice(seed)
		w := d.world()
		p := mustPolicy(t, w.objects()...)
		more, err := p.With(d.clusterRoleBinding("new"), d.roleBinding(d.one(someNamespaces), "new"))
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if a := d.attributes(); p.Authorize(a).Allowed && !more.Authorize(a).Allowed {
				t.Fatalf("seed %d: %+v was allowed and is not any more", seed, a)
			}
		}
	}
}

func TestManyBindingsOfOneSubjectStayInOrder(t *testing.T) {
	t.Parallel()
	d := newDice(1)
	x := NewIndex()
	if err := x.Set(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "r"},
		Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}); err != nil {
		t.Fatal(err)
	}
	live := map[string]bool{}
	for range 5000 {
		name := fmt.Sprintf("b%04d", d.IntN(1500))
		if live[name] {
			x.Delete(KindRoleBinding, "red", name)
			delete(live, name)
		} else {
			if err := x.Set(&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: name},
				Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "r"}}); err != nil {
				t.Fatal(err)
			}
			live[name] = true
		}
	}
	var got, want []string
	for _, e := range x.Snapshot().entriesOf("jane", nil, "red") {
		got = append(got, e.b.Name)
	}
	for name := range live {
		want = append(want, name)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%d bindings in order, want %d", len(got), len(want))
	}
	if by := x.Snapshot().Authorize(Attributes{User: "jane", Verb: "get", Resource: "pods", Namespace: "red", IsResource: true}).Binding.Name; by != want[0] {
		t.Fatalf("allowed by %s, want %s", by, want[0])
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	read := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}
	p := mustPolicy(t,
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "reader"}, Rules: read},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: read},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "b"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}, {Kind: "ServiceAccount", Name: "bot"}},
			RoleRef:  rbacv1.RoleRef{Kind: "Role", Name: "reader"}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "all"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "ops"}, {Kind: "ServiceAccount", Name: "cat"}, {Kind: "ServiceAccount", Namespace: "x", Name: "cat"}},
			RoleRef:  rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "dangling"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "jane"}, {Kind: "User", Name: "joe"}}, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "gone"}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "dangling-too"},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: "joe"}}, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "gone"}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "zz"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "twice"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "a"}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "red", Name: "odd"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "odd"}}, RoleRef: rbacv1.RoleRef{Kind: "Rôle", Name: "a"}},
	)
	get := func(user string, groups ...string) Attributes {
		return Attributes{User: user, Groups: groups, Verb: "get", Resource: "pods", Namespace: "red", Name: "x", IsResource: true}
	}
	for _, tt := range []struct {
		name, reason string
		a            Attributes
	}{
		{"a user", `RBAC: allowed by RoleBinding "b/red" of Role "reader" to User "jane"`, get("jane")},
		{"an account of the binding's namespace", `RBAC: allowed by RoleBinding "b/red" of Role "reader" to ServiceAccount "bot/red"`, get("system:serviceaccount:red:bot")},
		{"a group", `RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "reader" to Group "ops"`, get("jane", "ops")},
		{"an account elsewhere", `RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "reader" to ServiceAccount "cat/x"`, get("system:serviceaccount:x:cat")},
		{"an account without a namespace in a ClusterRoleBinding", ``, get("system:serviceaccount:red:cat")},
		{"nobody", ``, get("nobody")},
		{"dangling twice to one role", `RBAC: role.rbac.authorization.k8s.io "gone" not found`, get("joe")},
		{"dangling to two roles", `RBAC: [clusterrole.rbac.authorization.k8s.io "a" not found, role.rbac.authorization.k8s.io "gone" not found]`, get("joe", "twice")},
		{"an unknown kind of role", `RBAC: unsupported role reference kind: "Rôle"`, get("x", "odd")},
	} {
		if got := p.Authorize(tt.a).Reason; got != tt.reason {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.reason)
		}
	}
}
