package cli

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/internal/vault"
)

const loginPath = "auth/kubernetes/login"

func (r *run) login() int {
	if r.method != "kubernetes" {
		return r.wrong("Unknown auth method: %s. This vault has one: vault login -method=kubernetes role=NAME", r.method)
	}
	data, err := r.pairs(r.args)
	if err != nil {
		return r.wrong("Error parsing configuration: %v", err)
	}
	if _, ok := data["jwt"]; !ok && r.Account != "" {
		b, err := r.ReadFile(r.Account)
		if err != nil {
			return r.wrong("Error parsing configuration: no jwt is given, and no account is mounted: %v", err)
		}
		data["jwt"] = string(b)
	}
	a, ok := r.ask("Error authenticating", vault.Request{Method: http.MethodPut, Path: loginPath, Data: data})
	if !ok || a.Auth == nil {
		return 2
	}
	stored := r.Store != nil && !r.noStore && !r.tokenOnly
	if stored {
		if err := r.Store(a.Auth.Token); err != nil {
			fmt.Fprintf(r.Err, "Error storing token: %v\n", err)
			return 2
		}
	}
	switch {
	case r.tokenOnly || r.field != "":
		return r.field1(a.Auth)
	case r.format == "json":
		return r.json(envelope(a))
	case stored:
		fmt.Fprint(r.Out, "Success! You are now authenticated. The token below is stored in ~/.vault-token,\nwhere the next vault command finds it.\n\n")
	default:
		fmt.Fprint(r.Out, "Success! You are now authenticated. The token is not stored: set the\nenvironment variable VAULT_TOKEN to it.\n\n")
	}
	r.auth(a.Auth)
	return 0
}

// field1 prints one field of a login.
func (r *run) field1(a *vault.Auth) int {
	if r.tokenOnly {
		r.field = "token"
	}
	return r.raw(authRows(a))
}

func authRows(a *vault.Auth) map[string]any {
	rows := map[string]any{
		"token": a.Token, "token_accessor": a.Accessor, "token_duration": fmt.Sprintf("%ds", a.Seconds), "token_renewable": false,
		"token_policies": quoted(a.Policies), "identity_policies": "[]", "policies": quoted(a.Policies),
	}
	for k, v := range a.Metadata {
		rows["token_meta_"+k] = v
	}
	return rows
}

func quoted(words []string) string { return fmt.Sprintf("%q", words) }

func (r *run) auth(a *vault.Auth) {
	keys := []string{"token", "token_accessor", "token_duration", "token_renewable", "token_policies", "identity_policies", "policies"}
	for _, k := range []string{"role", "service_account_name", "service_account_namespace", "service_account_uid"} {
		keys = append(keys, "token_meta_"+k)
	}
	r.rows("", keys, authRows(a))
}

func (r *run) status() int {
	if !r.count(0, 0) {
		return 1
	}
	a, ok := r.ask("Error checking seal status", vault.Request{Method: http.MethodGet, Path: "sys/seal-status"})
	if !ok {
		return 1
	}
	if r.format == "json" {
		return r.json(a.Data)
	}
	d := a.Data
	r.rows("", []string{"Seal Type", "Initialized", "Sealed", "Total Shares", "Threshold", "Version", "Storage Type", "HA Enabled"}, map[string]any{
		"Seal Type": d["type"], "Initialized": d["initialized"], "Sealed": d["sealed"], "Total Shares": d["n"], "Threshold": d["t"],
		"Version": d["version"], "Storage Type": d["storage_type"], "HA Enabled": d["ha_enabled"],
	})
	return 0
}

func (r *run) lookup() int {
	if !r.count(0, 0) {
		return 1
	}
	a, ok := r.ask("error looking up token", vault.Request{Method: http.MethodGet, Path: "auth/token/lookup-self"})
	switch {
	case !ok:
		return 2
	case r.format == "json":
		return r.json(envelope(a))
	}
	r.table(a.Data)
	return 0
}

func (r *run) read() int {
	if !r.count(1, 1) {
		return 1
	}
	path := strings.Trim(r.args[0], "/")
	a, ok := r.ask("Error reading "+path, vault.Request{Method: http.MethodGet, Path: path, Version: r.version})
	switch {
	case !ok:
		return 2
	case a.Code == http.StatusNotFound:
		fmt.Fprintf(r.Err, "No value found at %s\n", path)
		return 2
	case r.field != "":
		return r.raw(a.Data)
	case r.format == "json":
		return r.json(envelope(a))
	}
	r.table(a.Data)
	return 0
}

func (r *run) write() int {
	if !r.count(1, -1) {
		return 1
	}
	data, code := r.given(r.args[1:], "Must supply data or use -force")
	if code != 0 {
		return code
	}
	path := strings.Trim(r.args[0], "/")
	a, ok := r.ask("Error writing data to "+path, vault.Request{Method: http.MethodPut, Path: path, Data: data})
	switch {
	case !ok:
		return 2
	case r.field != "" && a.Auth != nil:
		return r.field1(a.Auth)
	case r.field != "":
		return r.raw(a.Data)
	case r.format == "json":
		return r.json(envelope(a))
	case a.Auth != nil:
		r.auth(a.Auth)
		return 0
	case a.Data != nil:
		r.table(a.Data)
		return 0
	}
	fmt.Fprintf(r.Out, "Success! Data written to: %s\n", path)
	return 0
}

const policies = "sys/policies/acl/"

func (r *run) policyWrite() int {
	if !r.count(2, 2) {
		return 1
	}
	var b []byte
	var err error
	if r.args[1] == "-" {
		b, err = io.ReadAll(io.LimitReader(r.In, MaxInput))
	} else {
		b, err = r.ReadFile(r.args[1])
	}
	if err != nil {
		return r.wrong("Error opening policy file: %v", err)
	}
	name := strings.ToLower(strings.TrimSpace(r.args[0]))
	if _, ok := r.ask("Error uploading policy", vault.Request{Method: http.MethodPut, Path: policies + name, Data: map[string]any{"policy": string(b)}}); !ok {
		return 2
	}
	fmt.Fprintf(r.Out, "Success! Uploaded policy: %s\n", name)
	return 0
}

func (r *run) policyRead() int {
	if !r.count(1, 1) {
		return 1
	}
	a, ok := r.ask("Error reading policy named "+r.args[0], vault.Request{Method: http.MethodGet, Path: policies + r.args[0]})
	if !ok {
		return 2
	}
	text, found := a.Data["policy"].(string)
	if !found {
		fmt.Fprintf(r.Err, "No policy named: %s\n", r.args[0])
		return 2
	}
	fmt.Fprintln(r.Out, strings.TrimRight(text, "\n"))
	return 0
}

func (r *run) policyList() int {
	if !r.count(0, 0) {
		return 1
	}
	a, ok := r.ask("Error listing policies", vault.Request{Method: "LIST", Path: strings.TrimSuffix(policies, "/")})
	if !ok {
		return 2
	}
	names, _ := a.Data["keys"].([]any)
	for _, n := range names {
		fmt.Fprintln(r.Out, n)
	}
	return 0
}

func (r *run) policyDelete() int {
	if !r.count(1, 1) {
		return 1
	}
	if _, ok := r.ask("Error deleting "+r.args[0], vault.Request{Method: http.MethodDelete, Path: policies + r.args[0]}); !ok {
		return 2
	}
	fmt.Fprintf(r.Out, "Success! Deleted policy: %s\n", r.args[0])
	return 0
}
