package vault_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/vault"
)

// Two who write to a role at the same time both have their way.
func TestARoleIsChangedAsItIsByThen(t *testing.T) {
	t.Parallel()
	const path = "auth/kubernetes/role/r"
	write := func(v *vault.Vault, data map[string]any) {
		t.Helper()
		if a := v.Operate(t.Context(), vault.Request{Method: http.MethodPut, Path: path, Data: data}); a.Code != http.StatusNoContent {
			t.Errorf("%v: %+v", data, a)
		}
	}
	var v *vault.Vault
	meanwhile := func() {}
	v, err := vault.Open(vault.Config{Now: func() time.Time { return *start() }, Prepare: func(context.Context) error { meanwhile(); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	write(v, map[string]any{"bound_service_account_names": "a", "bound_service_account_namespaces": "b"})
	meanwhile = func() {
		meanwhile = func() {}
		write(v, map[string]any{"audience": "vault"})
	}
	write(v, map[string]any{"policies": "p"})
	a := v.Operate(t.Context(), vault.Request{Method: http.MethodGet, Path: path})
	if policies, _ := a.Data["token_policies"].([]string); a.Data["audience"] != "vault" || !slices.Equal(policies, []string{"p"}) {
		t.Errorf("the role is %v", a.Data)
	}
}

// A container that writes to a vault whose disk fails learns nothing of the computer.
func TestAFailingDiskIsNamedInTheLogAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "canary")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	v, err := vault.Open(vault.Config{Path: filepath.Join(dir, "vault.json"), Now: func() time.Time { return *start() }, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	a := v.Operate(t.Context(), vault.Request{Method: http.MethodPut, Path: "secret/data/s", Data: map[string]any{"data": map[string]any{"k": "geheim"}}})
	if a.Code != http.StatusInternalServerError || !slices.Equal(a.Errors, []string{"the vault cannot be written"}) {
		t.Errorf("the answer is %+v", a)
	}
	if !strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "geheim") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestPoliciesWithComments(t *testing.T) {
	t.Parallel()
	v := open(t, "", start())
	for text, want := range map[string]string{
		"# a\n// b\npath \"secret/data/a#b//c\" { # why\n  capabilities = [\"read\", # for the job\n    \"list\"] // and this\n}\n": "",
		"# a\n\n# b\npath \"x\" { capabilities = [\"read\"] }\nwrong":                                                               "line 5",
		"path \"x\" { capabilities = [ # \"read\"]":                                                                                 "line 1",
	} {
		a := v.Operate(t.Context(), vault.Request{Method: http.MethodPut, Path: "sys/policies/acl/p", Data: map[string]any{"policy": text}})
		if said := strings.Join(a.Errors, " "); (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("%q: says %q, want %q", text, said, want)
		}
	}
}
