package vault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/internal/vault"
)

// open is a vault whose cluster knows the tokens "jwt-of-NAMESPACE:NAME" and, for the audience vault alone, "aud-of-NAMESPACE:NAME".
func open(t *testing.T, path string, now *time.Time) *vault.Vault {
	t.Helper()
	v, err := vault.Open(vault.Config{
		Path: path, Now: func() time.Time { return *now },
		Review: func(_ context.Context, token string, audiences []string) (vault.Reviewed, error) {
			prefix := "jwt-of-"
			if len(audiences) > 0 && audiences[0] == "vault" {
				prefix = "aud-of-"
			}
			if token == "broken" {
				return vault.Reviewed{}, errors.New("the API server is away")
			}
			account, ok := strings.CutPrefix(token, prefix)
			return vault.Reviewed{Authenticated: ok, User: "system:serviceaccount:" + account, UID: "u-1"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func start() *time.Time {
	now := time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)
	return &now
}

// operate is a request of whoever runs the vault, as it comes over the wire.
func operate(t *testing.T, v *vault.Vault, q vault.Request) vault.Answer {
	t.Helper()
	return wire(t, v.Operate(t.Context(), q))
}

func wire(t *testing.T, a vault.Answer) vault.Answer {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var out vault.Answer
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func put(path string, kv ...any) vault.Request {
	data := map[string]any{}
	for i := 0; i+1 < len(kv); i += 2 {
		data[kv[i].(string)] = kv[i+1]
	}
	if strings.HasPrefix(path, "secret/data/") {
		data = map[string]any{"data": data}
	}
	return vault.Request{Method: "PUT", Path: path, Data: data}
}

func get(path string) vault.Request { return vault.Request{Method: "GET", Path: path} }

func TestSecretsHaveVersionsOnTheClustersClock(t *testing.T) {
	t.Parallel()
	now := start()
	v := open(t, "", now)
	for i := 1; i <= 12; i++ {
		*now = now.Add(time.Hour)
		a := operate(t, v, put("secret/data/ci", "token", fmt.Sprintf("t%d", i)))
		if a.Code != 200 || a.Data["version"] != float64(i) || a.Data["created_time"] != now.Format(time.RFC3339Nano) {
			t.Fatalf("put %d: %+v", i, a)
		}
	}
	read := func(version int) (int, any) {
		q := get("secret/data/ci")
		q.Version = version
		a := operate(t, v, q)
		if d, ok := a.Data["data"].(map[string]any); ok {
			return a.Code, d["token"]
		}
		return a.Code, nil
	}
	for _, tc := range []struct {
		version, code int
		want          any
	}{{0, 200, "t12"}, {12, 200, "t12"}, {3, 200, "t3"}, {2, 404, nil}, {13, 404, nil}, {-1, 404, nil}} { // ten are kept
		if code, got := read(tc.version); code != tc.code || got != tc.want {
			t.Errorf("version %d: %d %v, want %d %v", tc.version, code, got, tc.code, tc.want)
		}
	}
	if a := operate(t, v, vault.Request{Method: "DELETE", Path: "secret/data/ci"}); a.Code != 204 {
		t.Errorf("delete: %+v", a)
	}
	if code, got := read(0); code != 200 || got != nil {
		t.Errorf("after the delete: %d %v", code, got)
	}
	if code, got := read(11); code != 200 || got != "t11" {
		t.Errorf("the version before: %d %v", code, got)
	}
	cas := put("secret/data/ci", "token", "x")
	for _, tc := range []struct{ cas, code int }{{11, 400}, {0, 400}, {12, 200}} {
		cas.Data["options"] = map[string]any{"cas": tc.cas}
		if a := operate(t, v, cas); a.Code != tc.code {
			t.Errorf("cas %d: %+v", tc.cas, a)
		}
	}
}

func TestListShowsOneLevel(t *testing.T) {
	t.Parallel()
	v := open(t, "", start())
	for _, p := range []string{"b", "a/x", "a/y", "a"} {
		operate(t, v, put("secret/data/"+p, "k", "v"))
	}
	for path, want := range map[string][]any{
		"secret/metadata": {"a", "a/", "b"}, "secret/metadata/": {"a", "a/", "b"}, "secret/metadata/a": {"x", "y"}, "secret/metadata/none": nil,
	} {
		a := operate(t, v, vault.Request{Method: "LIST", Path: path})
		got, _ := a.Data["keys"].([]any)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}

// withRole has a role that any test may log in to.
func withRole(t *testing.T, v *vault.Vault, policy string, kv ...any) {
	t.Helper()
	if a := operate(t, v, put("sys/policies/acl/p", "policy", policy)); a.Code != 204 {
		t.Fatalf("policy: %+v", a)
	}
	kv = append([]any{"bound_service_account_names", "bot,helper", "bound_service_account_namespaces", "ci", "policies", "p", "ttl", "10m"}, kv...)
	if a := operate(t, v, put("auth/kubernetes/role/r", kv...)); a.Code != 204 {
		t.Fatalf("role: %+v", a)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		role     []any
		login    []any
		code     int
		contains string
	}{
		"as bound":              {nil, []any{"role", "r", "jwt", "jwt-of-ci:bot\n"}, 200, ""},
		"another name":          {nil, []any{"role", "r", "jwt", "jwt-of-ci:other"}, 403, "service account name not authorized"},
		"another namespace":     {nil, []any{"role", "r", "jwt", "jwt-of-default:bot"}, 403, "namespace not authorized"},
		"any name":              {[]any{"bound_service_account_names", "*"}, []any{"role", "r", "jwt", "jwt-of-ci:other"}, 200, ""},
		"refused by the review": {nil, []any{"role", "r", "jwt", "nonsense"}, 403, "permission denied"},
		"no answer":             {nil, []any{"role", "r", "jwt", "broken"}, 500, "the API server is away"},
		"no role":               {nil, []any{"jwt", "x"}, 400, "missing role"},
		"no such role":          {nil, []any{"role", "q", "jwt", "x"}, 400, `invalid role name "q"`},
		"no jwt":                {nil, []any{"role", "r"}, 400, "missing jwt"},
		"for the audience":      {[]any{"audience", "vault"}, []any{"role", "r", "jwt", "aud-of-ci:bot"}, 200, ""},
		"for another audience":  {[]any{"audience", "vault"}, []any{"role", "r", "jwt", "jwt-of-ci:bot"}, 403, "permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := open(t, "", start())
			withRole(t, v, `path "x" { capabilities = ["read"] }`, tc.role...)
			a := wire(t, v.Do(t.Context(), put("auth/kubernetes/login", tc.login...)))
			if a.Code != tc.code || !strings.Contains(strings.Join(a.Errors, " "), tc.contains) {
				t.Fatalf("%+v, want %d %q", a, tc.code, tc.contains)
			}
			if (a.Auth != nil) != (tc.code == 200) || a.Auth != nil && !strings.HasPrefix(a.Auth.Token, vault.TokenPrefix) {
				t.Errorf("auth %+v", a.Auth)
			}
		})
	}
}

func TestPoliciesDecide(t *testing.T) {
	t.Parallel()
	now := start()
	v := open(t, "", now)
	operate(t, v, put("secret/data/old", "k", "v"))
	operate(t, v, put("secret/data/team/a/pw", "k", "v"))
	withRole(t, v, `
# comments are passed over
path "secret/data/new" { capabilities = ["create"] }
path "secret/data/old" { capabilities = ["read", "update"] }
path "secret/data/team/*" { capabilities = ["read"] }
path "secret/data/team/+/pw" { capabilities = ["deny", "read"] }
path "secret/metadata/" { capabilities = ["list"] }
`)
	in := v.Do(t.Context(), put("auth/kubernetes/login", "role", "r", "jwt", "jwt-of-ci:helper"))
	if in.Auth == nil {
		t.Fatalf("%+v", in)
	}
	for _, tc := range []struct {
		method, path string
		code         int
	}{
		{"PUT", "secret/data/new", 200}, {"PUT", "secret/data/new", 403}, // the second is an update
		{"GET", "secret/data/new", 403}, {"GET", "secret/data/old", 200}, {"PUT", "secret/data/old", 200}, {"DELETE", "secret/data/old", 403},
		{"GET", "secret/data/team/b", 404}, {"GET", "secret/data/team/a/pw", 403}, {"GET", "secret/data/team/a/b/pw", 404},
		{"LIST", "secret/metadata", 200}, {"LIST", "secret/metadata/team", 403}, {"GET", "sys/policies/acl/p", 403}, {"PUT", "auth/kubernetes/role/r", 403},
		{"GET", "auth/token/lookup-self", 200}, {"GET", "cubbyhole/x", 403}, {"GET", "secret/data/../x", 403},
	} {
		q := put(tc.path, "k", "v")
		q.Method, q.Token = tc.method, in.Auth.Token
		if a := v.Do(t.Context(), q); a.Code != tc.code {
			t.Errorf("%s %s: %d %v, want %d", tc.method, tc.path, a.Code, a.Errors, tc.code)
		}
	}
	for _, token := range []string{"", "root", "hvs.kubemint-0", in.Auth.Token + "0"} {
		if a := v.Do(t.Context(), vault.Request{Method: "GET", Path: "secret/data/old", Token: token}); a.Code != 403 {
			t.Errorf("with the token %q: %d", token, a.Code)
		}
	}
	*now = now.Add(10 * time.Minute)
	if a := v.Do(t.Context(), vault.Request{Method: "GET", Path: "secret/data/old", Token: in.Auth.Token}); a.Code != 403 {
		t.Errorf("after its end: %d", a.Code)
	}
}

func TestWrongRolesAndPoliciesAreRefused(t *testing.T) {
	t.Parallel()
	v := open(t, "", start())
	for _, tc := range []struct {
		q    vault.Request
		want string
	}{
		{put("sys/policies/acl/p", "policy", ""), "the policy has no path"},
		{put("sys/policies/acl/p", "policy", `path "x" { capabilities = ["red"] }`), `invalid capability "red"`},
		{put("sys/policies/acl/p", "policy", `path "x" { capabilities = ["read"`), "line 1"},
		{put("sys/policies/acl/p", "policy", `path x {}`), "a string in quotes"},
		{put("sys/policies/acl/root", "policy", `path "x" { capabilities = ["read"] }`), "cannot update"},
		{put("auth/kubernetes/role/r", "policies", "p"), `"bound_service_account_names" can not be empty`},
		{put("auth/kubernetes/role/r", "bound_service_account_names", "a"), `"bound_service_account_namespaces" can not be empty`},
		{put("auth/kubernetes/role/r", "bound_service_account_names", "a", "ttl", "soon"), `"ttl"`},
		{put("auth/kubernetes/role/r", "colour", "red"), `"colour"`},
		{put("auth/kubernetes/role/r", "bound_service_account_names", "a", "bound_service_account_namespaces", "b", "policies", "root"), "root"},
		{put("secret/data/../../x", "k", "v"), "unsupported path"},
		{put("secret/data", "k", "v"), "unsupported path"},
		{put("nowhere/x", "k", "v"), "no handler for route"},
	} {
		if a := operate(t, v, tc.q); a.Code < 400 || !strings.Contains(strings.Join(a.Errors, " "), tc.want) {
			t.Errorf("%v: %d %v, want %q", tc.q, a.Code, a.Errors, tc.want)
		}
	}
}

func TestTheFileSurvivesAndHoldsNoToken(t *testing.T) {
	t.Parallel()
	now, path := start(), filepath.Join(t.TempDir(), "vault.json")
	v := open(t, path, now)
	withRole(t, v, `path "secret/data/*" { capabilities = ["read"] }`)
	operate(t, v, put("secret/data/ci", "token", "t1"))
	in := v.Do(t.Context(), put("auth/kubernetes/login", "role", "r", "jwt", "jwt-of-ci:bot"))
	i, err := os.Stat(path)
	if err != nil || i.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", i, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), in.Auth.Token) || strings.Contains(string(text), "jwt-of") {
		t.Errorf("the file holds a token (%v)", err)
	}
	again := open(t, path, now)
	a := wire(t, again.Do(t.Context(), vault.Request{Method: "GET", Path: "secret/data/ci", Token: in.Auth.Token}))
	if d, _ := a.Data["data"].(map[string]any); a.Code != 200 || d["token"] != "t1" {
		t.Errorf("after a restart: %+v", a)
	}
	if err := os.WriteFile(path, []byte(`{"secrets":{"ci":"geheim"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(vault.Config{Path: path}); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("a damaged file: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".vault-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAChangeThatCannotBeWrittenIsNone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "d")
	v := open(t, filepath.Join(dir, "vault.json"), start()) // the directory is not there
	if a := operate(t, v, put("secret/data/ci", "token", "geheim")); a.Code != 500 || strings.Contains(fmt.Sprint(a.Errors), "geheim") {
		t.Errorf("put: %+v", a)
	}
	if a := operate(t, v, get("secret/data/ci")); a.Code != 404 {
		t.Errorf("get: %+v", a)
	}
}

func TestTheOldestTokensMakeRoom(t *testing.T) {
	t.Parallel()
	now := start()
	v := open(t, "", now)
	withRole(t, v, `path "secret/data/*" { capabilities = ["read"] }`, "ttl", "700h")
	var tokens []string
	for range 252 {
		*now = now.Add(time.Minute)
		a := v.Do(t.Context(), put("auth/kubernetes/login", "role", "r", "jwt", "jwt-of-ci:bot"))
		if a.Auth == nil {
			t.Fatalf("login: %+v", a)
		}
		tokens = append(tokens, a.Auth.Token)
	}
	for i, want := range map[int]int{0: 403, 1: 403, 2: 404, 251: 404} {
		if a := v.Do(t.Context(), vault.Request{Method: "GET", Path: "secret/data/x", Token: tokens[i]}); a.Code != want {
			t.Errorf("token %d: %d, want %d", i, a.Code, want)
		}
	}
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	v := open(t, "", start())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				v.Operate(t.Context(), put("secret/data/ci", "k", "v"))
				v.Operate(t.Context(), get("secret/data/ci"))
			}
		})
	}
	group.Wait()
	a := operate(t, v, get("secret/data/ci"))
	if m, _ := a.Data["metadata"].(map[string]any); m["version"] != float64(100) {
		t.Errorf("%+v", a)
	}
}
