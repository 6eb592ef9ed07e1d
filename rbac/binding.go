package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// accountPrefix begins the user name of every ServiceAccount.
const accountPrefix = "system:serviceaccount:"

// Ref names one of the four kinds of object. Namespace is "" for ClusterRole and ClusterRoleBinding.
type Ref struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// The kinds of this package, as in Ref.Kind and roleRef.kind.
const (
	KindRole               = "Role"
	KindClusterRole        = "ClusterRole"
	KindRoleBinding        = "RoleBinding"
	KindClusterRoleBinding = "ClusterRoleBinding"
)

// IsZero reports whether the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// binding is a RoleBinding or ClusterRoleBinding made ready for decisions. It is immutable.
type binding struct {
	Ref
	subjects []rbacv1.Subject
	roleRef  rbacv1.RoleRef
	keys     []subjectKey // one per distinct user or group, in the order of subjects
}

// subjectKey is how a decision finds a binding: by the name of a user or of a group.
type subjectKey struct {
	group bool
	name  string
	pos   int32 // the first subject with this key
}

func newBinding(ref Ref, subjects []rbacv1.Subject, roleRef rbacv1.RoleRef) *binding {
	b := &binding{Ref: ref, subjects: subjects, roleRef: roleRef}
	seen := make(map[subjectKey]bool, len(subjects))
	for i := range subjects {
		key, ok := keyOf(&subjects[i], ref.Namespace)
		if !ok || seen[key] {
			continue
		}
		seen[key] = true
		key.pos = int32(i)
		b.keys = append(b.keys, key)
	}
	return b
}

// keyOf resolves a subject as evaluation does: the group of its API is not consulted, unknown kinds match nobody
// (RBAC-24), an account without a namespace is taken from the binding's, and from nowhere in a ClusterRoleBinding (RBAC-25).
func keyOf(s *rbacv1.Subject, bindingNamespace string) (subjectKey, bool) {
	switch s.Kind {
	case rbacv1.UserKind:
		return subjectKey{name: s.Name}, true
	case rbacv1.GroupKind:
		return subjectKey{group: true, name: s.Name}, true
	case rbacv1.ServiceAccountKind:
		namespace := s.Namespace
		if namespace == "" {
			namespace = bindingNamespace
		}
		if namespace == "" {
			return subjectKey{}, false
		}
		return subjectKey{name: accountPrefix + namespace + ":" + s.Name}, true
	}
	return subjectKey{}, false
}

// AccountOf splits the user name of a ServiceAccount.
func AccountOf(user string) (namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(user, accountPrefix)
	if !ok {
		return "", "", false
	}
	namespace, name, ok = strings.Cut(rest, ":")
	if !ok || namespace == "" || name == "" || strings.Contains(name, ":") {
		return "", "", false
	}
	return namespace, name, true
}

// entry says that a binding names a subject, at pos in its list.
type entry struct {
	b   *binding
	pos int32
}

func compareEntries(a, b entry) int {
	if c := strings.Compare(a.b.Name, b.b.Name); c != 0 {
		return c
	}
	return int(a.pos) - int(b.pos)
}

// entries are the bindings of one subject in one scope, sorted by name and cut into chunks, so that a change copies one
// chunk and the list of chunks and not the whole. The zero value is empty; values are immutable.
type entries [][]entry

const chunkSize = 64

// chunk finds the chunk in which e is or belongs.
func (es entries) chunk(e entry) int {
	at, _ := slices.BinarySearchFunc(es, e, func(c []entry, e entry) int { return compareEntries(c[len(c)-1], e) })
	return min(at, len(es)-1)
}

func (es entries) add(e entry) entries {
	if len(es) == 0 {
		return entries{{e}}
	}
	i := es.chunk(e)
	at, found := slices.BinarySearchFunc(es[i], e, compareEntries)
	chunk := slices.Clone(es[i])
	if found {
		chunk[at] = e
	} else {
		chunk = slices.Insert(chunk, at, e)
	}
	out := slices.Clone(es)
	if len(chunk) <= chunkSize {
		out[i] = chunk
		return out
	}
	half := len(chunk) / 2
	out[i] = chunk[:half:half]
	return slices.Insert(out, i+1, chunk[half:])
}

func (es entries) remove(e entry) entries {
	if len(es) == 0 {
		return es
	}
	i := es.chunk(e)
	at, found := slices.BinarySearchFunc(es[i], e, compareEntries)
	if !found {
		return es
	}
	chunk := slices.Delete(slices.Clone(es[i]), at, at+1)
	out := slices.Clone(es)
	out[i] = chunk
	if i+1 < len(out) && len(chunk)+len(out[i+1]) <= chunkSize/2 {
		out[i+1] = slices.Concat(chunk, out[i+1])
		chunk = nil
	}
	if len(chunk) == 0 {
		out = slices.Delete(out, i, i+1)
	}
	return out
}
