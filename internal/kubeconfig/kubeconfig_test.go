package kubeconfig

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

const foreign = `apiVersion: v1
kind: Config
clusters:
- {name: production, cluster: {server: "https://real.example"}}
contexts:
- {name: production, context: {cluster: production, user: me}}
users:
- {name: me, user: {token: secret}}
current-context: production
`

func TestWriteMarksTheClusterAndIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	access := Access{Server: "https://127.0.0.1:6443", CA: []byte("ca"), Token: "t", DataDir: "/data", Namespace: "shop"}
	if err := access.Write(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode().Perm())
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := config.Clusters["kubemint"].Extensions[Extension]; !ok {
		t.Errorf("cluster entry has no extension %s", Extension)
	}
	if config.Contexts[config.CurrentContext].Namespace != "shop" {
		t.Errorf("namespace is %q, want shop", config.Contexts[config.CurrentContext].Namespace)
	}
}

// kubectl with certificate and token sends both and the certificate wins (D14).
func TestTwoIdentitiesAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := (Access{Token: "t", Certificate: []byte("c")}).Bytes(); err == nil {
		t.Error("a kubeconfig with certificate and token was made")
	}
}

func TestMergeAndRemoveLeaveOthersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sub", "config")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Merge(path, Access{Server: "https://127.0.0.1:6443", Token: "t"}, false); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if config.CurrentContext != "production" {
		t.Errorf("merging switched the current context to %q", config.CurrentContext)
	}
	if len(config.Clusters) != 2 {
		t.Errorf("%d clusters after the merge, want 2", len(config.Clusters))
	}
	removed, err := Remove(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(removed, ","); got != "kubemint" {
		t.Errorf("removed %q, want kubemint", got)
	}
	config, err = clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(config.Clusters) != 1 || len(config.Contexts) != 1 || len(config.AuthInfos) != 1 {
		t.Errorf("left %d clusters, %d contexts, %d users, want one of each", len(config.Clusters), len(config.Contexts), len(config.AuthInfos))
	}
}

func TestMergeRefusesToReplaceAnotherCluster(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Merge(path, Access{Name: "production", Server: "https://127.0.0.1:6443"}, true)
	if !errors.Is(err, ErrForeign) {
		t.Errorf("Merge() = %v, want ErrForeign", err)
	}
	if after, _ := os.ReadFile(path); string(after) != foreign {
		t.Error("the file changed")
	}
}
