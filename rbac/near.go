package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// near collects the near misses of a refused request, in no order.
func (p *Policy) near(a *Attributes) []NearMiss {
	q := newQuery(a)
	var out []NearMiss
	within := a.Namespace // "" for the cluster
	if !a.IsResource {
		within = ""
	}
	named := map[*binding]bool{}
	for _, e := range p.entriesOf(a.User, a.Groups, within) {
		named[e.b] = true
		if n, ok := p.nearRule(a, e); ok {
			out = append(out, n)
		}
	}
	for namespace, s := range p.namespaces.all() {
		if namespace == within {
			continue
		}
		for _, e := range s.entriesOf(p, a.User, a.Groups) {
			r := p.role(e.b)
			if r == nil {
				continue
			}
			if i := r.allows(&q); i >= 0 {
				d := Difference{OtherNamespace, []string{namespace}, a.Namespace}
				if within == "" {
					d = Difference{Code: ClusterBindingNeeded, Have: []string{namespace}}
				}
				out = append(out, NearMiss{e.b.Ref, r.Ref, i, e.b.subjects[e.pos], []Difference{d}, nil})
			}
		}
	}
	others := func(s *scope) {
		for _, b := range s.bindings.all() {
			if named[b] {
				continue
			}
			r := p.role(b)
			if r == nil {
				continue
			}
			i := r.allows(&q)
			if i < 0 {
				continue
			}
			if n, ok := nearSubject(a, b, &r.rules[i]); ok {
				n.Role, n.Rule = r.Ref, i
				out = append(out, n)
			}
		}
	}
	others(&p.cluster)
	if s, ok := p.namespaces.get(p.hash(within), within); ok && within != "" {
		others(s)
	}
	return out
}

// nearRule compares the rules of a binding that names the user.
func (p *Policy) nearRule(a *Attributes, e entry) (NearMiss, bool) {
	n := NearMiss{Binding: e.b.Ref, Role: roleRefOf(e.b), Rule: -1, Subject: e.b.subjects[e.pos]}
	r := p.role(e.b)
	if r == nil {
		n.Differences = []Difference{{RoleMissing, p.similarRoles(n.Role), refText(n.Role)}}
		return n, true
	}
	for i := range r.rules {
		diffs, near := Differences(&r.rules[i], a)
		if !near || len(diffs) > nearPoints {
			continue
		}
		candidate := n
		candidate.Rule, candidate.Differences = i, diffs
		if n.Rule < 0 || compareNear(candidate, n) < 0 {
			n = candidate
		}
	}
	return n, n.Rule >= 0
}

// roleRefOf names the role a binding refers to.
func roleRefOf(b *binding) Ref {
	ref := Ref{Kind: b.roleRef.Kind, Name: b.roleRef.Name}
	if ref.Kind == KindRole {
		ref.Namespace = b.Namespace
	}
	return ref
}

func refText(r Ref) string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// similarRoles lists roles that may have been meant by a reference to one that does not exist: of the same name elsewhere
// or of the other kind, or spelled nearly the same in reach.
func (p *Policy) similarRoles(ref Ref) []string {
	var out []string
	for name := range p.clusterRoles.all() {
		if name == ref.Name || slip(name, ref.Name) {
			out = append(out, refText(Ref{Kind: KindClusterRole, Name: name}))
		}
	}
	for namespace, inside := range p.roles.all() {
		for name := range inside.all() {
			if name == ref.Name || namespace == ref.Namespace && slip(name, ref.Name) {
				out = append(out, refText(Ref{Kind: KindRole, Namespace: namespace, Name: name}))
			}
		}
	}
	slices.Sort(out)
	return out
}

// nearSubject compares the subjects of a binding that grants by rule what is asked, but to others. Bindings that nobody
// took for the user's are told only if the rule is about the very thing asked: who may do everything is no near miss.
func nearSubject(a *Attributes, b *binding, rule *rbacv1.PolicyRule) (NearMiss, bool) {
	n := NearMiss{Binding: b.Ref}
	for _, s := range b.subjects {
		d, ok := subjectDifference(a, s, b.Namespace)
		if !ok {
			continue
		}
		if n.Differences == nil || closeness[d.Code] < closeness[n.Differences[0].Code] {
			n.Subject, n.Differences = s, []Difference{d}
		}
	}
	if n.Differences != nil {
		return n, true
	}
	literal := slices.Contains(rule.Resources, a.combined()) && slices.Contains(rule.Verbs, a.Verb)
	if len(b.subjects) == 0 || isSystem(b.Name) || a.IsResource && !literal {
		return n, false
	}
	var have []string
	for _, s := range b.subjects {
		have = append(have, SubjectText(s, b.Namespace))
	}
	n.Subject, n.Differences = b.subjects[0], []Difference{{Code: SubjectMissing, Have: have}}
	return n, true
}

