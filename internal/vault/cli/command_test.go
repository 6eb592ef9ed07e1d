package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/internal/vault/cli"
)

// desk is somebody at the vault's command line.
type desk struct {
	t     *testing.T
	vault *vault.Vault
	files map[string]string
	token string
	root  bool // runs the vault
}

func sit(t *testing.T) *desk {
	t.Helper()
	v, err := vault.Open(vault.Config{
		Now: func() time.Time { return time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC) },
		Review: func(_ context.Context, token string, _ []string) (vault.Reviewed, error) {
			return vault.Reviewed{Authenticated: token == "mounted", User: "system:serviceaccount:ci:bot", UID: "u"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, vault: v, root: true, files: map[string]string{"/token": "mounted", "f": "from a file"}}
}

func (d *desk) run(in string, args ...string) (out, errs string, code int) {
	d.t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(d.t.Context(), args, cli.Host{
		In: strings.NewReader(in), Out: &o, Err: &e, Account: "/token",
		ReadFile: func(name string) ([]byte, error) {
			text, ok := d.files[name]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		},
		Token: func() string { return d.token }, Store: func(token string) error { d.token = token; return nil },
		Do: func(ctx context.Context, q vault.Request) (a vault.Answer, err error) {
			do := d.vault.Do
			if d.root {
				do = d.vault.Operate
			}
			b, err := json.Marshal(do(ctx, q))
			if err != nil {
				return a, err
			}
			return a, json.Unmarshal(b, &a)
		},
	})
	return o.String(), e.String(), code
}

const written = `= Secret Path =
secret/data/ci

======= Metadata =======
Key                Value
---                -----
created_time       2026-11-23T08:30:00Z
custom_metadata    <nil>
deletion_time      n/a
destroyed          false
version            1
`

func TestCommands(t *testing.T) {
	t.Parallel()
	d := sit(t)
	for _, tc := range []struct {
		in, args  string
		out, errs string
		code      int
	}{
		{"t1\n", "kv put secret/ci token=- note=@f empty= at=\\@x", written, "", 0},
		{"", "kv get secret/ci", written + `
==== Data ====
Key      Value
---      -----
at       @x
empty    n/a
note     from a file
token    t1

`, "", 0},
		{"", "kv get -field=token secret/ci", "t1\n", "", 0},
		{"", "kv get -field=note -mount=secret ci", "from a file", "", 0},
		{"", "kv get -field=none secret/ci", "", "Field \"none\" not present in secret\n", 1},
		{"", "kv get secret/none", "", "No value found at secret/data/none\n", 2},
		{"", "kv get -version=7 secret/ci", "", "No value found at secret/data/ci\n", 2},
		{"", "kv get", "", "Not enough arguments (expected 1, got 0)\n", 1},
		{"", "kv get secret/ci -field=token", "", "Command flags must be provided before positional arguments. The following arguments will not be parsed as flags: [-field]\nToo many arguments (expected 1, got 2)\n", 1},
		{"", "kv get -format=toml secret/ci", "", "Invalid output format: toml\n", 1},
		{"", "kv get -colour secret/ci", "", "flag provided but not defined: -colour\n", 1},
		{"", "kv put secret/ci", "", "Must supply data\n", 1},
		{"", "kv put secret/ci token", "", "Failed to parse K=V data: format must be key=value\n", 1},
		{"", "kv put secret/ci token=@none", "", "Failed to parse K=V data: error reading file: file does not exist\n", 1},
		{"x", "kv put secret/ci a=- b=-", "", "Failed to parse K=V data: stdin already consumed\n", 1},
		{"geheim", "kv put secret/ci -", "", "Failed to parse K=V data: the input is no JSON object\n", 1},
		{"", "kv put -cas=4 secret/ci a=b", "", "Error writing data to secret/data/ci: Error making API request.\n\nURL: PUT https://vault.example.com:8200/v1/secret/data/ci\nCode: 400. Errors:\n\n* check-and-set parameter did not match the current version\n", 2},
		{`{"a": {"b": 1}}`, "kv put -field=version secret/deep/x -", "1", "", 0},
		{"", "kv get -field=a secret/deep/x", `{"b":1}`, "", 0},
		{"", "kv list secret", "Keys\n----\nci\ndeep/\n", "", 0},
		{"", "kv list -format=json secret/deep", "[\n  \"x\"\n]\n", "", 0},
		{"", "kv list secret/none", "", "No value found at secret/metadata/none\n", 2},
		{"", "kv delete secret/deep/x", "Success! Data deleted (if it existed) at: secret/data/deep/x\n", "", 0},
		{"", "kv get -field=a secret/deep/x", "", "No data found at secret/data/deep/x\n", 2},
		{"", "read auth/kubernetes/role/bot", "", "No value found at auth/kubernetes/role/bot\n", 2},
		{"", "login -method=kubernetes", "", "Error authenticating: Error making API request.\n\nURL: PUT https://vault.example.com:8200/v1/auth/kubernetes/login\nCode: 400. Errors:\n\n* missing role\n", 2},
		{"", "login hvs.x", "", "Unknown auth method: token. This vault has one: vault login -method=kubernetes role=NAME\n", 1},
		{"path \"secret/data/ci\" { capabilities = [\"read\"] }\n", "policy write bot -", "Success! Uploaded policy: bot\n", "", 0},
		{"", "policy list", "bot\nroot\n", "", 0},
		{"", "policy read bot", "path \"secret/data/ci\" { capabilities = [\"read\"] }\n", "", 0},
		{"", "policy read none", "", "No policy named: none\n", 2},
		{"", "write auth/kubernetes/role/bot bound_service_account_names=bot bound_service_account_namespaces=ci policies=bot ttl=1h", "Success! Data written to: auth/kubernetes/role/bot\n", "", 0},
		{"", "list auth/kubernetes/role", "Keys\n----\nbot\n", "", 0},
	} {
		out, errs, code := d.run(tc.in, strings.Fields(tc.args)...)
		if diff := cmp.Diff([]any{tc.out, tc.errs, tc.code}, []any{out, errs, code}); diff != "" {
			t.Errorf("vault %s: %s", tc.args, diff)
		}
		if strings.Contains(errs, "geheim") {
			t.Errorf("vault %s tells a secret: %s", tc.args, errs)
		}
	}
}

func TestLoginStoresItsToken(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.run(`path "secret/data/ci" { capabilities = ["read"] }`, "policy", "write", "bot", "-")
	d.run("", "write", "auth/kubernetes/role/bot", "bound_service_account_names=bot", "bound_service_account_namespaces=ci", "policies=bot", "ttl=1h")
	d.run("", "kv", "put", "secret/ci", "token=t1")
	d.root = false
	if _, errs, code := d.run("", "kv", "get", "secret/ci"); code != 2 || !strings.Contains(errs, "* permission denied\n") {
		t.Errorf("before the login: %d %s", code, errs)
	}
	if out, errs, code := d.run("", "login", "-method=kubernetes", "-token-only", "role=bot"); code != 0 || !strings.HasPrefix(out, vault.TokenPrefix) || d.token != "" {
		t.Errorf("only the token: %d %s%s", code, out, errs)
	}
	out, errs, code := d.run("", "login", "-method=kubernetes", "role=bot")
	if code != 0 || d.token == "" || !strings.Contains(out, "token_duration                          3600s\n") || !strings.Contains(out, `["bot" "default"]`) {
		t.Fatalf("login: %d %s%s", code, out, errs)
	}
	if out, errs, code := d.run("", "kv", "get", "-field=token", "secret/ci"); code != 0 || out != "t1" {
		t.Errorf("after the login: %d %s%s", code, out, errs)
	}
	if out, _, code := d.run("", "token", "lookup"); code != 0 || !strings.Contains(out, "display_name        kubernetes-ci-bot\n") || !strings.Contains(out, "ttl                 3600\n") {
		t.Errorf("lookup: %d %s", code, out)
	}
	out, _, _ = d.run("", "write", "-field=token", "auth/kubernetes/login", "role=bot", "jwt=@/token")
	if !strings.HasPrefix(out, vault.TokenPrefix) || out == d.token {
		t.Errorf("write auth/kubernetes/login printed %q", out)
	}
	delete(d.files, "/token")
	if _, errs, code := d.run("", "login", "-method=kubernetes", "role=bot"); code != 1 || !strings.Contains(errs, "no account is mounted") {
		t.Errorf("without an account: %d %s", code, errs)
	}
}

func TestHelpAndWhatCannotBeReached(t *testing.T) {
	t.Parallel()
	d := sit(t)
	for args, want := range map[string]int{"": 0, "--help": 0, "kv get -h": 0, "nope": 127, "kv nope": 127} {
		out, errs, code := d.run("", strings.Fields(args)...)
		if code != want || !strings.Contains(out+errs, "kv put") {
			t.Errorf("vault %s: %d\n%s%s", args, code, out, errs)
		}
	}
	var errs bytes.Buffer
	h := cli.Host{Out: &errs, Err: &errs, Do: func(context.Context, vault.Request) (vault.Answer, error) {
		return vault.Answer{}, errors.New("no way")
	}}
	if code := cli.Run(t.Context(), []string{"kv", "get", "secret/x"}, h); code != 2 || errs.String() != "Error reading secret/data/x: no way\n" {
		t.Errorf("%d %q", code, errs.String())
	}
}
