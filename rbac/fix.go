package rbac

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// FixKind says what a fix does.
type FixKind string

// The kinds of fix.
const (
	// FixNewRole makes a role for this right alone, and a binding for it.
	FixNewRole FixKind = "new-role"
	// FixMissingRole makes the role that a binding of the user has been waiting for, with this right alone.
	FixMissingRole FixKind = "missing-role"
	// FixAddSubject adds the user to a binding that was meant for them.
	FixAddSubject FixKind = "add-subject"
)

// Fix is a change that allows a request, ready to be applied.
type Fix struct {
	Kind FixKind `json:"kind"`
	// Objects are whole *rbacv1 objects to apply, roles before bindings.
	Objects []any `json:"-"`
	// Commands are kubectl command lines that do the same, a word each.
	Commands [][]string `json:"commands"`
	// YAML holds the same objects, ready for kubectl apply.
	YAML string `json:"yaml"`
	// Also are the rights that the user gains besides the one asked for. AnyName says that the right asked for one name
	// is given for all.
	Also    []rbacv1.PolicyRule `json:"also,omitempty"`
	AnyName bool                `json:"anyName,omitempty"`
	// Others are who else gains something.
	Others []Gain `json:"others,omitempty"`
	// Dangers are what the rights gained by the user make possible.
	Dangers []Code `json:"dangers,omitempty"`
}

// fix finds the smallest change that allows a request. It has been refused; near are its near misses in order.
func (p *Policy) fix(a *Attributes, near []NearMiss) *Fix {
	subject, ok := fixSubject(a)
	if !ok {
		return nil
	}
	var f *Fix
	for _, n := range near {
		if len(n.Differences) > 1 {
			break
		}
		switch n.Differences[0].Code {
		case AccountElsewhere, AccountAsUser, SubjectKind, SubjectMisspelt:
			if p.harmless(n.Role) {
				f = p.addSubject(a, n.Binding, fixSubjectFor(a, n.Differences[0], subject))
			}
		case RoleMissing:
			f = p.missingRole(a, n)
		}
		if f != nil && p.check(a, f) {
			return f
		}
		f = nil
	}
	f = p.newRole(a, subject)
	if !p.check(a, f) {
		return nil
	}
	return f
}

// check applies a fix in thought, keeps it if it works, and fills in what it brings besides.
func (p *Policy) check(a *Attributes, f *Fix) bool {
	after, err := p.With(f.Objects...)
	if err != nil || !after.Authorize(*a).Allowed {
		return false
	}
	asked := askedRule(a)
	f.AnyName = a.Name != "" && !keepsName(a)
	var gained []rbacv1.PolicyRule
	for _, g := range Diff(p, after) {
		if len(g.Gained) == 0 {
			continue
		}
		if g.names(a) {
			gained = append(gained, g.Gained...)
			_, also := Covers([]rbacv1.PolicyRule{asked}, g.Gained)
			f.Also = append(f.Also, also...)
		} else {
			f.Others = append(f.Others, g)
		}
	}
	f.Also = Compact(f.Also)
	f.Dangers = allDangers(gained)
	f.YAML = manifest(f.Objects)
	return true
}

// fixSubject is the subject that a binding must name to reach who asked: the account or user, or else the first group.
func fixSubject(a *Attributes) (rbacv1.Subject, bool) {
	if namespace, name, ok := AccountOf(a.User); ok {
		return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}, true
	}
	switch {
	case a.User != "":
		return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: a.User}, true
	case len(a.Groups) > 0:
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: a.Groups[0]}, true
	}
	return rbacv1.Subject{}, false
}

// fixSubjectFor corrects the subject that was written wrongly: a group stays a group.
func fixSubjectFor(a *Attributes, d Difference, who rbacv1.Subject) rbacv1.Subject {
	group := d.Want
	if d.Code == SubjectKind && d.Want == rbacv1.GroupKind {
		return who // giving it to the whole group is more than was asked
	}
	if d.Code == SubjectMisspelt && slices.Contains(a.Groups, group) && strings.HasPrefix(group, "system:serviceaccounts:") {
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: group}
	}
	return who
}

