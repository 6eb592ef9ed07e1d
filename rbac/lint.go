package rbac

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// What Lint finds, besides the Danger codes and GroupIsVersion, SubresourceGlob, VerbMisspelt, ResourceMisspelt,
// AccountAsUser and RoleMissing, which mean the same as in a NearMiss.
const (
	// LintNoSubjects: a binding that names nobody.
	LintNoSubjects Code = "no-subjects"
	// LintAccountMissing: a subject that does not exist. Have: "namespace/name".
	LintAccountMissing Code = "account-missing"
	// LintUnusedRole: no binding refers to the role and no aggregation selects it.
	LintUnusedRole Code = "unused-role"
	// LintNamesIneffective: resourceNames with verbs that have no name (MISC-7). Have: those verbs.
	LintNamesIneffective Code = "names-ineffective"
	// LintWrongGroup: the resource lives in other groups (MISC-3). Have: the rule's groups; Want: "resource.group".
	LintWrongGroup Code = "wrong-group"
	// LintURLIneffective: a RoleBinding to a role with nonResourceURLs, which it cannot grant (MISC-17). Have: the URLs.
	LintURLIneffective Code = "url-ineffective"
	// LintClusterScoped: a RoleBinding to a role with cluster-scoped resources, which it cannot grant (MISC-8). Have: them.
	LintClusterScoped Code = "cluster-scoped"
	// LintGroupMisspelt: a group named almost like one that Kubernetes gives out (MISC-12). Have: it; Want: the right name.
	LintGroupMisspelt Code = "group-misspelt"
	// LintEveryone: a right for everybody, every account or even strangers (MISC-25). Have: the group.
	LintEveryone Code = "everyone"
	// LintDefaultAccount: a right for the account that pods get without asking (DANGER-17). Have: "namespace/default".
	LintDefaultAccount Code = "default-account"
)

// Finding is something about a role or binding that its author may not have meant.
type Finding struct {
	Code   Code     `json:"code"`
	Object Ref      `json:"object"`
	Rule   int      `json:"rule"` // -1: not about a rule
	Have   []string `json:"have,omitempty"`
	Want   string   `json:"want,omitempty"`
}

// LintOptions widen what Lint can see.
type LintOptions struct {
	// AccountExists, if set, tells which accounts there are.
	AccountExists func(namespace, name string) bool
	// System includes Kubernetes' own roles and bindings, which are left out otherwise.
	System bool
}

// Lint looks through all roles and bindings for mistakes and for powerful rights, sorted by object.
func (p *Policy) Lint(o LintOptions) []Finding {
	l := linter{policy: p, options: o, used: map[*role]bool{}}
	l.bindings(&p.cluster)
	for _, s := range p.namespaces.all() {
		l.bindings(s)
	}
	l.aggregated()
	for _, r := range p.clusterRoles.all() {
		l.role(r)
	}
	for _, inside := range p.roles.all() {
		for _, r := range inside.all() {
			l.role(r)
		}
	}
	slices.SortStableFunc(l.found, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Object.Namespace, y.Object.Namespace), cmp.Compare(x.Object.Kind, y.Object.Kind),
			cmp.Compare(x.Object.Name, y.Object.Name), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Code, y.Code))
	})
	return l.found
}

type linter struct {
	policy  *Policy
	options LintOptions
	used    map[*role]bool
	found   []Finding
}

func (l *linter) add(code Code, object Ref, rule int, want string, have ...string) {
	l.found = append(l.found, Finding{Code: code, Object: object, Rule: rule, Have: have, Want: want})
}

func (l *linter) bindings(s *scope) {
	for _, b := range s.bindings.all() {
		r := l.policy.role(b)
		if r != nil {
			l.used[r] = true
		}
		if isSystem(b.Name) && !l.options.System {
			continue
		}
		if r == nil {
			ref := roleRefOf(b)
			l.add(RoleMissing, b.Ref, -1, refText(ref), l.policy.similarRoles(ref)...)
		} else if b.Kind == KindRoleBinding {
			l.outOfReach(b, r)
		}
		if len(b.subjects) == 0 {
			l.add(LintNoSubjects, b.Ref, -1, "")
		}
		for _, subject := range b.subjects {
			l.subject(b, subject)
		}
	}
}

// outOfReach looks for what a RoleBinding cannot grant.
func (l *linter) outOfReach(b *binding, r *role) {
	var urls, cluster []string
	for i := range r.rules {
		urls = append(urls, r.rules[i].NonResourceURLs...)
		for _, resource := range r.rules[i].Resources {
			base, _, _ := strings.Cut(resource, "/")
			if k, ok := known[base]; ok && k.cluster && base != "namespaces" && slices.ContainsFunc(k.groups, func(g string) bool { return groupMatches(r.rules[i].APIGroups, g) }) {
				cluster = append(cluster, resource)
			}
		}
	}
	if len(urls) > 0 {
		l.add(LintURLIneffective, b.Ref, -1, refText(r.Ref), urls...)
	}
	if len(cluster) > 0 {
		l.add(LintClusterScoped, b.Ref, -1, refText(r.Ref), cluster...)
	}
}

