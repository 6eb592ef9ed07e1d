package kubemint_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// everything is a log at its most verbose.
type everything struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (e *everything) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.b.Write(b)
}

func (e *everything) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.b.String()
}

// TestNoTokenInAnyLog uses every kind of credential, good and bad, and then looks for each of them in all that a cluster says besides
// answering: its log at the most verbose level, the audit log, the stories, the metrics, the explanations and the errors.
func TestNoTokenInAnyLog(t *testing.T) {
	t.Parallel()
	log := &everything{}
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "tokens.csv")
	const static, bootstrap = "static-token-of-jane-4711", "abcdef.0123456789abcdef"
	if err := os.WriteFile(file, []byte(static+",jane,7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	audit := filepath.Join(t.TempDir(), "audit.log")
	r := start(t, kubemint.Config{
		DataDir: dir, Nodes: 1, TokenAuthFile: file, AuditLogPath: audit,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.Level(-1000), AddSource: true})),
	})
	secrets := map[string]string{"a static token": static, "a bootstrap token": strings.Split(bootstrap, ".")[1]}
	note := func(what, token string) {
		t.Helper()
		parts := strings.Split(strings.TrimSpace(token), ".")
		if len(parts) != 3 {
			t.Fatalf("%s is no token", what)
		}
		secrets[what] = parts[2] // without its signature a token is worth nothing
		secrets[what+", in a Secret"] = base64.StdEncoding.EncodeToString([]byte(token))[100:180]
	}
	if _, err := r.Admin.CoreV1().Secrets("kube-system").Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-abcdef"}, Type: "bootstrap.kubernetes.io/token",
		StringData: map[string]string{"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true"},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p := r.runPod(pod("app", ""))
	first := r.read(r.mount(p), "token")
	note("a mounted token", first)
	r.tokenSecret("hand", "default")
	legacy := r.filled("hand")
	note("a legacy token", legacy)
	byHand := r.mint("default", authenticationv1.TokenRequestSpec{})
	note("a token made by hand", byHand)
	forVault := r.mint("default", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})
	note("a token for vault", forVault)
	r.clock(`{"do":"advance","duration":"50m"}`)
	note("the token after a refresh", r.read(r.mount(p), "token"))

	var said strings.Builder // what the server says when it is asked to explain
	for _, token := range []string{static, bootstrap, first, legacy, byHand, forVault, byHand + "x"} {
		for _, path := range []string{"/api", "/api/v1/namespaces/default/secrets", "/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1&x=y"} {
			_, body := r.call(token, "GET", path, "")
			said.WriteString(body)
		}
		body, _ := json.Marshal(map[string]any{"token": token})
		_, answer := r.call("", "POST", "/kubemint/v1/tokens/inspect", string(body))
		said.WriteString(answer)
		review := r.review(token)
		fmt.Fprintf(&said, "%+v", review)
	}
	// A Secret is written, patched and applied; what its story tells must not be what it holds.
	for _, ctype := range []string{"application/merge-patch+json", "application/apply-patch+yaml"} {
		r.call("", "PATCH", "/api/v1/namespaces/default/secrets/hand?fieldManager=test&force=true",
			`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"hand","labels":{"a":"b"}}}`, "Content-Type", ctype)
	}
	_, answer := r.call("", "POST", "/kubemint/v1/tokens/inspect", `{"pod":"default/app"}`)
	said.WriteString(answer)
	_, answer = r.call("", "POST", "/kubemint/v1/keys", `{"do":"rotate"}`)
	said.WriteString(answer)
	for _, path := range []string{"/metrics", "/kubemint/v1/stories?system=true&limit=500", "/kubemint/v1/clock", "/kubemint/v1/keys", "/kubemint/v1/pods/default/app", "/api/v1/events"} {
		code, body := r.call("", "GET", path, "")
		if code != 200 {
			t.Errorf("%s: %d", path, code)
		}
		said.WriteString(body)
	}
	var stories []struct{ Number int64 }
	r.get("", "/kubemint/v1/stories?system=true&limit=500", &stories)
	if len(stories) < 50 {
		t.Errorf("only %d stories", len(stories))
	}
	for _, s := range stories {
		_, body := r.call("", "GET", fmt.Sprintf("/kubemint/v1/stories/%d", s.Number), "")
		said.WriteString(body)
	}
	for _, name := range []string{"sa.key", "ca.key"} {
		for _, line := range strings.Split(r.read(dir, "pki", name), "\n") {
			if len(line) > 40 && !strings.HasPrefix(line, "-----") {
				secrets["a line of "+name] = line
			}
		}
	}
	r.stop()
	for where, text := range map[string]string{"the log": log.String(), "the audit log": r.read(audit), "an answer": said.String()} {
		if where == "the audit log" && len(text) < 1000 {
			t.Errorf("%s is %d bytes long: nothing was looked at", where, len(text))
		}
		for what, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s holds %s, after %q", where, what, text[max(0, i-200):i])
			}
		}
	}
}
