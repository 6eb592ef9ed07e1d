package admission

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
)

// token: a node asks for tokens only of the pods it runs, bound to them, for the audiences they name (NODE-9 to NODE-11, NODE-16).
func (p *nodeRestriction) token(ctx context.Context, node string, a *Attributes) error {
	if a.Operation != Create || a.Subresource != "token" {
		return nil
	}
	tr, ok := a.Object.(*authenticationv1.TokenRequest)
	if !ok {
		return wrongType(a, a.Object)
	}
	ref := tr.Spec.BoundObjectRef
	if ref == nil || ref.APIVersion != "v1" || ref.Kind != "Pod" || ref.Name == "" {
		return forbiddenf(a, "node requested token not bound to a pod")
	}
	if ref.UID == "" {
		return forbiddenf(a, "node requested token with a pod binding without a uid")
	}
	pod, err := p.existing(a, ref.Name)
	if err != nil {
		return err
	}
	if ref.UID != pod.UID {
		return forbiddenf(a, "the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID)
	}
	if pod.Spec.NodeName != node {
		return forbiddenf(a, "node requested token bound to a pod scheduled on a different node")
	}
	audience := ""
	if len(tr.Spec.Audiences) > 0 {
		audience = tr.Spec.Audiences[0]
	}
	if p.EnforceAudience {
		if err := p.audience(ctx, a, tr.Spec.Audiences, audience, pod); err != nil {
			return forbidden(a, err)
		}
	}
	a.note("NodeRestriction", NoteNodeTokenAllowed, "node", node, "pod", pod.Name, "audience", audience)
	return nil
}

// audience: one at most, and one that a projected token of the pod names; the default audience is the empty one (NODE-10). RBAC may
// grant others by the verb request-serviceaccounts-token-audience (NODE-11). CSI drivers are no kind here, so none names an audience.
func (p *nodeRestriction) audience(ctx context.Context, a *Attributes, all []string, audience string, pod *corev1.Pod) error {
	if len(all) > 1 {
		return fmt.Errorf("node may only request 0 or 1 audiences")
	}
	for _, v := range pod.Spec.Volumes {
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.ServiceAccountToken != nil && s.ServiceAccountToken.Audience == audience {
				return nil
			}
		}
	}
	allowed, err := p.Authorize(ctx, a.User, "request-serviceaccounts-token-audience", "", audience, a.Namespace, a.Name)
	switch {
	case allowed:
		return nil
	case err != nil:
		return fmt.Errorf("audience %q not found in pod spec volume, error authorizing %s to request tokens for this audience: %w", audience, a.User.Name, err)
	}
	return fmt.Errorf("audience %q not found in pod spec volume, %s is not authorized to request tokens for this audience", audience, a.User.Name)
}
