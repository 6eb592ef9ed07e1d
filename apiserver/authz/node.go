package authz

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

var errNodeRules = errors.New("node authorizer does not support user rule resolution")

// leaseNamespace is where nodes keep their heartbeats.
const leaseNamespace = "kube-node-lease"

// NodeAnswer is what the Node authorizer said. Reason is never set when it allows.
type NodeAnswer struct {
	Node    string
	Allowed bool
	Reason  string
}

// nodeName tells a node by its user name and group (NODE-1). A user named "system:node:" is a node without a name.
func nodeName(u *request.User) (string, bool) {
	name, ok := strings.CutPrefix(u.Name, request.NodePrefix)
	return name, ok && u.In(request.Nodes)
}

// nodeAuthorizer lets a kubelet do its work and no more: read what its own pods refer to, write its own Node and Lease
// (upstream plugin/pkg/auth/authorizer/node). What a request says in its body is admission's to judge.
type nodeAuthorizer struct {
	graph      *Graph
	rules      rbac.RuleSet
	readAll    bool
	noAccounts bool
}

var (
	allow = NodeAnswer{Allowed: true}
	none  = NodeAnswer{}
)

func no(reason string) NodeAnswer { return NodeAnswer{Reason: reason} }

func (n *nodeAuthorizer) authorize(node string, a *Attributes) NodeAnswer {
	if node == "" {
		return no(fmt.Sprintf("unknown node for user %q", a.User.Name))
	}
	answer := n.judge(node, a)
	answer.Node = node
	return answer
}

func (n *nodeAuthorizer) judge(node string, a *Attributes) NodeAnswer {
	if a.IsResource {
		switch a.Group + "/" + a.Resource {
		case "/secrets":
			return n.read(node, vertexSecret, a)
		case "/configmaps":
			return n.read(node, vertexConfigMap, a)
		case "/persistentvolumeclaims":
			if a.Subresource == "status" {
				return n.status(node, vertexClaim, a)
			}
			return n.get(node, vertexClaim, a)
		case "/persistentvolumes":
			return n.get(node, vertexVolume, a)
		case "resource.k8s.io/resourceclaims":
			return n.get(node, vertexResourceClaim, a)
		case "storage.k8s.io/volumeattachments":
			return n.get(node, vertexAttachment, a)
		case "/serviceaccounts":
			return n.account(node, a)
		case "coordination.k8s.io/leases":
			return lease(node, a)
		case "storage.k8s.io/csinodes":
			return csiNode(node, a)
		case "resource.k8s.io/resourceslices":
			return resourceSlice(node, a)
		case "/nodes":
			if !n.readAll {
				return ownNode(node, a)
			}
		case "/pods":
			if !n.readAll {
				return n.pod(node, a)
			}
		}
	}
	if _, ok := n.rules.Allows(a.rbac()); ok {
		return allow
	}
	return none
}

// related: NODE-10.
func (n *nodeAuthorizer) related(node string, kind vertexKind, a *Attributes) NodeAnswer {
	if a.Name == "" {
		return no("No Object name found")
	}
	return n.reachable(node, kind, a)
}

func (n *nodeAuthorizer) reachable(node string, kind vertexKind, a *Attributes) NodeAnswer {
	if n.graph.reaches(vertex{kind, a.Namespace, a.Name}, node) {
		return allow
	}
	return no(fmt.Sprintf("no relationship found between node '%s' and this object", node))
}

// read: NODE-3.
func (n *nodeAuthorizer) read(node string, kind vertexKind, a *Attributes) NodeAnswer {
	switch {
	case a.Verb != "get" && a.Verb != "list" && a.Verb != "watch":
		return no("can only read resources of this type")
	case a.Subresource != "":
		return no("cannot read subresource")
	case a.Namespace == "":
		return no("can only read namespaced object of this type")
	}
	return n.related(node, kind, a)
}

// get: NODE-4.
func (n *nodeAuthorizer) get(node string, kind vertexKind, a *Attributes) NodeAnswer {
	switch {
	case a.Verb != "get":
		return no("can only get individual resources of this type")
	case a.Subresource != "":
		return no("cannot get subresource")
	}
	return n.related(node, kind, a)
}

