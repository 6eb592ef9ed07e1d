package rbac

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	yamlstream "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Manifest is what Decode found in a file.
type Manifest struct {
	// Objects are pointers to the four rbacv1 kinds, in the order of the file.
	Objects []any
	// Skipped names the kinds of all other objects, once each.
	Skipped []string
}

// Decode reads roles and bindings from YAML or JSON documents, Lists among them; objects of other kinds are passed over.
// A Role or RoleBinding without a namespace gets the one given, as kubectl apply would do. Unknown fields are an error.
func Decode(data []byte, namespace string) (Manifest, error) {
	var m Manifest
	reader := yamlstream.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for i := 1; ; i++ {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err == nil {
			err = m.add(doc, namespace)
		}
		if err != nil {
			return Manifest{}, fmt.Errorf("decode document %d: %w", i, err)
		}
	}
}

func (m *Manifest) add(doc []byte, namespace string) error {
	var list struct {
		metav1.TypeMeta `json:",inline"`
		Items           []json.RawMessage `json:"items"`
	}
	if err := yaml.Unmarshal(doc, &list); err != nil {
		return err
	}
	if list.Kind == "" && len(bytes.TrimSpace(stripComments(doc))) == 0 {
		return nil
	}
	switch list.Kind {
	case "List", "RoleList", "ClusterRoleList", "RoleBindingList", "ClusterRoleBindingList":
		for _, item := range list.Items {
			if err := m.add(item, namespace); err != nil {
				return err
			}
		}
		return nil
	}
	obj := m.object(list.TypeMeta)
	if obj == nil {
		return nil
	}
	if err := yaml.UnmarshalStrict(doc, obj); err != nil {
		return err
	}
	switch o := obj.(type) {
	case *rbacv1.Role:
		if o.Namespace == "" {
			o.Namespace = namespace
		}
	case *rbacv1.RoleBinding:
		if o.Namespace == "" {
			o.Namespace = namespace
		}
	}
	if obj.(metav1.Object).GetName() == "" {
		return fmt.Errorf("a %s without a name", list.Kind)
	}
	m.Objects = append(m.Objects, obj)
	return nil
}

// object makes an empty object of the kind, or notes that the kind is none of RBAC's.
func (m *Manifest) object(kind metav1.TypeMeta) any {
	if kind.GroupVersionKind().Group == rbacv1.GroupName {
		switch kind.Kind {
		case KindRole:
			return &rbacv1.Role{}
		case KindClusterRole:
			return &rbacv1.ClusterRole{}
		case KindRoleBinding:
			return &rbacv1.RoleBinding{}
		case KindClusterRoleBinding:
			return &rbacv1.ClusterRoleBinding{}
		}
	}
	for _, seen := range m.Skipped {
		if seen == kind.Kind {
			return nil
		}
	}
	m.Skipped = append(m.Skipped, kind.Kind)
	return nil
}

// stripComments leaves what is not a comment, to tell an empty document.
func stripComments(doc []byte) []byte {
	var out []byte
	for line := range bytes.Lines(doc) {
		if t := bytes.TrimSpace(line); len(t) > 0 && t[0] != '#' && !bytes.Equal(t, []byte("---")) {
			out = append(out, line...)
		}
	}
	return out
}
