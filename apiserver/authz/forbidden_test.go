package authz

import (
	"testing"

	"github.com/kubemint/kubemint/apiserver/request"
)

func TestForbidden(t *testing.T) {
	t.Parallel()
	jane := &request.User{Name: "jane"}
	for _, tt := range []struct {
		name, reason, want string
		a                  Attributes
	}{
		{"list in a namespace", "", `pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"`,
			Attributes{User: jane, IsResource: true, Verb: "list", Resource: "pods", Namespace: "default"}},
		{"a name", "", `pods "web" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "default"`,
			Attributes{User: jane, IsResource: true, Verb: "get", Resource: "pods", Namespace: "default", Name: "web"}},
		{"a subresource", "", `pods "web" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"`,
			Attributes{User: jane, IsResource: true, Verb: "get", Resource: "pods", Subresource: "log", Namespace: "default", Name: "web"}},
		{"a group", "", `deployments.apps is forbidden: User "jane" cannot create resource "deployments" in API group "apps" in the namespace "default"`,
			Attributes{User: jane, IsResource: true, Verb: "create", Group: "apps", Resource: "deployments", Namespace: "default"}},
		{"the cluster", "", `nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope`,
			Attributes{User: jane, IsResource: true, Verb: "list", Resource: "nodes"}},
		{"a namespace", "", `namespaces "dev" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "dev"`,
			Attributes{User: jane, IsResource: true, Verb: "get", Resource: "namespaces", Namespace: "dev", Name: "dev"}},
		{"a path", "", `forbidden: User "system:anonymous" cannot get path "/"`,
			Attributes{User: &request.User{Name: request.Anonymous}, Verb: "get", Path: "/"}},
		{"nobody", "", `forbidden: User "" cannot get path "/"`, Attributes{Verb: "get", Path: "/"}},
		{"a reason", `RBAC: role.rbac.authorization.k8s.io "pod-reader" not found`,
			`pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "pod-reader" not found`,
			Attributes{User: jane, IsResource: true, Verb: "list", Resource: "pods", Namespace: "default"}},
		{"HTML in the name, not in the reason", "<b>", `x is forbidden: User "&lt;i&gt;&amp;" cannot list resource "x" in API group "" at the cluster scope: <b>`,
			Attributes{User: &request.User{Name: "<i>&"}, IsResource: true, Verb: "list", Resource: "x"}},
	} {
		err := Forbidden(tt.a, tt.reason)
		s := err.Status()
		if s.Message != tt.want || s.Code != 403 || s.Reason != "Forbidden" {
			t.Errorf("%s: %s %d\nwant %s", tt.name, s.Message, s.Code, tt.want)
		}
		if d := s.Details; d.Kind != tt.a.Resource || d.Group != tt.a.Group || d.Name != tt.a.Name {
			t.Errorf("%s: details %+v", tt.name, d)
		}
	}
}
