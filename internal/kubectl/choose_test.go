package kubectl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubemint/kubemint/internal/kubeconfig"
)

const foreignConfig = `apiVersion: v1
kind: Config
clusters:
- {name: production, cluster: {server: "https://real.example"}}
contexts:
- {name: production, context: {cluster: production, user: me}}
users:
- {name: me, user: {token: secret}}
current-context: production
`

// A kubeconfig in the environment counts only if it leads to a cluster of ours (D14).
func TestChoose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	if err := os.WriteFile(foreign, []byte(foreignConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	ours := filepath.Join(dir, "ours")
	if err := (kubeconfig.Access{Server: "https://127.0.0.1:6443", Token: "t"}).Write(ours); err != nil {
		t.Fatal(err)
	}
	both := foreign + string(filepath.ListSeparator) + ours
	tests := map[string]struct {
		environment string
		args        []string
		use         string
		ignored     bool
	}{
		"nothing in the environment": {"", nil, "own", false},
		"our file":                   {ours, nil, "", false},
		"another's file":             {foreign, nil, "own", true},
		"a missing file":             {filepath.Join(dir, "none"), nil, "own", true},
		"a list whose current context is foreign": {both, nil, "own", true},
		"a list and our context by flag":          {both, []string{"get", "pods", "--context", "kubemint"}, "", false},
		"our cluster by flag":                     {both, []string{"--cluster=kubemint", "get", "pods"}, "", false},
		"a foreign context by flag":               {both, []string{"--context=production", "get", "pods"}, "own", true},
		"a file by flag":                          {foreign, []string{"get", "--kubeconfig", foreign}, "", false},
		"a flag behind two dashes is not ours":    {foreign, []string{"exec", "p", "--", "x", "--kubeconfig=y"}, "own", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use, ignored := choose(test.args, "own", test.environment)
			if use != test.use || ignored != test.ignored {
				t.Errorf("choose() = %q, %v, want %q, %v", use, ignored, test.use, test.ignored)
			}
		})
	}
}
