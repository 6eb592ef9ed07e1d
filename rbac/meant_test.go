package rbac_test

import (
	"testing"

	"github.com/kubemint/kubemint/rbac"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	words := []string{"get", "list", "watch", "create", "delete", "patch", "pods", "nodes", "deployments", "secrets"}
	for written, want := range map[string]string{
		"lst": "list", "lists": "list", "pdos": "pods", "deploments": "deployments", "secretes": "secrets", "creat": "create",
		"gte": "get", "frobnicate": "", "x": "", "": "", "podes": "", // pods or nodes: who knows
	} {
		got, ok := rbac.Meant(written, words)
		if ok != (want != "") || ok && got != want {
			t.Errorf("Meant(%q) = %q, %v; want %q", written, got, ok, want)
		}
	}
}
