// Package bootstrap holds the roles and bindings that every cluster starts with, and the rule by which they are brought up
// to date at each start.
//
// The objects are facts of kube-apiserver 1.36 (plugin/pkg/auth/authorizer/rbac/bootstrappolicy), kept in a compact
// notation of our own in defaults.yaml. Releases order the rules of a role differently; compare them with rbac.Covers.
package bootstrap

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

//go:embed defaults.yaml
var defaults []byte

// Marks that all default objects carry (BOOT-2).
const (
	Label            = "kubernetes.io/bootstrapping"
	LabelValue       = "rbac-defaults"
	AutoUpdate       = "rbac.authorization.kubernetes.io/autoupdate"
	aggregateTo      = "rbac.authorization.k8s.io/aggregate-to-"
	controllerPrefix = "system:controller:"
)

// Policy is a set of default objects. Whoever gets one may change it.
type Policy struct {
	ClusterRoles        []*rbacv1.ClusterRole
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
	Roles               []*rbacv1.Role
	RoleBindings        []*rbacv1.RoleBinding
}

// Defaults returns the default objects, aggregated roles without rules, as a fresh copy.
func Defaults() Policy {
	p := parsed()
	out := Policy{}
	for _, o := range p.ClusterRoles {
		out.ClusterRoles = append(out.ClusterRoles, o.DeepCopy())
	}
	for _, o := range p.ClusterRoleBindings {
		out.ClusterRoleBindings = append(out.ClusterRoleBindings, o.DeepCopy())
	}
	for _, o := range p.Roles {
		out.Roles = append(out.Roles, o.DeepCopy())
	}
	for _, o := range p.RoleBindings {
		out.RoleBindings = append(out.RoleBindings, o.DeepCopy())
	}
	return out
}

// Objects lists all of them, roles before bindings.
func (p Policy) Objects() []runtime.Object {
	var out []runtime.Object
	for _, o := range p.ClusterRoles {
		out = append(out, o)
	}
	for _, o := range p.Roles {
		out = append(out, o)
	}
	for _, o := range p.ClusterRoleBindings {
		out = append(out, o)
	}
	for _, o := range p.RoleBindings {
		out = append(out, o)
	}
	return out
}

// DropTokenRequests takes the right to have tokens made out of edit and admin, which got it with Kubernetes 1.24
// (TOK-22).
func (p Policy) DropTokenRequests() {
	for _, r := range p.ClusterRoles {
		if r.Name == "system:aggregate-to-edit" {
			r.Rules = slices.DeleteFunc(r.Rules, func(rule rbacv1.PolicyRule) bool {
				return slices.Equal(rule.Resources, []string{"serviceaccounts/token"})
			})
		}
	}
}

// Namespaces are those that the default Roles need (BOOT-7).
func (p Policy) Namespaces() []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range p.Roles {
		if !seen[r.Namespace] {
			seen[r.Namespace] = true
			out = append(out, r.Namespace)
		}
	}
	return out
}

// NodeRules are the rules of system:node, which the Node authorizer applies to what it does not look at itself (NODE-11).
func NodeRules() []rbacv1.PolicyRule {
	for _, r := range parsed().ClusterRoles {
		if r.Name == "system:node" {
			return r.DeepCopy().Rules
		}
	}
	return nil
}

// parsed is the embedded file; it is read once and never changed. The file is part of the program: a mistake in it is
// found by every test and cannot happen later.
var parsed = sync.OnceValue(func() Policy {
	p, err := parse(defaults)
	if err != nil {
		panic("bootstrap: " + err.Error())
	}
	return p
})

type file struct {
	ClusterRoles []item `json:"clusterRoles"`
	Controllers  []item `json:"controllers"`
	Roles        []item `json:"roles"`
}

type item struct {
	Namespace  string    `json:"namespace"`
	Name       string    `json:"name"`
	Binding    string    `json:"binding"`
	Aggregates string    `json:"aggregates"`
	Feeds      string    `json:"feeds"`
	To         *[]string `json:"to"`
	Rules      []string  `json:"rules"`
}

