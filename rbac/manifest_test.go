package rbac

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	m, err := Decode([]byte(`# only a comment
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: a}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: b, namespace: own}
  roleRef: {kind: Role, name: a}
  subjects: [{kind: User, name: jane}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: y}
`), "given")
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Objects) != 2 || m.Objects[0].(*rbacv1.Role).Namespace != "given" || m.Objects[1].(*rbacv1.RoleBinding).Namespace != "own" {
		t.Errorf("%v", m.Objects)
	}
	if !slices.Equal(m.Skipped, []string{"ConfigMap"}) {
		t.Errorf("skipped %v", m.Skipped)
	}
	for _, bad := range []string{
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrulez: []\n",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n",
		"kind: [",
	} {
		if m, err := Decode([]byte(bad), ""); err == nil {
			t.Errorf("%q gives %v", bad, m)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrules: [{verbs: [get]}]\n"))
	f.Add([]byte(`{"kind":"List","items":[{"kind":"Role"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data, "ns")
		if err != nil {
			return
		}
		if _, err := NewPolicy(m.Objects...); err != nil {
			t.Fatal(err)
		}
	})
}