// harmless keeps a fix from handing out a powerful role because of a likeness of names.
func (p *Policy) harmless(ref Ref) bool {
	if isSystem(ref.Name) {
		return false
	}
	r := p.resolve(rbacv1.RoleRef{Kind: ref.Kind, Name: ref.Name}, ref.Namespace)
	if r == nil || p.breadth(r.Ref) > 100 {
		return false
	}
	for _, c := range allDangers(r.rules) {
		switch c {
		case DangerLogs, DangerWorkloads, DangerNamespaces:
		default:
			return false
		}
	}
	return true
}

// keepsName tells the rights that are given for one object only: where the name is what matters and lasts.
func keepsName(a *Attributes) bool {
	if a.Name == "" {
		return false
	}
	switch a.Verb {
	case "impersonate", "bind", "escalate", "approve", "sign", "attest", "use":
		return true
	}
	return a.Group == "" && (a.Resource == "secrets" || a.Resource == "serviceaccounts" && a.Subresource == "token" || a.Resource == "nodes")
}

// askedRule is the rule for the request, for its name alone where the name matters.
func askedRule(a *Attributes) rbacv1.PolicyRule {
	if !a.IsResource {
		return rbacv1.PolicyRule{Verbs: []string{a.Verb}, NonResourceURLs: []string{a.Path}}
	}
	r := rbacv1.PolicyRule{Verbs: []string{a.Verb}, APIGroups: []string{a.Group}, Resources: []string{a.combined()}}
	if keepsName(a) {
		r.ResourceNames = []string{a.Name}
	}
	return r
}

func (p *Policy) newRole(a *Attributes, subject rbacv1.Subject) *Fix {
	rules := []rbacv1.PolicyRule{askedRule(a)}
	if a.IsResource && a.Namespace != "" {
		name := p.freeName(KindRole, KindRoleBinding, a.Namespace, fixName(a))
		return &Fix{Kind: FixNewRole,
			Objects: []any{roleObject(a.Namespace, name, rules), roleBindingObject(a.Namespace, name, KindRole, name, subject)},
			Commands: [][]string{
				roleCommand("role", name, a.Namespace, &rules[0]),
				{"kubectl", "create", "rolebinding", name, "-n", a.Namespace, "--role=" + name, subjectFlag(subject)},
			}}
	}
	name := p.freeName(KindClusterRole, KindClusterRoleBinding, "", fixName(a))
	return &Fix{Kind: FixNewRole,
		Objects: []any{clusterRoleObject(name, rules), clusterRoleBindingObject(name, name, subject)},
		Commands: [][]string{
			roleCommand("clusterrole", name, "", &rules[0]),
			{"kubectl", "create", "clusterrolebinding", name, "--clusterrole=" + name, subjectFlag(subject)},
		}}
}

// missingRole makes the role a binding refers to, if that gives no more than the binding's own scope.
func (p *Policy) missingRole(a *Attributes, n NearMiss) *Fix {
	rules := []rbacv1.PolicyRule{askedRule(a)}
	switch {
	case n.Role.Kind == KindRole && n.Binding.Kind == KindRoleBinding:
		return &Fix{Kind: FixMissingRole, Objects: []any{roleObject(n.Role.Namespace, n.Role.Name, rules)},
			Commands: [][]string{roleCommand("role", n.Role.Name, n.Role.Namespace, &rules[0])}}
	case n.Role.Kind == KindClusterRole && (n.Binding.Kind == KindRoleBinding || a.Namespace == ""):
		return &Fix{Kind: FixMissingRole, Objects: []any{clusterRoleObject(n.Role.Name, rules)},
			Commands: [][]string{roleCommand("clusterrole", n.Role.Name, "", &rules[0])}}
	}
	return nil
}

