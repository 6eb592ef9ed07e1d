package authz

import (
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

// Write is a role or binding about to be created or updated.
type Write struct {
	User *request.User
	// Namespace and URLName come from the request's URL; URLName is empty for a POST, which is why escalate cannot be
	// scoped by name there (ESC-3).
	Namespace string
	URLName   string
	// Old is the stored object, nil if there is none. New is the object as it would be stored.
	Old, New runtime.Object
}

// fullAuthority is what it takes to aggregate: what cluster-admin has.
var fullAuthority = []rbacv1.PolicyRule{
	{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
	{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
}

// CheckWrite refuses to write a role or binding that would hand out more than its writer holds (ESC-1 to ESC-20). It must
// be asked for every create and update, whatever the verb and also on a dry run, before validation and after defaulting.
// Objects of other kinds pass. The error is the *apierrors.StatusError to answer: 403, or 404 for a binding to a role that
// does not exist (ESC-17).
func (z *Authorizer) CheckWrite(w Write) error {
	switch obj := w.New.(type) {
	case *rbacv1.Role:
		return z.checkRole(w, "roles", obj.Name, obj.Rules, false)
	case *rbacv1.ClusterRole:
		w.Namespace = ""
		old, _ := w.Old.(*rbacv1.ClusterRole)
		return z.checkRole(w, "clusterroles", obj.Name, obj.Rules, aggregates(obj) || old != nil && aggregates(old))
	case *rbacv1.RoleBinding:
		return z.checkBinding(w, "rolebindings", obj.Name, obj.RoleRef)
	case *rbacv1.ClusterRoleBinding:
		w.Namespace = ""
		return z.checkBinding(w, "clusterrolebindings", obj.Name, obj.RoleRef)
	}
	return nil
}

func aggregates(r *rbacv1.ClusterRole) bool {
	return r.AggregationRule != nil && len(r.AggregationRule.ClusterRoleSelectors) > 0
}

// checkRole: ESC-3, ESC-4, ESC-7, ESC-15.
func (z *Authorizer) checkRole(w Write, resource, name string, rules []rbacv1.PolicyRule, aggregates bool) error {
	if w.User.In(request.Masters) || z.allows(w.User, "escalate", resource, w.Namespace, w.URLName) || unchanged(w) {
		return nil
	}
	policy := z.policy.Snapshot()
	if err := confirm(policy, w, rules); err != nil {
		return forbiddenWrite(resource, name, err)
	}
	if aggregates && confirm(policy, w, fullAuthority) != nil {
		return forbiddenWrite(resource, name, errors.New("must have cluster-admin privileges to use the aggregationRule"))
	}
	return nil
}

// checkBinding: ESC-5, ESC-6, ESC-7, ESC-17.
func (z *Authorizer) checkBinding(w Write, resource, name string, ref rbacv1.RoleRef) error {
	bound := "roles"
	if ref.Kind == rbac.KindClusterRole {
		bound = "clusterroles"
	}
	if w.User.In(request.Masters) || z.allows(w.User, "bind", bound, w.Namespace, ref.Name) || unchanged(w) {
		return nil
	}
	policy := z.policy.Snapshot()
	rules, ok := policy.RoleRules(ref, w.Namespace)
	if !ok {
		return apierrors.NewNotFound(schema.GroupResource{Group: rbacv1.GroupName, Resource: resource}, ref.Name)
	}
	if err := confirm(policy, w, rules); err != nil {
		return forbiddenWrite(resource, name, err)
	}
	return nil
}

func (z *Authorizer) allows(user *request.User, verb, resource, namespace, name string) bool {
	return z.Authorize(Attributes{
		User: user, IsResource: true, Verb: verb, Group: rbacv1.GroupName, Version: "*",
		Resource: resource, Namespace: namespace, Name: name,
	}).Allowed
}

func confirm(policy *rbac.Policy, w Write, rules []rbacv1.PolicyRule) error {
	if w.User == nil {
		return errors.New("no user on context")
	}
	return policy.ConfirmNoEscalation(w.User.Name, w.User.Groups, w.Namespace, rules)
}

// Escalation is the refusal of somebody who tried to hand out rights without holding them.
type Escalation struct {
	*apierrors.StatusError
	// Missing are the rights.
	Missing []rbacv1.PolicyRule
}

// Unwrap returns what goes over the wire.
func (e *Escalation) Unwrap() error { return e.StatusError }

func forbiddenWrite(resource, name string, err error) error {
	out := &Escalation{StatusError: apierrors.NewForbidden(schema.GroupResource{Group: rbacv1.GroupName, Resource: resource}, name, err)}
	if e := new(rbac.EscalationError); errors.As(err, &e) {
		out.Missing = e.Missing
	}
	return out
}

// unchanged: an update that leaves all but the bookkeeping of the garbage collector and of field managers as it was needs
// no rights of its own (ESC-7). What the server stamps is not compared either.
func unchanged(w Write) bool {
	if w.Old == nil {
		return false
	}
	copied := w.New.DeepCopyObject()
	now, err := meta.Accessor(copied)
	if err != nil {
		return false
	}
	before, err := meta.Accessor(w.Old)
	if err != nil {
		return false
	}
	now.SetOwnerReferences(before.GetOwnerReferences())
	now.SetFinalizers(before.GetFinalizers())
	now.SetManagedFields(before.GetManagedFields())
	now.SetSelfLink(before.GetSelfLink())
	now.SetResourceVersion(before.GetResourceVersion())
	now.SetUID(before.GetUID())
	now.SetCreationTimestamp(before.GetCreationTimestamp())
	now.SetGeneration(before.GetGeneration())
	now.SetNamespace(before.GetNamespace())
	copied.GetObjectKind().SetGroupVersionKind(w.Old.GetObjectKind().GroupVersionKind())
	return equality.Semantic.DeepEqual(copied, w.Old)
}
