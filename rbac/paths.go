package rbac

import (
	"cmp"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Steps on the way to all rights.
const (
	// StepAdmin: holds every verb on every resource already.
	StepAdmin Code = "step-admin"
	// StepEscalate: writes any rule into a ClusterRole (DANGER-3).
	StepEscalate Code = "step-escalate"
	// StepBind: binds cluster-admin (DANGER-4).
	StepBind Code = "step-bind"
	// StepMasters: impersonates the group system:masters (DANGER-5).
	StepMasters Code = "step-masters"
	// StepImpersonate: acts as somebody else (DANGER-5).
	StepImpersonate Code = "step-impersonate"
	// StepToken: has a token made for an account (DANGER-6).
	StepToken Code = "step-token"
	// StepWorkload: runs a pod as an account of the namespace (DANGER-2).
	StepWorkload Code = "step-workload"
	// StepExec: runs a command in a pod, with its account's token (DANGER-2).
	StepExec Code = "step-exec"
	// StepSecrets: reads a token Secret of an account, if it has one (DANGER-1).
	StepSecrets Code = "step-secrets"
	// StepNodeProxy: runs commands in all pods through the kubelets (DANGER-7).
	StepNodeProxy Code = "step-node-proxy"
	// StepApprove: approves a client certificate in anybody's name (DANGER-8).
	StepApprove Code = "step-approve"
)

// Step is one move: with the right that Grant gives, in Namespace ("" for the whole cluster), one acts as Target. A last
// step has no Target: whoever can make it can do everything.
type Step struct {
	Code      Code            `json:"code"`
	Namespace string          `json:"namespace,omitempty"`
	Grant     Grant           `json:"grant"`
	Target    *rbacv1.Subject `json:"target,omitempty"`
}

// Path is how somebody can come to hold all rights.
type Path struct {
	Subject rbacv1.Subject `json:"subject"`
	Steps   []Step         `json:"steps"`
}

// move is a kind of step: who holds all the questions can make it.
type move struct {
	code      Code
	questions []Attributes
}

func right(verb, group, resource, sub, name string) Attributes {
	return Attributes{Verb: verb, Group: group, Resource: resource, Subresource: sub, Name: name, IsResource: true}
}

// last are the moves after which nothing is left to gain.
var last = []move{
	{StepAdmin, []Attributes{right("*", "*", "*", "", "")}},
	{StepEscalate, []Attributes{right("escalate", rbacv1.GroupName, "clusterroles", "", ""), right("update", rbacv1.GroupName, "clusterroles", "", "")}},
	{StepEscalate, []Attributes{right("escalate", rbacv1.GroupName, "clusterroles", "", ""), right("patch", rbacv1.GroupName, "clusterroles", "", "")}},
	{StepBind, []Attributes{right("bind", rbacv1.GroupName, "clusterroles", "", "cluster-admin"), right("create", rbacv1.GroupName, "clusterrolebindings", "", "")}},
	{StepMasters, []Attributes{right("impersonate", "", "groups", "", "system:masters"), right("impersonate", "", "users", "", "")}},
}

// toAccounts are the moves that make one an account; each question with the account's name if named.
var toAccounts = []struct {
	move
	named bool
}{
	{move{StepToken, []Attributes{right("create", "", "serviceaccounts", "token", "")}}, true},
	{move{StepImpersonate, []Attributes{right("impersonate", "", "serviceaccounts", "", "")}}, true},
	{move{StepWorkload, []Attributes{right("create", "", "pods", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "apps", "deployments", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "apps", "daemonsets", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "apps", "statefulsets", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "apps", "replicasets", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "batch", "jobs", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "batch", "cronjobs", "", "")}}, false},
	{move{StepWorkload, []Attributes{right("create", "", "replicationcontrollers", "", "")}}, false},
	{move{StepExec, []Attributes{right("create", "", "pods", "exec", "")}}, false},
	{move{StepBind, []Attributes{right("bind", rbacv1.GroupName, "clusterroles", "", "cluster-admin"), right("create", rbacv1.GroupName, "rolebindings", "", "")}}, false},
	{move{StepEscalate, []Attributes{right("escalate", rbacv1.GroupName, "roles", "", ""), right("update", rbacv1.GroupName, "roles", "", "")}}, false},
	{move{StepSecrets, []Attributes{right("list", "", "secrets", "", "")}}, false},
	{move{StepSecrets, []Attributes{right("get", "", "secrets", "", "")}}, false},
}

// Moves that make one any user, the user named, or any account.
var (
	approve = move{StepApprove, []Attributes{
		right("create", "certificates.k8s.io", "certificatesigningrequests", "", ""),
		right("update", "certificates.k8s.io", "certificatesigningrequests", "approval", ""),
		right("approve", "certificates.k8s.io", "signers", "", "kubernetes.io/kube-apiserver-client"),
	}}
	impersonate = move{StepImpersonate, []Attributes{right("impersonate", "", "users", "", "")}}
	nodeProxy   = move{StepNodeProxy, []Attributes{right("get", "", "nodes", "proxy", "")}}
)

// Paths finds everybody who can come to hold all rights, and the shortest way each can (who holds them already has one
// step). Kubernetes' own components are passed through but not listed, unless all is set.
func (p *Policy) Paths(all bool) []Path {
	f := pathFinder{policy: p, found: map[subjectKey][]Step{}, accounts: map[string][]subjectKey{}}
	f.collect()
	for f.round() {
	}
	var out []Path
	for _, key := range f.keys {
		if steps := f.found[key]; steps != nil && (all || !f.system[key]) {
			out = append(out, Path{key.subject(), steps})
		}
	}
	slices.SortFunc(out, func(x, y Path) int {
		return cmp.Or(cmp.Compare(len(x.Steps), len(y.Steps)), compareSubjects(x.Subject, y.Subject))
	})
	return out
}

type pathFinder struct {
	policy *Policy
	keys   []subjectKey
	system map[subjectKey]bool // named by bindings of Kubernetes itself only
	found  map[subjectKey][]Step
	// accounts by namespace, and users that are none, from whom a path is known: shortest paths first.
	accounts map[string][]subjectKey
	users    []subjectKey
}

func (f *pathFinder) collect() {
	f.system = map[subjectKey]bool{}
	see := func(s *scope) {
		for _, b := range s.bindings.all() {
			for _, key := range b.keys {
				key.pos = 0
				if only, seen := f.system[key]; !seen || only {
					f.system[key] = isSystem(b.Name)
				}
			}
		}
	}
	see(&f.policy.cluster)
	for _, s := range f.policy.namespaces.all() {
		see(s)
	}
	for key := range f.system {
		f.keys = append(f.keys, key)
	}
	slices.SortFunc(f.keys, func(x, y subjectKey) int { return compareSubjects(x.subject(), y.subject()) })
}

// round finds the paths that are one step longer than those of the last round.
func (f *pathFinder) round() bool {
	var fresh []subjectKey
	paths := map[subjectKey][]Step{}
	for _, key := range f.keys {
		if f.found[key] != nil {
			continue
		}
		if steps := f.step(key); steps != nil {
			fresh = append(fresh, key)
			paths[key] = steps
		}
	}
	for _, key := range fresh {
		f.found[key] = paths[key]
		if key.group {
			continue
		}
		if namespace, _, ok := AccountOf(key.name); ok {
			f.accounts[namespace] = append(f.accounts[namespace], key)
		} else {
			f.users = append(f.users, key)
		}
	}
	return len(fresh) > 0
}

func (f *pathFinder) step(key subjectKey) []Step {
	if len(f.found) == 0 { // the first round
		for _, m := range last {
			if g, ok := f.holds(key, m.questions, "", ""); ok {
				return []Step{{Code: m.code, Grant: g}}
			}
		}
		return nil
	}
	if len(f.users) > 0 {
		if g, ok := f.holds(key, approve.questions, "", ""); ok {
			return f.via(approve.code, "", g, f.users[0])
		}
		for _, target := range f.users {
			if g, ok := f.holds(key, impersonate.questions, "", target.name); ok {
				return f.via(impersonate.code, "", g, target)
			}
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(f.accounts)) {
		if steps := f.toAccount(key, namespace); steps != nil {
			return steps
		}
	}
	return nil
}

// toAccount looks for a way to act as an account of a namespace from which a path is known.
func (f *pathFinder) toAccount(key subjectKey, namespace string) []Step {
	targets := f.accounts[namespace]
	if g, ok := f.holds(key, nodeProxy.questions, "", ""); ok {
		return f.via(nodeProxy.code, "", g, targets[0])
	}
	for _, m := range toAccounts {
		if !m.named {
			if g, ok := f.holds(key, m.questions, namespace, ""); ok {
				return f.via(m.code, namespace, g, targets[0])
			}
			continue
		}
		for _, target := range targets {
			_, name, _ := AccountOf(target.name)
			if g, ok := f.holds(key, m.questions, namespace, name); ok {
				return f.via(m.code, namespace, g, target)
			}
		}
	}
	return nil
}

func (f *pathFinder) via(code Code, namespace string, g Grant, target subjectKey) []Step {
	subject := target.subject()
	return append([]Step{{Code: code, Namespace: namespace, Grant: g, Target: &subject}}, f.found[target]...)
}

// holds reports whether a subject holds all the rights in a namespace, with the grant of the first. Accounts are members
// of their groups, everybody but a group is authenticated.
func (f *pathFinder) holds(key subjectKey, questions []Attributes, namespace, name string) (Grant, bool) {
	var first Grant
	for i, a := range questions {
		a.Namespace = namespace
		if name != "" {
			a.Name = name
		}
		if key.group {
			a.Groups = []string{key.name}
		} else {
			a.User = key.name
			a.Groups = []string{"system:authenticated"}
			if of, _, ok := AccountOf(key.name); ok {
				a.Groups = []string{"system:serviceaccounts", "system:serviceaccounts:" + of, "system:authenticated"}
			}
		}
		d := f.policy.Authorize(a)
		if !d.Allowed {
			return Grant{}, false
		}
		if i == 0 {
			first = Grant{d.Binding, d.Role, d.Rule, d.Subject}
		}
	}
	return first, true
}
