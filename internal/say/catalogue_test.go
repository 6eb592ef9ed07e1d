package say

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every sentence exists in both languages and names the same parameters.
func TestNoTranslationIsMissing(t *testing.T) {
	t.Parallel()
	for code, entry := range catalogue() {
		if entry.en == "" || entry.ko == "" {
			t.Errorf("%s lacks a language: %+v", code, entry)
			continue
		}
		en, ko := names(t, code, entry.en), names(t, code, entry.ko)
		if !slices.Equal(en, ko) {
			t.Errorf("%s names %v in English and %v in Korean", code, en, ko)
		}
	}
}

// names returns the parameters of a template, sorted, each once.
func names(t *testing.T, code, template string) []string {
	t.Helper()
	template = strings.NewReplacer("{{", "", "}}", "").Replace(template)
	var found []string
	for {
		i := strings.IndexAny(template, "{}")
		if i < 0 {
			break
		}
		end := strings.IndexByte(template, '}')
		if template[i] == '}' || end < i {
			t.Errorf("%s: stray brace in %q", code, template)
			break
		}
		field := template[i+1 : end]
		name, forms, hasForms := strings.Cut(field, ":")
		if hasForms && !strings.ContainsAny(forms, "|/") || name == "" || strings.ContainsAny(name, " ,.") {
			t.Errorf("%s: malformed {%s}", code, field)
		}
		found = append(found, name)
		template = template[end+1:]
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Every code that our sources mention is in the catalogue, and every code of the
// catalogue is mentioned.
func TestEveryCodeInUse(t *testing.T) {
	t.Parallel()
	used := map[string]string{}
	prefixes := map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata" || path == filepath.Join(root, "internal", "say")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // the compiler says so better
		}
		speaks := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return strings.HasSuffix(i.Path.Value, `/internal/say"`) })
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if code, ok := firstCode(n); ok && speaks {
					used[code] = path
				}
			case *ast.ValueSpec:
				// Engines return codes and do not know this package.
				for _, code := range engineCodes(filepath.ToSlash(path), n) {
					used[code] = path
				}
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					if Knows(s) {
						used[s] = path
					} else if strings.HasSuffix(s, ".") {
						prefixes[s] = true // "kind." + name
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for code, path := range used {
		if !Knows(code) {
			t.Errorf("%s uses %q, which is not in the catalogue", path, code)
		}
	}
	for code := range catalogue() {
		if _, ok := used[code]; ok || strings.HasPrefix(code, "lang.") {
			continue
		}
		i := strings.LastIndex(code, ".")
		if !prefixes[code[:i+1]] {
			t.Errorf("%q is in the catalogue and used nowhere", code)
		}
	}
}

// engineCodes are the codes that a declaration of an engine stands for: constants
// called Code… or Advice… as they are; rbac's near misses and dangers, which have
// no dots, under a prefix of ours.
func engineCodes(path string, spec *ast.ValueSpec) []string {
	var codes []string
	for i, name := range spec.Names {
		if i >= len(spec.Values) {
			break
		}
		literal, ok := spec.Values[i].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			continue
		}
		switch {
		case strings.HasSuffix(path, "/rbac/danger.go") && strings.HasPrefix(value, "danger-"):
			codes = append(codes, "danger."+strings.TrimPrefix(value, "danger-"))
		case strings.HasSuffix(path, "/rbac/difference.go") && !strings.Contains(value, "."):
			codes = append(codes, "near."+value)
		case (strings.HasPrefix(name.Name, "Code") || strings.HasPrefix(name.Name, "Advice")) && strings.Contains(value, "."):
			codes = append(codes, value)
		}
	}
	return codes
}

// firstCode returns the literal code in a call like s.Say("x.y", …),
// say.Failure("x.y", …).
func firstCode(call *ast.CallExpr) (string, bool) {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return "", false
	}
	switch selector.Sel.Name {
	case "Say", "Failure", "say", "sayf":
	default:
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	code, err := strconv.Unquote(literal.Value)
	return code, err == nil
}