// addSubject adds the user to a binding, leaving its other subjects.
func (p *Policy) addSubject(a *Attributes, ref Ref, subject rbacv1.Subject) *Fix {
	b := p.binding(ref)
	if b == nil {
		return nil
	}
	subjects := append(slices.Clone(b.subjects), subject)
	if ref.Kind == KindClusterRoleBinding {
		if a.Namespace != "" {
			return nil // asked for one namespace, this would give all
		}
		obj := clusterRoleBindingObject(ref.Name, b.roleRef.Name, subjects...)
		return &Fix{Kind: FixAddSubject, Objects: []any{obj},
			Commands: [][]string{{"kubectl", "set", "subject", "clusterrolebinding", ref.Name, subjectFlag(subject)}}}
	}
	obj := roleBindingObject(ref.Namespace, ref.Name, b.roleRef.Kind, b.roleRef.Name, subjects...)
	return &Fix{Kind: FixAddSubject, Objects: []any{obj},
		Commands: [][]string{{"kubectl", "set", "subject", "rolebinding", ref.Name, "-n", ref.Namespace, subjectFlag(subject)}}}
}

// binding finds a binding by name.
func (p *Policy) binding(ref Ref) *binding {
	s := &p.cluster
	if ref.Kind == KindRoleBinding {
		var ok bool
		if s, ok = p.namespaces.get(p.hash(ref.Namespace), ref.Namespace); !ok {
			return nil
		}
	}
	b, _ := s.bindings.get(p.hash(ref.Name), ref.Name)
	return b
}

// fixName is what a new role is called: list-pods, get-pods-log.
func fixName(a *Attributes) string {
	what := a.combined()
	if !a.IsResource {
		what = a.Path
	}
	var out strings.Builder
	for _, r := range strings.ToLower(a.Verb + "-" + what) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			out.WriteRune(r)
		case r == '*':
			out.WriteString("all")
		default:
			out.WriteByte('-')
		}
	}
	name := strings.Trim(out.String(), "-")
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name == "" {
		name = "access"
	}
	return name[:min(len(name), 60)]
}

// freeName finds a name that neither a role nor a binding has yet.
func (p *Policy) freeName(roleKind, bindingKind, namespace, name string) string {
	for i := 1; ; i++ {
		candidate := name
		if i > 1 {
			candidate = fmt.Sprintf("%s-%d", name, i)
		}
		if p.resolve(rbacv1.RoleRef{Kind: roleKind, Name: candidate}, namespace) == nil &&
			p.binding(Ref{Kind: bindingKind, Namespace: namespace, Name: candidate}) == nil {
			return candidate
		}
	}
}

func roleCommand(kind, name, namespace string, r *rbacv1.PolicyRule) []string {
	out := []string{"kubectl", "create", kind, name}
	if namespace != "" {
		out = append(out, "-n", namespace)
	}
	for _, verb := range r.Verbs {
		out = append(out, "--verb="+verb)
	}
	for _, resource := range r.Resources {
		base, sub, isSub := strings.Cut(resource, "/")
		if group := r.APIGroups[0]; group != "" {
			base += "." + group
		}
		if isSub {
			base += "/" + sub
		}
		out = append(out, "--resource="+base)
	}
	for _, name := range r.ResourceNames {
		out = append(out, "--resource-name="+name)
	}
	for _, url := range r.NonResourceURLs {
		out = append(out, "--non-resource-url="+url)
	}
	return out
}

func subjectFlag(s rbacv1.Subject) string {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return "--serviceaccount=" + s.Namespace + ":" + s.Name
	case rbacv1.GroupKind:
		return "--group=" + s.Name
	}
	return "--user=" + s.Name
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

func roleObject(namespace, name string, rules []rbacv1.PolicyRule) *rbacv1.Role {
	return &rbacv1.Role{TypeMeta: typeMeta(KindRole), ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Rules: rules}
}

func clusterRoleObject(name string, rules []rbacv1.PolicyRule) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{TypeMeta: typeMeta(KindClusterRole), ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
}

func roleBindingObject(namespace, name, roleKind, role string, subjects ...rbacv1.Subject) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{TypeMeta: typeMeta(KindRoleBinding), ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Subjects: subjects,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: roleKind, Name: role}}
}

func clusterRoleBindingObject(name, role string, subjects ...rbacv1.Subject) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{TypeMeta: typeMeta(KindClusterRoleBinding), ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: subjects,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: KindClusterRole, Name: role}}
}

// manifest writes objects as YAML documents.
func manifest(objects []any) string {
	var out bytes.Buffer
	for i, obj := range objects {
		data, err := yaml.Marshal(obj)
		if err != nil { // API types always marshal
			continue
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	return out.String()
}
