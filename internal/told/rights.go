package told

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint/rbac"
)

// The parties that can allow a request.
const (
	ByMasters = "masters"
	ByNode    = "node"
	ByRBAC    = "rbac"
)

// Question is who wants to do what.
type Question struct {
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
	Request
	Path string `json:"path,omitempty"`
}

// Explanation tells why something is allowed, or what it lacks.
type Explanation struct {
	Question Question `json:"question"`
	Allowed  bool     `json:"allowed"`
	// By names the party that allows: masters, node or rbac.
	By string `json:"by,omitempty"`
	// NodeReason is why the node authorizer has not allowed what a node asked.
	NodeReason string `json:"nodeReason,omitempty"`
	// Grants are all ways in which it is allowed, those through the smallest roles first.
	Grants []Grant `json:"grants,omitempty"`
	// Near are bindings that almost allow it, closest first; More counts those left out.
	Near []Near `json:"near,omitempty"`
	More int    `json:"more,omitempty"`
	// NamedUser and NamedGroups count the bindings that name the user, and one of the groups.
	NamedUser   int `json:"namedUser"`
	NamedGroups int `json:"namedGroups"`
	// OwnGroups counts those of the latter that are not Kubernetes' own, which say what everybody may.
	OwnGroups int `json:"ownGroups"`
	// Works lists the namespaces where it would be allowed.
	Works []string `json:"works,omitempty"`
	// NoAccount lists accounts that the near misses name and that do not exist, as "namespace/name".
	NoAccount []string `json:"noAccount,omitempty"`
	// Fix is the smallest change that allows it.
	Fix *rbac.Fix `json:"fix,omitempty"`
}

// Grant is a binding that allows, and the rule by which.
type Grant struct {
	rbac.Grant
	Allows rbacv1.PolicyRule `json:"allows"`
}

// Near is a near miss, and the rule that came closest; nil if none did.
type Near struct {
	rbac.NearMiss
	Allows *rbacv1.PolicyRule `json:"allows,omitempty"`
}

// Holders are those who may do something.
type Holders struct {
	Question Question      `json:"question"`
	Holders  []rbac.Holder `json:"holders"`
}

// Access is what somebody may do.
type Access struct {
	User   string   `json:"user"`
	Groups []string `json:"groups,omitempty"`
	// Namespace is the one that Rows are about; empty: all of them.
	Namespace string `json:"namespace,omitempty"`
	// By is "masters" for who may do everything, "node" for a node, which may do more than RBAC says.
	By   string           `json:"by,omitempty"`
	Rows []rbac.AccessRow `json:"rows"`
	// URLs are the rules about paths, Elsewhere those about resources that this cluster does not serve.
	URLs      []rbacv1.PolicyRule `json:"urls,omitempty"`
	Elsewhere []rbacv1.PolicyRule `json:"elsewhere,omitempty"`
	// Dangers are what these rights make possible.
	Dangers []rbac.Code `json:"dangers,omitempty"`
	// Bindings are the ways to them.
	Bindings []rbac.Link `json:"bindings,omitempty"`
}

// Difference is what would change if a manifest were applied.
type Difference struct {
	Gains   []rbac.Gain `json:"gains"`
	Skipped []string    `json:"skipped,omitempty"`
	// NoAccount lists accounts that would gain something and do not exist, as "namespace/name".
	NoAccount []string `json:"noAccount,omitempty"`
}

// Lint is what is odd or dangerous about roles and bindings.
type Lint struct {
	Findings []rbac.Finding `json:"findings"`
	Paths    []rbac.Path    `json:"paths"`
}

// Import is a manifest explained by itself.
type Import struct {
	Roles    int       `json:"roles"`
	Bindings int       `json:"bindings"`
	Holdings []Holding `json:"holdings"`
	Lint
	Skipped []string `json:"skipped,omitempty"`
}

// Holding is what somebody holds.
type Holding struct {
	Subject rbacv1.Subject `json:"subject"`
	Links   []rbac.Link    `json:"links"`
	Dangers []rbac.Code    `json:"dangers,omitempty"`
}
