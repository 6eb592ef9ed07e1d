package authz

import (
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

// Explanation is rbac's, with the answer of the rest of the chain.
type Explanation struct {
	rbac.Explanation
	// By names the party that allows, "" in a refusal. Unless it is ByRBAC the RBAC part only says that too.
	By string `json:"by,omitempty"`
	// NodeReason is why the Node authorizer has not allowed a node's request.
	NodeReason string `json:"nodeReason,omitempty"`
}

// Explain tells why a request would be allowed or what it lacks, by the policy given, or by the one in force if it is nil.
// It changes nothing and may cost milliseconds.
func (z *Authorizer) Explain(a Attributes, policy *rbac.Policy) Explanation {
	if policy == nil {
		policy = z.policy.Snapshot()
	}
	var e Explanation
	if a.User == nil {
		return e
	}
	if a.User.In(request.Masters) {
		e.By, e.Decision.Allowed = ByMasters, true
		return e
	}
	if name, ok := nodeName(a.User); ok {
		answer := z.node.authorize(name, &a)
		e.NodeReason = answer.Reason
		if answer.Allowed {
			e.By, e.Decision.Allowed = ByNode, true
			return e
		}
	}
	e.Explanation = policy.Explain(a.rbac())
	if e.Decision.Allowed {
		e.By = ByRBAC
	}
	return e
}
