package why_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
	"github.com/kubemint/kubemint/rbac"
)

func metaIn(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// access is what the cluster tells of somebody's rights.
func access(p *rbac.Policy, user, namespace string, groups ...string) *told.Access {
	all := []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	a := &told.Access{User: user, Groups: groups, Namespace: namespace, Bindings: p.Links(user, groups)}
	a.Rows = p.Access(user, groups, namespace, []rbac.Resource{{Name: "pods", Verbs: all}, {Name: "configmaps", Verbs: all}, {Name: "secrets", Verbs: all},
		{Group: "apps", Name: "deployments", Verbs: all}, {Name: "users", Verbs: []string{"impersonate"}},
		{Group: "a-rather-long-group.example.com", Name: "with-a-long-name", Verbs: all}})
	rules, _ := p.RulesFor(user, groups, namespace)
	for _, r := range rules {
		if len(r.NonResourceURLs) > 0 {
			a.URLs = append(a.URLs, r)
		}
	}
	a.Dangers = rbac.AllDangers(rules)
	return a
}

func TestAccess(t *testing.T) {
	t.Parallel()
	p := policy(t)
	node := access(p, "system:node:node-1", "")
	node.By = told.ByNode
	elsewhere := access(p, "sam", "slips")
	rules, _ := p.RulesFor("sam", nil, "slips")
	elsewhere.Elsewhere = rules[:1]
	for name, a := range map[string]*told.Access{
		"access-reader": access(p, account("ci", "bot"), "ci"), "access-everything": access(p, account("ops", "boss"), "ops"),
		"access-named": elsewhere, "access-nothing": access(p, "nobody", "ci"), "access-dangling": access(p, "jane", "ci"),
		"access-everywhere": access(p, "ann", "", "owners"), "access-node": node, "access-masters": {User: "kubernetes-admin", By: told.ByMasters},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			for _, language := range say.Languages() {
				short := why.Access(a, nil, say.In(language), why.Options{})
				whole := why.Access(a, nil, say.In(language), why.Options{All: true})
				check(t, language, short, whole)
				out.WriteString("-- " + string(language) + " --\n" + strings.Join(short, "\n") + "\n-- " + string(language) + " -v --\n" + strings.Join(whole, "\n") + "\n")
			}
			golden(t, name, out.String())
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	of := func(st *told.Story, session string) told.Story {
		st.Session, st.Command = session, "kubectl apply"
		return *st
	}
	version := sent(3, 200, "", told.Request{Verb: "get"})
	version.Path = "/version"
	acting := sent(4, 200, "jane", in("ci", "list", "pods"))
	acting.Real = "kubernetes-admin"
	long := sent(123456, 403, account("a-namespace-of-some-length", "an-account-of-some-length"), in("a-namespace-of-some-length", "create", "customresourcedefinitions.apiextensions.k8s.io", named("한글-이름-이-있는-것")))
	list := []told.Story{
		*sent(1, 403, account("ci", "bot"), in("ci", "list", "pods")), *sent(2, 200, "kubernetes-admin", in("", "list", "pods")), *version, *acting, *long,
		of(sent(7, 404, "jane", in("ci", "get", "deployments.apps", named("web"))), "s"), of(sent(8, 201, "jane", in("ci", "create", "deployments.apps")), "s"),
		of(sent(9, 200, "jane", in("", "list", "nodes", outside)), "alone"),
	}
	var out strings.Builder
	for _, language := range say.Languages() {
		lines := why.Lines(list, say.In(language))
		check(t, language, nil, lines)
		out.WriteString("-- " + string(language) + " --\n" + strings.Join(lines, "\n") + "\n")
	}
	golden(t, "list", out.String())
}

// A page has a colour where it is asked for, and says the same without.
func TestOnlyTheVerdictIsPainted(t *testing.T) {
	t.Parallel()
	page := stories(t)["denied-nothing"](why.Options{})
	plain := page.Render(say.In(say.English), nil)
	painted := page.Render(say.In(say.English), func(s string) string { return "<" + s + ">" })
	if len(plain) != len(painted) || !strings.HasPrefix(painted[0], "<DENIED 403  list pods, namespace default>") || !strings.HasSuffix(painted[0], "#41") {
		t.Errorf("painted: %q", painted[0])
	}
	for i := 1; i < len(plain); i++ {
		if plain[i] != painted[i] {
			t.Errorf("line %d is painted: %q", i, painted[i])
		}
	}
}

// Every code that the engine can find has a sentence.
func TestEveryFindingHasASentence(t *testing.T) {
	t.Parallel()
	lint := []string{"role-missing", "group-is-version", "subresource-glob", "verb-misspelt", "resource-misspelt", "account-as-user"}
	for file, prefixes := range map[string][]string{"lint.go": {"lint."}, "paths.go": {"path.", "path-to."}} {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "rbac", file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if id, isID := spec.Type.(*ast.Ident); !ok || !isID || id.Name != "Code" {
				return true
			}
			code, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			n++
			known := false
			for _, prefix := range prefixes {
				known = known || say.Knows(prefix+strings.TrimPrefix(code, "step-"))
			}
			if !known {
				t.Errorf("%s of %s has no sentence", code, file)
			}
			return true
		})
		if n < 8 {
			t.Errorf("only %d codes were found in %s", n, file)
		}
	}
	for _, code := range lint {
		if !say.Knows("lint." + code) {
			t.Errorf("lint.%s has no sentence", code)
		}
	}
}

func BenchmarkStory(b *testing.B) {
	p := policy(b)
	st := sent(1, 403, account("ci", "bot"), in("ci", "get", "pods/log", named("web")))
	e := explained(p, st.User, st.Request, "")
	speaker := say.In(say.Korean)
	b.ReportAllocs()
	for b.Loop() {
		why.Story(st, e, why.Options{}).Render(speaker, nil)
	}
}
