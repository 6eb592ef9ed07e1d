package authz

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
	"github.com/kubemint/kubemint/rbac/bootstrap"
)

// The parties that are asked, as they appear in Decision.By and in an Answer.
const (
	ByMasters = "masters"
	ByNode    = "node"
	ByRBAC    = "rbac"
)

// Config says what an Authorizer decides by.
type Config struct {
	// Policy holds the roles and bindings. Nil: there are none.
	Policy *rbac.Index
	// Graph relates nodes to what their pods need. Nil: no pod runs anywhere.
	Graph *Graph
	// NodesReadAll lets kubelets read all nodes and pods, as before Kubernetes 1.32 (NODE-8, NODE-9).
	NodesReadAll bool
	// NodesReadNoAccounts keeps kubelets from reading the accounts of their pods, as before 1.34.
	NodesReadNoAccounts bool
}

// Authorizer is the chain. Its methods may be called concurrently and never block.
type Authorizer struct {
	policy *rbac.Index
	node   nodeAuthorizer
}

// New makes an Authorizer.
func New(c Config) *Authorizer {
	if c.Policy == nil {
		c.Policy = rbac.NewIndex()
	}
	if c.Graph == nil {
		c.Graph = NewGraph()
	}
	return &Authorizer{
		policy: c.Policy,
		node: nodeAuthorizer{
			graph: c.Graph, rules: rbac.NewRuleSet(bootstrap.NodeRules()),
			readAll: c.NodesReadAll, noAccounts: c.NodesReadNoAccounts,
		},
	}
}

// Decision is the answer of the chain.
type Decision struct {
	Allowed bool
	// Reason is that of the party that allowed, which for system:masters and nodes is empty; of a refusal, the reasons
	// of all that gave one, joined by a newline (AUTHZ-25).
	Reason string
	// Err is an error beside a refusal; the server answers 500 then (AUTHZ-23). None of today's parties makes one (AUTHZ-24).
	Err error

	// By names the party that allowed, "" in a refusal.
	By string
	// Node is set if the user is a node.
	Node *NodeAnswer
	// RBAC is the engine's answer if it was asked, Policy the snapshot it was given by, for later questions about this very
	// decision.
	RBAC   rbac.Decision
	Policy *rbac.Policy
}

// Asked is a question and its answer, as a story keeps it.
type Asked struct {
	Attributes
	Decision
}

// Answer is what one party said.
type Answer struct {
	By      string `json:"by"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty"`
}

// Trace lists the answers in the order in which the parties were asked. It ends with the one that allowed.
func (d *Decision) Trace() []Answer {
	out := []Answer{{By: ByMasters, Allowed: d.By == ByMasters}}
	if d.By == ByMasters {
		return out
	}
	node := Answer{By: ByNode, Allowed: d.By == ByNode}
	if d.Node != nil {
		node.Reason = d.Node.Reason
	}
	out = append(out, node)
	if d.By == ByNode {
		return out
	}
	return append(out, Answer{By: ByRBAC, Allowed: d.By == ByRBAC, Reason: d.RBAC.Reason})
}

// Authorize decides a request. A request without a user is refused.
func (z *Authorizer) Authorize(a Attributes) Decision {
	policy := z.policy.Snapshot()
	if a.User == nil {
		return Decision{Policy: policy}
	}
	if a.User.In(request.Masters) {
		return Decision{Allowed: true, By: ByMasters, Policy: policy}
	}
	d := Decision{Policy: policy}
	if name, ok := nodeName(a.User); ok {
		answer := z.node.authorize(name, &a)
		d.Node = &answer
		if answer.Allowed {
			d.Allowed, d.By = true, ByNode
			return d
		}
		d.Reason = answer.Reason
	}
	d.RBAC = policy.Authorize(a.rbac())
	switch {
	case d.RBAC.Allowed:
		d.Allowed, d.By, d.Reason = true, ByRBAC, d.RBAC.Reason
	case d.Reason == "":
		d.Reason = d.RBAC.Reason
	case d.RBAC.Reason != "":
		d.Reason += "\n" + d.RBAC.Reason
	}
	return d
}

// May asks for one right on a resource, as admission and impersonation do. The error is always nil; it is there for
// authorizers that can fail.
func (z *Authorizer) May(_ context.Context, user *request.User, verb, group, resource, namespace, name string) (bool, error) {
	d := z.Authorize(Attributes{User: user, IsResource: true, Verb: verb, Group: group, Version: "*", Resource: resource, Namespace: namespace, Name: name})
	return d.Allowed, d.Err
}

// Snapshot returns the policy in force.
func (z *Authorizer) Snapshot() *rbac.Policy { return z.policy.Snapshot() }

// Rules are what a user may do, as far as a list can say it.
type Rules struct {
	Rules []rbacv1.PolicyRule
	// Incomplete says that a party cannot list its rules, Errors what went wrong (SAR-16).
	Incomplete bool
	Errors     []error
}

// RulesFor lists the rules of a user in a namespace from every party but system:masters (AUTHZ-29).
func (z *Authorizer) RulesFor(user *request.User, namespace string) Rules {
	var out Rules
	if user == nil {
		return out
	}
	if _, ok := nodeName(user); ok {
		out.Incomplete = true
		out.Errors = append(out.Errors, errNodeRules)
	}
	rules, err := z.policy.Snapshot().RulesFor(user.Name, user.Groups, namespace)
	out.Rules = rules
	if err != nil {
		out.Errors = append(out.Errors, err)
	}
	return out
}
