package rbac

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// allowReason is RBAC-36. It runs for every allowed request, so it is put together by hand.
func allowReason(b *binding, pos int) string {
	s := &b.subjects[pos]
	out := make([]byte, 0, 160)
	out = append(out, "RBAC: allowed by "...)
	out = append(out, b.Kind...)
	out = append(out, ' ')
	if b.Namespace == "" {
		out = strconv.AppendQuote(out, b.Name)
	} else {
		out = strconv.AppendQuote(out, b.Name+"/"+b.Namespace)
	}
	out = append(out, " of "...)
	out = append(out, b.roleRef.Kind...)
	out = append(out, ' ')
	out = strconv.AppendQuote(out, b.roleRef.Name)
	out = append(out, " to "...)
	out = append(out, s.Kind...)
	out = append(out, ' ')
	if s.Kind != rbacv1.ServiceAccountKind {
		return string(strconv.AppendQuote(out, s.Name))
	}
	namespace := s.Namespace
	if namespace == "" {
		namespace = b.Namespace
	}
	return string(strconv.AppendQuote(out, s.Name+"/"+namespace))
}

// missingReason is RBAC-32: the empty string unless a role is missing.
func missingReason(missing []*binding) string {
	if err := missingError(missing); err != nil {
		return "RBAC: " + err.Error()
	}
	return ""
}

// missingError is one error for all dangling bindings (RBAC-34), nil for none.
func missingError(missing []*binding) error {
	var texts []string
	for _, b := range missing {
		if text := missingText(b.roleRef); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return errors.New(texts[0])
	}
	return errors.New("[" + strings.Join(texts, ", ") + "]")
}

// missingText is RBAC-33.
func missingText(ref rbacv1.RoleRef) string {
	switch ref.Kind {
	case KindClusterRole:
		return "clusterrole.rbac.authorization.k8s.io " + strconv.Quote(ref.Name) + " not found"
	case KindRole:
		return "role.rbac.authorization.k8s.io " + strconv.Quote(ref.Name) + " not found"
	}
	return "unsupported role reference kind: " + strconv.Quote(ref.Kind)
}
