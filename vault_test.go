package kubemint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/internal/vault/cli"
)

// vault runs the vault's command line outside of the cluster, as `kubemint vault` does.
func (r *running) vault(in string, args ...string) (out string, code int) {
	r.t.Helper()
	var both bytes.Buffer
	code = cli.Run(r.t.Context(), args, cli.Host{
		In: strings.NewReader(in), Out: &both, Err: &both, ReadFile: os.ReadFile,
		Do: func(_ context.Context, q vault.Request) (a vault.Answer, err error) {
			body, err := json.Marshal(q)
			if err != nil {
				return a, err
			}
			code, answer := r.call("", "POST", "/kubemint/v1/vault", string(body))
			if code != 200 {
				return a, fmt.Errorf("%d %s", code, answer)
			}
			return a, json.Unmarshal([]byte(answer), &a)
		},
	})
	return both.String(), code
}

// mustVault is vault for what has to work.
func (r *running) mustVault(in string, args ...string) string {
	r.t.Helper()
	out, code := r.vault(in, args...)
	if code != 0 {
		r.t.Fatalf("vault %q: code %d\n%s", args, code, out)
	}
	return out
}

// readme is what README.md says a person types: the `kubemint vault` command that begins so, and its input.
func readme(t *testing.T, begin string) (in string, args []string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		line, ok := strings.CutPrefix(line, "    kubemint vault "+begin)
		if !ok {
			continue
		}
		line, in, _ = strings.Cut(begin+line, "<<<")
		line, _, _ = strings.Cut(line, " # ")
		return strings.Trim(strings.TrimSpace(in), "'"), strings.Fields(line)
	}
	t.Fatalf("README.md has no command `kubemint vault %s`", begin)
	return "", nil
}

// TestACronJobRotatesATokenThroughTheVault: a program outside holds a token of an hour that nobody renews. A job in the cluster makes another
// one on the hour and puts it into the vault; the old one ends, the one in the vault is good.
func TestACronJobRotatesATokenThroughTheVault(t *testing.T) {
	t.Parallel()
	log := &everything{}
	dir := t.TempDir()
	r := start(t, kubemint.Config{
		DataDir: dir, Nodes: 1, Start: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), Kubectl: kubectl.Confined,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.Level(-1000)})),
	})
	if out, code := r.kubectl("apply", "-f", filepath.Join("testdata", "rotate.yaml")); code != 0 {
		t.Fatal(out)
	}
	in, args := readme(t, "policy write")
	r.mustVault(in, args...)
	in, args = readme(t, "write auth/kubernetes/role/")
	r.mustVault(in, args...)
	old, code := r.kubectl("create", "token", "deployer", "-n", "ci", "--duration=1h")
	if code != 0 {
		t.Fatal(old)
	}
	r.mustVault(old, "kv", "put", "secret/ci/deployer", "token=-")
	in, args = readme(t, "kv get")
	read := func() string {
		return strings.TrimSpace(r.mustVault(in, args...))
	}
	old = strings.TrimSpace(old)
	const work = "/apis/apps/v1/namespaces/ci/deployments"
	if code, body := r.call(read(), "GET", work, ""); read() != old || code != 200 {
		t.Fatalf("at 08:30: %d %s", code, body)
	}

	advance := func(d string) {
		if code, answer := r.call("", "POST", "/kubemint/v1/clock", `{"do":"advance","duration":"`+d+`"}`); code != 200 {
			t.Fatalf("advance: %d %s", code, answer)
		}
	}
	advance("30m")
	for end := time.Now().Add(patience); read() == old; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			out, _ := r.kubectl("describe", "pods", "-n", "ci")
			logs, _ := r.kubectl("logs", "-n", "ci", "-l", "batch.kubernetes.io/job-name")
			t.Fatalf("the vault never got another token\n%s\n%s", out, logs)
		}
	}
	if code, body := r.call(old, "GET", work, ""); code != 200 {
		t.Errorf("the old token before its end: %d %s", code, body)
	}
	advance("32m") // the old one ended at 09:30, and a minute of grace is over
	if code, _ := r.call(old, "GET", work, ""); code != 401 {
		t.Errorf("the old token after its end: %d", code)
	}
	if code, body := r.call(read(), "GET", work, ""); code != 200 {
		t.Errorf("the token from the vault: %d %s", code, body)
	}

	// An account that no role names stays outside.
	pod := r.pod("stranger", corev1.PodFailed, "busybox", "sh", "-c", "vault kv get secret/ci/deployer; vault login -method=kubernetes role=rotator")
	if s := pod.Status.ContainerStatuses[0].State.Terminated; s == nil || s.ExitCode != 2 {
		t.Errorf("the stranger ended with %+v", s)
	}
	out, _ := r.kubectl("logs", "stranger")
	if strings.Count(out, "Code: 403. Errors:") != 2 || !strings.Contains(out, "* permission denied\n") || !strings.Contains(out, "* namespace not authorized\n") {
		t.Errorf("the stranger saw\n%s", out)
	}

	// The API server knows nothing of it, and no log tells a secret.
	_, stories := r.call("", "GET", "/kubemint/v1/stories?limit=1000", "")
	fresh := read()
	for what, text := range map[string]string{"log": log.String(), "stories": stories} {
		for _, secret := range []string{old[strings.LastIndex(old, ".")+1:], fresh[strings.LastIndex(fresh, ".")+1:], vault.TokenPrefix} {
			if strings.Contains(text, secret) {
				t.Errorf("a secret is in the %s", what)
			}
		}
	}
	if i, err := os.Stat(filepath.Join(dir, "vault.json")); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", i, err)
	}
}

// TestTheVaultLogsInAsTheReviewSays: the vault asks the cluster about each login, as a user of its own whom RBAC lets ask, or not.
func TestTheVaultLogsInAsTheReviewSays(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	r.account("bot")
	r.mustVault("", "write", "auth/kubernetes/role/bot", "bound_service_account_names=bot", "bound_service_account_namespaces=default", "policies=p")
	token := r.mint("bot", authenticationv1.TokenRequestSpec{})
	login := func(token string) (string, int) {
		return r.vault("", "write", "-field=token", "auth/kubernetes/login", "role=bot", "jwt="+token)
	}
	if out, code := login(token); code != 0 || !strings.HasPrefix(out, vault.TokenPrefix) {
		t.Errorf("login: %d %s", code, out)
	}
	if out, code := login(r.mint("bot", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})); code != 2 || !strings.Contains(out, "* permission denied") {
		t.Errorf("a token for another audience: %d %s", code, out)
	}
	r.mustVault("", "write", "auth/kubernetes/role/bot", "audience=vault")
	if out, code := login(r.mint("bot", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})); code != 0 {
		t.Errorf("a token for the audience: %d %s", code, out)
	}
	if err := r.Admin.RbacV1().ClusterRoleBindings().Delete(t.Context(), "vault-auth-delegator", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if out, code := login(r.mint("bot", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})); code != 2 || !strings.Contains(out, `User "vault" cannot create resource "tokenreviews"`) {
		t.Errorf("without its binding: %d %s", code, out)
	}
	// Who may not call the panel reaches no vault.
	if code, body := r.call(token, "POST", "/kubemint/v1/vault", `{"method":"GET","path":"sys/seal-status"}`); code != 403 {
		t.Errorf("%d %s", code, body)
	}
}