func parse(data []byte) (Policy, error) {
	var f file
	if err := yaml.UnmarshalStrict(data, &f); err != nil {
		return Policy{}, err
	}
	var p Policy
	for _, it := range f.Controllers {
		to := []string{"account kube-system/" + it.Name}
		it.Name, it.To = controllerPrefix+it.Name, &to
		f.ClusterRoles = append(f.ClusterRoles, it)
	}
	for _, it := range append(f.ClusterRoles, f.Roles...) {
		if err := p.add(it); err != nil {
			return Policy{}, fmt.Errorf("%s: %w", it.Name, err)
		}
	}
	return p, nil
}

func (p *Policy) add(it item) error {
	rules, err := parseRules(it.Rules)
	if err != nil {
		return err
	}
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: it.Namespace, Name: name,
			Labels: map[string]string{Label: LabelValue}, Annotations: map[string]string{AutoUpdate: "true"}}
	}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: it.Name}
	if it.Namespace == "" {
		role := &rbacv1.ClusterRole{TypeMeta: typeMeta("ClusterRole"), ObjectMeta: meta(it.Name), Rules: rules}
		if it.Feeds != "" {
			role.Labels[aggregateTo+it.Feeds] = "true"
		}
		if it.Aggregates != "" {
			role.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{
				{MatchLabels: map[string]string{aggregateTo + it.Aggregates: "true"}}}}
		}
		p.ClusterRoles = append(p.ClusterRoles, role)
	} else {
		ref.Kind = "Role"
		p.Roles = append(p.Roles, &rbacv1.Role{TypeMeta: typeMeta("Role"), ObjectMeta: meta(it.Name), Rules: rules})
	}
	if it.To == nil {
		return nil
	}
	subjects, err := parseSubjects(*it.To)
	if err != nil {
		return err
	}
	name := it.Name
	if it.Binding != "" {
		name = it.Binding
	}
	if it.Namespace == "" {
		p.ClusterRoleBindings = append(p.ClusterRoleBindings, &rbacv1.ClusterRoleBinding{
			TypeMeta: typeMeta("ClusterRoleBinding"), ObjectMeta: meta(name), Subjects: subjects, RoleRef: ref})
	} else {
		p.RoleBindings = append(p.RoleBindings, &rbacv1.RoleBinding{
			TypeMeta: typeMeta("RoleBinding"), ObjectMeta: meta(name), Subjects: subjects, RoleRef: ref})
	}
	return nil
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

func parseRules(texts []string) ([]rbacv1.PolicyRule, error) {
	var out []rbacv1.PolicyRule
	for _, text := range texts {
		if text == "EVENTS" {
			text = "create patch update ; core events.k8s.io ; events"
		}
		var parts [][]string
		for part := range strings.SplitSeq(text, ";") {
			parts = append(parts, strings.Fields(part))
		}
		switch {
		case len(parts) == 2 && len(parts[1]) > 1 && parts[1][0] == "url":
			out = append(out, rbacv1.PolicyRule{Verbs: verbs(parts[0]), NonResourceURLs: parts[1][1:]})
			continue
		case len(parts) != 3 && len(parts) != 4:
			return nil, fmt.Errorf("rule %q has %d parts", text, len(parts))
		}
		rule := rbacv1.PolicyRule{Verbs: verbs(parts[0]), APIGroups: parts[1], Resources: parts[2]}
		for i, group := range rule.APIGroups {
			if group == "core" {
				rule.APIGroups[i] = ""
			}
		}
		if len(parts) == 4 {
			rule.ResourceNames = parts[3]
		}
		out = append(out, rule)
	}
	return out, nil
}

// verbs are sorted, as those of a real server's default rules.
func verbs(words []string) []string {
	var out []string
	for _, word := range words {
		switch word {
		case "READ":
			out = append(out, "get", "list", "watch")
		case "WRITE":
			out = append(out, "create", "delete", "deletecollection", "patch", "update")
		default:
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}

func parseSubjects(texts []string) ([]rbacv1.Subject, error) {
	var out []rbacv1.Subject
	for _, text := range texts {
		kind, name, _ := strings.Cut(text, " ")
		switch kind {
		case "user":
			out = append(out, rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: name})
		case "group":
			out = append(out, rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: name})
		case "account":
			namespace, name, _ := strings.Cut(name, "/")
			out = append(out, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name})
		default:
			return nil, fmt.Errorf("subject %q", text)
		}
	}
	return out, nil
}
