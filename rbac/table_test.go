package rbac

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// TestTables asks the questions of testdata/rbac/*.txtar. A question reads
//
//	USER[,GROUP…] VERB RESOURCE[.GROUP][/SUBRESOURCE]|/PATH [NAME] [-n NAMESPACE] => yes|no [REASON]
func TestTables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/rbac/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var p *Policy
			for _, f := range archive.Files {
				switch f.Name {
				case "policy.yaml":
					p = mustPolicy(t, readPolicy(t, f.Data)...)
				case "questions":
					for line := range strings.Lines(string(f.Data)) {
						ask(t, p, strings.TrimSpace(line))
					}
				}
			}
		})
	}
}

func ask(t *testing.T, p *Policy, line string) {
	t.Helper()
	question, want, ok := strings.Cut(line, " => ")
	if !ok {
		if line != "" {
			t.Errorf("not a question: %s", line)
		}
		return
	}
	d := p.Authorize(parseQuestion(t, question))
	answer, reason, withReason := strings.Cut(want, " ")
	if d.Allowed != (answer == "yes") {
		t.Errorf("%s: allowed = %v (%s)", line, d.Allowed, d.Reason)
	}
	if (withReason || !d.Allowed) && d.Reason != reason {
		t.Errorf("%s: %s", line, d.Reason)
	}
}

func parseQuestion(t *testing.T, question string) Attributes {
	t.Helper()
	fields := strings.Fields(question)
	if len(fields) < 3 {
		t.Fatalf("question %q", question)
	}
	who := strings.Split(fields[0], ",")
	a := Attributes{User: who[0], Groups: who[1:], Verb: fields[1]}
	if strings.HasPrefix(fields[2], "/") {
		a.Path = fields[2]
		return a
	}
	a.IsResource = true
	a.Resource, a.Subresource, _ = strings.Cut(fields[2], "/")
	a.Resource, a.Group, _ = strings.Cut(a.Resource, ".")
	for rest := fields[3:]; len(rest) > 0; rest = rest[1:] {
		if rest[0] == "-n" && len(rest) > 1 {
			a.Namespace = rest[1]
			rest = rest[1:]
		} else {
			a.Name = rest[0]
		}
	}
	return a
}

// readPolicy decodes YAML documents of the four kinds.
func readPolicy(t testing.TB, data []byte) []any {
	t.Helper()
	var out []any
	for doc := range strings.SplitSeq(string(data), "\n---\n") {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(doc), &kind); err != nil {
			t.Fatal(err)
		}
		var obj any
		switch kind.Kind {
		case KindRole:
			obj = &rbacv1.Role{}
		case KindClusterRole:
			obj = &rbacv1.ClusterRole{}
		case KindRoleBinding:
			obj = &rbacv1.RoleBinding{}
		case KindClusterRoleBinding:
			obj = &rbacv1.ClusterRoleBinding{}
		default:
			t.Fatalf("kind %q", kind.Kind)
		}
		if err := yaml.UnmarshalStrict([]byte(doc), obj); err != nil {
			t.Fatal(err)
		}
		out = append(out, obj)
	}
	return out
}

// Vectors TV-24 to TV-27: what may be handed out.
func TestCoverVectors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id           string
		held, wanted []rbacv1.PolicyRule
		want         bool
	}{
		{"TV-24", []rbacv1.PolicyRule{ruleOf("get list watch create update patch delete deletecollection", "core", "pods")}, []rbacv1.PolicyRule{ruleOf("*", "core", "pods")}, false},
		{"TV-25", []rbacv1.PolicyRule{ruleOf("get", "core", "pods"), ruleOf("list", "core", "pods")}, []rbacv1.PolicyRule{ruleOf("get list", "core", "pods")}, true},
		{"TV-26", []rbacv1.PolicyRule{ruleOf("get", "core", "*")}, []rbacv1.PolicyRule{ruleOf("get", "core", "pods/log")}, true},
		{"TV-27", []rbacv1.PolicyRule{ruleOf("get", "core", "pods", "a")}, []rbacv1.PolicyRule{ruleOf("get", "core", "pods")}, false},
	} {
		if got, missing := Covers(tt.held, tt.wanted); got != tt.want {
			t.Errorf("%s: %v, missing %v", tt.id, got, missing)
		}
	}
}

func FuzzAuthorize(f *testing.F) {
	data, err := os.ReadFile("../testdata/rbac/mistakes.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if question, _, ok := strings.Cut(line, " => "); ok {
			f.Add(strings.Fields(question)[0], strings.Fields(question)[1], strings.Fields(question)[2], "")
		}
	}
	f.Add("jane", "get", "a/b/c", "*")
	w := newDice(7).world()
	p := mustPolicy(f, w.objects()...)
	f.Fuzz(func(t *testing.T, user, verb, what, name string) {
		for _, a := range []Attributes{
			{User: user, Groups: []string{name, "dev"}, Verb: verb, Path: what},
			{User: user, Groups: []string{"system:authenticated"}, Verb: verb, Resource: what, Name: name, Namespace: "red", IsResource: true},
			{User: user, Verb: verb, Group: name, Resource: "pods", Subresource: what, Namespace: name, IsResource: true},
		} {
			if got, want := p.Authorize(a).Allowed, len(w.allowing(a)) > 0; got != want {
				t.Fatalf("%+v: %v, want %v", a, got, want)
			}
		}
	})
}