// subjectDifference finds out whether a subject that does not match was meant to.
func subjectDifference(a *Attributes, s rbacv1.Subject, bindingNamespace string) (Difference, bool) {
	namespace, name, isAccount := AccountOf(a.User)
	account := namespace + "/" + name
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		if isAccount && s.Name == name {
			if s.Namespace != "" {
				bindingNamespace = s.Namespace
			}
			return Difference{AccountElsewhere, []string{bindingNamespace + "/" + s.Name}, account}, true
		}
		if s.Name == a.User {
			return Difference{SubjectKind, []string{s.Kind}, rbacv1.UserKind}, true
		}
	case rbacv1.UserKind:
		if isAccount && (s.Name == name || s.Name == account || s.Name == namespace+":"+name) {
			return Difference{AccountAsUser, []string{s.Name}, account}, true
		}
		if slices.Contains(a.Groups, s.Name) {
			return Difference{SubjectKind, []string{s.Kind}, rbacv1.GroupKind}, true
		}
		if means(s.Name, a.User) {
			return Difference{SubjectMisspelt, []string{s.Name}, a.User}, true
		}
	case rbacv1.GroupKind:
		if s.Name == a.User {
			return Difference{SubjectKind, []string{s.Kind}, rbacv1.UserKind}, true
		}
		if isAccount && s.Name == accountPrefix+namespace {
			return Difference{SubjectMisspelt, []string{s.Name}, "system:serviceaccounts:" + namespace}, true
		}
		for _, group := range a.Groups {
			if means(s.Name, group) {
				return Difference{SubjectMisspelt, []string{s.Name}, group}, true
			}
		}
	}
	return Difference{}, false
}

// means reports whether the name of a user or group was probably meant for another: a difference of case, a slip, or the
// prefix of an identity provider left out. Names that Kubernetes itself gives out are never taken for one another.
func means(written, name string) bool {
	if written == name || isSystem(written) || isSystem(name) && !strings.EqualFold(written, name) {
		return false
	}
	if strings.EqualFold(written, name) || slip(written, name) {
		return true
	}
	_, bare, prefixed := strings.Cut(name, ":")
	return prefixed && bare == written
}

// isSystem tells the names that Kubernetes reserves for itself.
func isSystem(name string) bool { return strings.HasPrefix(name, "system:") || name == "cluster-admin" }

// SubjectText writes a subject as "Kind name" or "ServiceAccount namespace/name".
func SubjectText(s rbacv1.Subject, bindingNamespace string) string {
	if s.Kind != rbacv1.ServiceAccountKind {
		return s.Kind + " " + s.Name
	}
	if s.Namespace != "" {
		bindingNamespace = s.Namespace
	}
	return s.Kind + " " + bindingNamespace + "/" + s.Name
}

// sharedLimit is how many others a near miss names.
const sharedLimit = 10

// share fills in who else holds the roles of near misses that name the user.
func (p *Policy) share(near []NearMiss, a *Attributes) {
	holders := map[Ref][]string{}
	for _, n := range near {
		holders[n.Role] = nil
	}
	collect := func(s *scope) {
		for _, b := range s.bindings.all() {
			ref := roleRefOf(b)
			if _, wanted := holders[ref]; !wanted {
				continue
			}
			for _, subject := range b.subjects {
				if key, ok := keyOf(&subject, b.Namespace); ok && !key.names(a) {
					holders[ref] = append(holders[ref], SubjectText(subject, b.Namespace))
				}
			}
		}
	}
	collect(&p.cluster)
	for _, s := range p.namespaces.all() {
		collect(s)
	}
	for i := range near {
		shared := holders[near[i].Role]
		slices.Sort(shared)
		shared = slices.Compact(shared)
		near[i].Shared = shared[:min(len(shared), sharedLimit)]
	}
}
