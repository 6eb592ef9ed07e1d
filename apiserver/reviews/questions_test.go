package reviews

import (
	"slices"
	"testing"

	"github.com/kubemint/kubemint/rbac"
)

func TestQuestions(t *testing.T) {
	t.Parallel()
	x := testAccess(t)
	q := Question{User: "joe", Verb: "list", Resource: "pods", Namespace: "red"}
	if e := x.Explain(q, nil); e.Decision.Allowed || e.Fix == nil || e.Near[0].Differences[0].Code != rbac.SubjectMissing {
		t.Errorf("%+v", e)
	}
	q.Groups = []string{"dev"}
	if e := x.Explain(q, nil); !e.Decision.Allowed || e.By != "rbac" || e.Grants[0].Binding.Name != "pods" {
		t.Errorf("%+v", e)
	}
	if who := x.WhoCan(q); len(who) != 1 || who[0].Subject.Name != "dev" {
		t.Errorf("%+v", who)
	}
	rows := x.Matrix(q, []rbac.Resource{{Name: "pods", Verbs: []string{"get", "list"}}, {Name: "secrets", Verbs: []string{"get"}}})
	if len(rows) != 1 || !slices.Equal(rows[0].Verbs, []string{"list"}) {
		t.Errorf("%+v", rows)
	}
	d, err := x.Diff([]byte(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: more}
roleRef: {kind: Role, name: pods}
subjects: [{kind: User, name: joe}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
`), "red")
	if err != nil || len(d.Gains) != 1 || d.Gains[0].Subject.Name != "joe" || d.Gains[0].Namespace != "red" || !slices.Equal(d.Skipped, []string{"ConfigMap"}) {
		t.Errorf("%+v %v", d, err)
	}
	if _, err := x.Diff([]byte("kind: ["), ""); err == nil {
		t.Error("a broken manifest is no error")
	}
}

func TestWhoIsAskedAbout(t *testing.T) {
	t.Parallel()
	for user, want := range map[string][]string{
		"jane":                       {"system:authenticated"},
		"system:anonymous":           {"system:unauthenticated"},
		"system:serviceaccount:a:b":  {"system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"},
		"system:serviceaccount:a:b:": {"system:authenticated"},
	} {
		q := Question{User: user}
		if got := q.Who().Groups; !slices.Equal(got, want) {
			t.Errorf("%s: %v", user, got)
		}
	}
}
