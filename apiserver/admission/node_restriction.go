package admission

import (
	"context"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubemint/kubemint/apiserver/request"
)

// nodeRestriction holds a node to its own Node, its own pods, its own lease, and tokens for the pods it runs (NODE-8 to NODE-17). It
// acts on node users only and complements the Node authorizer, which does not see what an object says.
type nodeRestriction struct{ Config }

func (p *nodeRestriction) mutate(ctx context.Context, a *Attributes) error {
	if !a.User.In(request.Nodes) || !strings.HasPrefix(a.User.Name, request.NodePrefix) {
		return nil // an ordinary user, whatever its groups (NODE-1)
	}
	node := strings.TrimPrefix(a.User.Name, request.NodePrefix)
	if node == "" {
		return forbiddenf(a, "could not determine node from user %q", a.User.Name)
	}
	switch a.Resource.Group + "/" + a.Resource.Resource {
	case "/pods":
		switch a.Subresource {
		case "":
			return p.pod(node, a)
		case "status":
			return p.podStatus(node, a)
		case "eviction":
			return p.podEviction(node, a)
		}
		return forbiddenf(a, "unexpected pod subresource %q, only 'status' and 'eviction' are allowed", a.Subresource)
	case "/nodes":
		return p.node(node, a)
	case "/persistentvolumeclaims":
		if a.Subresource != "status" {
			return forbiddenf(a, "may only update PVC status")
		}
		return p.claimStatus(node, a)
	case "/serviceaccounts":
		return p.token(ctx, node, a)
	case "coordination.k8s.io/leases":
		return p.lease(node, a)
	case "storage.k8s.io/csinodes":
		if p.nameOf(a) != node {
			return forbiddenf(a, "can only access CSINode with the same name as the requesting node")
		}
	case "certificates.k8s.io/certificatesigningrequests":
		return p.csr(node, a)
	}
	return nil
}

// pod: a node creates mirror pods and deletes its own (NODE-14).
func (p *nodeRestriction) pod(node string, a *Attributes) error {
	switch a.Operation {
	case Create:
		return p.podCreate(node, a)
	case Delete:
		pod, err := p.existing(a, a.Name)
		if err != nil {
			return err
		}
		if pod.Spec.NodeName != node {
			return forbiddenf(a, "node %q can only delete pods with spec.nodeName set to itself", node)
		}
		return nil
	}
	return forbiddenf(a, "unexpected operation %q, node %q can only create and delete mirror pods", a.Operation, node)
}

func (p *nodeRestriction) podCreate(node string, a *Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Object)
	}
	if !isMirror(pod) {
		return forbiddenf(a, "pod does not have %q annotation, node %q can only create mirror pods", corev1.MirrorPodAnnotationKey, node)
	}
	if pod.Spec.NodeName != node {
		return forbiddenf(a, "node %q can only create pods with spec.nodeName set to itself", node)
	}
	switch n := len(pod.OwnerReferences); {
	case n > 1:
		return forbiddenf(a, "node %q can only create pods with a single owner reference set to itself", node)
	case n == 0:
		return forbiddenf(a, "node %q can only create pods with an owner reference set to itself", node)
	}
	owner := pod.OwnerReferences[0]
	switch {
	case owner.APIVersion != "v1" || owner.Kind != "Node" || owner.Name != node:
		return forbiddenf(a, "node %q can only create pods with an owner reference set to itself", node)
	case owner.Controller == nil || !*owner.Controller:
		return forbiddenf(a, "node %q can only create pods with a controller owner reference set to itself", node)
	case owner.BlockOwnerDeletion != nil && *owner.BlockOwnerDeletion:
		return forbiddenf(a, "node %q must not set blockOwnerDeletion on an owner reference", node)
	}
	self, err := p.Getter.Node(node)
	if apierrors.IsNotFound(err) {
		return err
	}
	if err != nil {
		return forbiddenf(a, "error looking up node %s to verify uid: %w", node, err)
	}
	if owner.UID != self.UID {
		return forbiddenf(a, "node %s UID mismatch: expected %s got %s", node, owner.UID, self.UID)
	}
	if kind := references(pod); kind != "" {
		return forbiddenf(a, "node %q can not create pods that reference %s", node, kind)
	}
	return nil
}