// status: NODE-4.
func (n *nodeAuthorizer) status(node string, kind vertexKind, a *Attributes) NodeAnswer {
	if a.Verb != "get" && a.Verb != "update" && a.Verb != "patch" {
		return no("can only get/update/patch this type")
	}
	return n.related(node, kind, a)
}

// account: NODE-5.
func (n *nodeAuthorizer) account(node string, a *Attributes) NodeAnswer {
	switch {
	case a.Verb == "get" && a.Subresource == "" && !n.noAccounts:
		return n.related(node, vertexAccount, a)
	case a.Verb != "create" || a.Name == "":
		return no("can only create tokens for individual service accounts")
	case a.Subresource != "token":
		return no("can only create token subresource of serviceaccount")
	}
	return n.reachable(node, vertexAccount, a)
}

// lease: NODE-6. The name of a lease that is created is only known to admission.
func lease(node string, a *Attributes) NodeAnswer {
	switch a.Verb {
	case "get", "create", "update", "patch", "delete":
	default:
		return no("can only get, create, update, patch, or delete a node lease")
	}
	switch {
	case a.Namespace != leaseNamespace:
		return no(fmt.Sprintf("can only access leases in the %q system namespace", leaseNamespace))
	case a.Verb != "create" && a.Name != node:
		return no("can only access node lease with the same name as the requesting node")
	}
	return allow
}

// csiNode: NODE-7.
func csiNode(node string, a *Attributes) NodeAnswer {
	switch a.Verb {
	case "get", "create", "update", "patch", "delete":
	default:
		return no("can only get, create, update, patch, or delete a CSINode")
	}
	switch {
	case a.Subresource != "":
		return no("cannot authorize CSINode subresources")
	case a.Verb != "create" && a.Name != node:
		return no("can only access CSINode with the same name as the requesting node")
	}
	return allow
}

// resourceSlice: NODE-7. Single slices would need their objects in the graph; kubemint serves none, so none is related.
func resourceSlice(node string, a *Attributes) NodeAnswer {
	if a.Subresource != "" {
		return no("cannot authorize ResourceSlice subresources")
	}
	switch a.Verb {
	case "create":
		return allow
	case "get", "update", "patch", "delete":
		return no(fmt.Sprintf("no relationship found between node '%s' and this object", node))
	case "list", "watch", "deletecollection":
		if selects(a.Fields, "spec.nodeName", node) {
			return allow
		}
		return no("can only list/watch/deletecollection resourceslices with nodeName field selector")
	}
	return no("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection")
}

// ownNode: NODE-8. NodeRestriction keeps a node from writing another one.
func ownNode(node string, a *Attributes) NodeAnswer {
	switch a.Subresource {
	case "":
		switch a.Verb {
		case "create", "update", "patch":
			return allow
		case "get", "list", "watch":
			switch a.Name {
			case node:
				return allow
			case "":
				return no(fmt.Sprintf("node '%s' cannot read all nodes, only its own Node object", node))
			}
			return no(fmt.Sprintf("node '%s' cannot read '%s', only its own Node object", node, a.Name))
		}
	case "status":
		if a.Verb == "update" || a.Verb == "patch" {
			return allow
		}
	}
	return none
}

// pod: NODE-9.
func (n *nodeAuthorizer) pod(node string, a *Attributes) NodeAnswer {
	switch a.Subresource {
	case "":
		switch a.Verb {
		case "get":
			return n.get(node, vertexPod, a)
		case "list", "watch":
			switch {
			case selects(a.Fields, "spec.nodeName", node):
				return allow
			case a.Name != "":
				return n.related(node, vertexPod, a)
			}
			return no("can only list/watch pods with spec.nodeName field selector")
		case "create", "delete":
			return allow
		}
	case "status":
		if a.Verb == "update" || a.Verb == "patch" {
			return allow
		}
	case "eviction":
		if a.Verb == "create" {
			return allow
		}
	}
	return none
}

// selects reports whether a selector demands that a field equals a value.
func selects(reqs fields.Requirements, field, value string) bool {
	for _, r := range reqs {
		if r.Field == field && r.Value == value && (r.Operator == selection.Equals || r.Operator == selection.DoubleEquals) {
			return true
		}
	}
	return false
}