func (l *linter) subject(b *binding, s rbacv1.Subject) {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		namespace := cmp.Or(s.Namespace, b.Namespace)
		if l.options.AccountExists != nil && !l.options.AccountExists(namespace, s.Name) {
			l.add(LintAccountMissing, b.Ref, -1, "", namespace+"/"+s.Name)
		}
		if s.Name == "default" {
			l.add(LintDefaultAccount, b.Ref, -1, "", namespace+"/default")
		}
	case rbacv1.UserKind:
		if l.options.AccountExists != nil && b.Namespace != "" && l.options.AccountExists(b.Namespace, s.Name) {
			l.add(AccountAsUser, b.Ref, -1, b.Namespace+"/"+s.Name, s.Name)
		}
	case rbacv1.GroupKind:
		switch {
		case s.Name == "system:authenticated" || s.Name == "system:unauthenticated" || s.Name == "system:serviceaccounts":
			l.add(LintEveryone, b.Ref, -1, "", s.Name)
		case strings.HasPrefix(s.Name, accountPrefix):
			l.add(LintGroupMisspelt, b.Ref, -1, "system:serviceaccounts:"+strings.TrimPrefix(s.Name, accountPrefix), s.Name)
		default:
			for _, group := range []string{"system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:masters", "system:nodes"} {
				if slip(s.Name, group) || strings.EqualFold(s.Name, group) && s.Name != group {
					l.add(LintGroupMisspelt, b.Ref, -1, group, s.Name)
				}
			}
		}
	}
}

// aggregated marks the roles whose rules others take over.
func (l *linter) aggregated() {
	for _, sum := range l.policy.clusterRoles.all() {
		if sum.aggregation == nil {
			continue
		}
		for i := range sum.aggregation.ClusterRoleSelectors {
			selector, err := metav1.LabelSelectorAsSelector(&sum.aggregation.ClusterRoleSelectors[i])
			if err != nil {
				continue // validation refuses such a selector; here it selects nothing
			}
			for _, r := range l.policy.clusterRoles.all() {
				if r != sum && selector.Matches(labels.Set(r.labels)) {
					l.used[r] = true
				}
			}
		}
	}
}

func (l *linter) role(r *role) {
	own := isSystem(r.Name) || r.labels["kubernetes.io/bootstrapping"] == "rbac-defaults"
	if own && !l.options.System {
		return
	}
	if !l.used[r] {
		l.add(LintUnusedRole, r.Ref, -1, "")
	}
	for i := range r.rules {
		rule := &r.rules[i]
		for _, code := range Dangers(rule) {
			l.add(code, r.Ref, i, "")
		}
		l.rule(r.Ref, i, rule)
	}
}

func (l *linter) rule(object Ref, i int, rule *rbacv1.PolicyRule) {
	if len(rule.ResourceNames) > 0 {
		var vain []string
		for _, verb := range rule.Verbs {
			collection := verb == "create" && !slices.ContainsFunc(rule.Resources, func(s string) bool { return strings.Contains(s, "/") })
			if collection || verb == "deletecollection" || verb == "list" || verb == "watch" {
				vain = append(vain, verb)
			}
		}
		if len(vain) > 0 {
			l.add(LintNamesIneffective, object, i, "", vain...)
		}
	}
	for _, group := range rule.APIGroups {
		if name, version, slash := strings.Cut(group, "/"); slash && versionPattern.MatchString(version) {
			l.add(GroupIsVersion, object, i, name, group)
		} else if !slash && versionPattern.MatchString(group) {
			l.add(GroupIsVersion, object, i, "", group)
		}
	}
	for _, verb := range rule.Verbs {
		if slices.Contains(knownVerbs, verb) {
			continue
		}
		for _, right := range knownVerbs {
			if meansVerb(verb, right) {
				l.add(VerbMisspelt, object, i, right, verb)
				break
			}
		}
	}
	for _, resource := range rule.Resources {
		l.resource(object, i, rule, resource)
	}
}

func (l *linter) resource(object Ref, i int, rule *rbacv1.PolicyRule, resource string) {
	base, sub, isSub := strings.Cut(resource, "/")
	if isSub && sub == "*" {
		l.add(SubresourceGlob, object, i, "", resource)
		return
	}
	if base == "*" {
		return
	}
	if k, ok := known[base]; ok {
		if !slices.ContainsFunc(k.groups, func(g string) bool { return groupMatches(rule.APIGroups, g) }) && !versioned(rule.APIGroups) && standard(rule.APIGroups) {
			groups := slices.Sorted(slices.Values(k.groups))
			want := base
			if groups[0] != "" {
				want += "." + groups[0]
			}
			l.add(LintWrongGroup, object, i, want, rule.APIGroups...)
		}
		return
	}
	if !standard(rule.APIGroups) {
		return // somebody's own resources may be called anything
	}
	for _, right := range slices.Sorted(maps.Keys(known)) {
		if meansResource(base, right) {
			l.add(ResourceMisspelt, object, i, right, resource)
			return
		}
	}
}

func versioned(groups []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool {
		_, version, slash := strings.Cut(g, "/")
		return slash && versionPattern.MatchString(version) || versionPattern.MatchString(g)
	})
}

// standard reports whether all groups are ones that Kubernetes itself serves, or were meant to be.
func standard(groups []string) bool {
	for _, g := range groups {
		name, _, _ := strings.Cut(g, "/")
		if name != "" && name != "*" && strings.Contains(name, ".") && !strings.HasSuffix(name, ".k8s.io") {
			return false
		}
	}
	return true
}