// podStatus: only of its own pods, and labels stay (NODE-15): they steer what selectors find.
func (p *nodeRestriction) podStatus(node string, a *Attributes) error {
	if a.Operation != Update {
		return forbiddenf(a, "unexpected operation %q", a.Operation)
	}
	old, ok := a.Old.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Old)
	}
	if old.Spec.NodeName != node {
		return forbiddenf(a, "node %q can only update pod status for pods with spec.nodeName set to itself", node)
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Object)
	}
	if !labels.Equals(old.Labels, pod.Labels) {
		return forbiddenf(a, "node %q cannot update labels through pod status", node)
	}
	if !equality.Semantic.DeepEqual(old.Status.ResourceClaimStatuses, pod.Status.ResourceClaimStatuses) {
		return forbiddenf(a, "node %q cannot update resource claim statues", node) // upstream's spelling
	}
	return nil
}

func (p *nodeRestriction) podEviction(node string, a *Attributes) error {
	if a.Operation != Create {
		return forbiddenf(a, "unexpected operation %s", a.Operation)
	}
	eviction, ok := a.Object.(*policyv1.Eviction)
	if !ok {
		return wrongType(a, a.Object)
	}
	name := a.Name
	if name == "" {
		name = eviction.Name
	}
	if name == "" {
		return forbiddenf(a, "could not determine pod from request data")
	}
	pod, err := p.existing(a, name)
	if err != nil {
		return err
	}
	if pod.Spec.NodeName != node {
		return forbiddenf(a, "node %s can only evict pods with spec.nodeName set to itself", node)
	}
	return nil
}

// claimStatus: capacity and conditions of a claim, nothing else.
func (p *nodeRestriction) claimStatus(node string, a *Attributes) error {
	if a.Operation != Update {
		return forbiddenf(a, "unexpected operation %q", a.Operation)
	}
	var plain [2]*corev1.PersistentVolumeClaim
	for i, o := range []any{a.Old, a.Object} {
		c, ok := o.(*corev1.PersistentVolumeClaim)
		if !ok {
			return wrongType(a, o)
		}
		c = c.DeepCopy()
		c.ResourceVersion, c.ManagedFields = "", nil
		c.Status.Capacity, c.Status.Conditions = nil, nil
		c.Status.AllocatedResources, c.Status.AllocatedResourceStatuses = nil, nil
		plain[i] = c
	}
	if !equality.Semantic.DeepEqual(plain[0], plain[1]) {
		return forbiddenf(a, "node %q is not allowed to update fields other than status.quantity and status.conditions", node)
	}
	return nil
}

func (p *nodeRestriction) lease(node string, a *Attributes) error {
	if a.Namespace != corev1.NamespaceNodeLease {
		return forbiddenf(a, "can only access leases in the %q system namespace", corev1.NamespaceNodeLease)
	}
	if _, ok := a.Object.(*coordinationv1.Lease); a.Operation == Create && !ok {
		return wrongType(a, a.Object)
	}
	if p.nameOf(a) != node {
		return forbiddenf(a, "can only access node lease with the same name as the requesting node")
	}
	return nil
}

// csr: certificates for kubelets only in the node's own name (NODE-17).
func (p *nodeRestriction) csr(node string, a *Attributes) error {
	if a.Operation != Create {
		return nil
	}
	signer, parsed, err := certificateRequest(a)
	if err != nil {
		return err
	}
	if signer != kubeletServingSigner && signer != kubeletClientSigner {
		return nil
	}
	cr, err := parsed()
	if err != nil {
		return forbiddenf(a, "unable to parse csr: %w", err)
	}
	if cr.Subject.CommonName != request.NodePrefix+node {
		return forbiddenf(a, "can only create a node CSR with CN=system:node:%s", node)
	}
	return nil
}

// nameOf is the name of the object meant: that of the body on create, of the URL otherwise.
func (p *nodeRestriction) nameOf(a *Attributes) string {
	if a.Operation != Create {
		return a.Name
	}
	m, err := meta.Accessor(a.Object)
	if err != nil {
		return ""
	}
	return m.GetName()
}

func (p *nodeRestriction) existing(a *Attributes, name string) (*corev1.Pod, error) {
	pod, err := p.Getter.Pod(a.Namespace, name)
	if apierrors.IsNotFound(err) {
		return nil, err
	}
	if err != nil {
		return nil, forbidden(a, err)
	}
	return pod, nil
}
