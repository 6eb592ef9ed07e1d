package kubeconfig

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzMerge: a file that anybody wrote is either left as it was or holds the new entry and can be read; taking the entry out again works.
func FuzzMerge(f *testing.F) {
	for _, s := range []string{
		"", "{}", "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {server: 'https://x'}\ncontexts:\n- name: a\n  context: {cluster: a, user: b}\ncurrent-context: a\n",
		"clusters: [null]", "users: {}", "apiVersion: v2", "clusters:\n- name: kubemint\n", "\x00", "a: &a [*a]", "contexts:\n- name: kubemint\n  context: null\n",
	} {
		f.Add([]byte(s), true)
	}
	path := filepath.Join(f.TempDir(), "config")
	access := Access{Server: "https://127.0.0.1:1", CA: []byte("ca"), DataDir: "/d", Token: "t"}
	f.Fuzz(func(t *testing.T, file []byte, current bool) {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Merge(path, access, current); err != nil {
			if after, rerr := os.ReadFile(path); rerr != nil || string(after) != string(file) {
				t.Errorf("refused (%v), but the file changed to %q (%v)", err, after, rerr)
			}
			return
		}
		if config, err := load(path); err != nil || !marked(config.Clusters["kubemint"]) || config.Contexts["kubemint"] == nil {
			t.Errorf("the entry is not there: %v", err)
		}
		if _, err := Remove(path); err != nil {
			t.Errorf("it cannot be taken out: %v", err)
		}
	})
}
