package kubemint_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kubemint/kubemint"

// TestImports holds the rules of the house: what a package may know. A name with /... stands for the packages below it as well.
func TestImports(t *testing.T) {
	t.Parallel()
	only := map[string][]string{ // libraries that stay behind one door
		"github.com/golang-jwt/jwt/v5": {"apiserver/token"},
		"go.etcd.io/bbolt":             {"storage/bolt"},
		"go.etcd.io/etcd":              {"storage/etcd"},
		module + "/storage/etcd":       {"cmd/kubemint"}, // so that a program that embeds a cluster does not get gRPC as well
		"k8s.io/kubectl":               {"internal/kubectl", "internal/kubectl/quiet"},
		module + "/internal/panel":     {""},
	}
	never := map[string][]string{ // package: what it may not import
		"storage/...":    {module + "/apiserver", module + "/rbac", module + "/kubelet", module + "/controller", "net/http", "k8s.io"},
		"rbac":           {module, "net/http"},
		"kubelet/...":    {module + "/apiserver/registry", module + "/apiserver/rest", module + "/apiserver/cache", module + "/storage"},
		"controller/...": {module + "/apiserver/registry", module + "/apiserver/rest", module + "/apiserver/cache", module + "/storage"},
		"scenario/...":   {module + "/apiserver", module + "/storage", module + "/kubelet", module + "/controller"},
		"internal/clock": {module},
		"internal/era":   {module},
	}
	for dir, imports := range packages(t) {
		for _, path := range imports {
			for library, doors := range only {
				if below(path, library) && !slices.Contains(doors, dir) {
					t.Errorf("%s imports %s, which only %v may", dir, path, doors)
				}
			}
			for rule, banned := range never {
				if root, all := strings.CutSuffix(rule, "/..."); dir != root && !(all && below(dir, root)) {
					continue
				}
				for _, b := range banned {
					own := strings.HasPrefix(path, module+"/"+dir) || strings.HasPrefix(path, module+"/"+strings.Split(dir, "/")[0]+"/") || path == module+"/"+strings.Split(dir, "/")[0]
					if below(path, b) && !own {
						t.Errorf("%s imports %s, which it may know nothing of", dir, path)
					}
				}
			}
		}
	}
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// packages lists this module's packages, by their directories, with what they import outside of tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p.Imports
	}
}
