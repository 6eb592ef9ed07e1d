package token

import (
	"context"
	"fmt"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// AnnotationIssued is the audit annotation of an issued token (TOK-24).
const AnnotationIssued = "authentication.kubernetes.io/issued-credential-id"

// Handler answers POST serviceaccounts/NAME/token.
type Handler struct {
	Getter  Getter
	Issuer  *Issuer
	Clock   Clock
	Options Options
	// Mutate and Validate are the admission chain's two halves; they may change the request in place. nil: none.
	Mutate, Validate func(context.Context, *authenticationv1.TokenRequest) error
}

// Answer is a TokenRequest fulfilled.
type Answer struct {
	Request     *authenticationv1.TokenRequest
	Claims      *Claims
	Warnings    []string
	Annotations map[string]string
}

var requestKind = schema.GroupKind{Group: "authentication.k8s.io", Kind: "TokenRequest"}

// Handle issues a token for the account, in the order of TOK-9. tr is not changed. A dry run signs as well (TOK-18), hence no
// parameter for it. Errors are *apierrors.StatusError.
func (h *Handler) Handle(ctx context.Context, namespace, name string, tr *authenticationv1.TokenRequest) (*Answer, error) {
	tr = tr.DeepCopy()
	switch tr.Namespace {
	case "":
		tr.Namespace = namespace
	case namespace:
	default:
		return nil, apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	if err := run(ctx, h.Mutate, tr); err != nil {
		return nil, err
	}
	sa, err := h.account(namespace, name, tr)
	if err != nil {
		return nil, err
	}
	h.Options.Default(&tr.Spec)
	if errs := Validate(&tr.Spec); len(errs) > 0 {
		return nil, apierrors.NewInvalid(requestKind, "", errs)
	}
	if err := run(ctx, h.Validate, tr); err != nil {
		return nil, err
	}
	r := Request{Namespace: namespace, Account: Ref{Name: sa.Name, UID: string(sa.UID)}}
	if err := h.bind(&r, tr.Spec.BoundObjectRef); err != nil {
		return nil, err
	}
	now := h.Clock.Now()
	g := h.Options.Grant(tr.Spec, r.Pod != nil)
	tr.Spec.ExpirationSeconds = &g.Expiration
	r.Audiences, r.Seconds, r.WarnAfter = g.Audiences, g.Seconds, g.WarnAfter
	raw, claims, err := h.Issuer.Mint(r, now)
	if err != nil {
		return nil, apierrors.NewInternalError(fmt.Errorf("failed to generate token: %w", err))
	}
	tr.Name, tr.UID, tr.CreationTimestamp = sa.Name, sa.UID, metav1.NewTime(now.Truncate(time.Second))
	tr.Status = authenticationv1.TokenRequestStatus{
		Token:               raw,
		ExpirationTimestamp: metav1.NewTime(now.Add(time.Duration(g.Expiration) * time.Second).Truncate(time.Second)),
	}
	a := &Answer{Request: tr, Claims: claims}
	if g.Warning != "" {
		a.Warnings = []string{g.Warning}
	}
	if claims.ID != "" {
		a.Annotations = map[string]string{AnnotationIssued: "JTI=" + claims.ID}
	}
	return a, nil
}

func run(ctx context.Context, f func(context.Context, *authenticationv1.TokenRequest) error, tr *authenticationv1.TokenRequest) error {
	if f == nil {
		return nil
	}
	return f(ctx, tr)
}

// account looks the account up and holds what the request says of it against it (TOK-10, TOK-11).
func (h *Handler) account(namespace, name string, tr *authenticationv1.TokenRequest) (*corev1.ServiceAccount, error) {
	if tr.Name != "" && tr.Name != name {
		return nil, apierrors.NewInvalid(requestKind, name, field.ErrorList{
			field.Invalid(field.NewPath("metadata", "name"), tr.Name, "must match the service account name if specified"),
		})
	}
	sa, err := h.Getter.ServiceAccount(namespace, name)
	if err != nil {
		return nil, err
	}
	if h.Issuer.Era.ChecksRequestUID() && tr.UID != "" && tr.UID != sa.UID {
		return nil, apierrors.NewConflict(schema.GroupResource{Group: requestKind.Group, Resource: requestKind.Kind}, name,
			fmt.Errorf("the UID in the token request (%s) does not match the UID of the service account (%s)", tr.UID, sa.UID))
	}
	return sa, nil
}

// bind looks the bound object up (TOK-12 to TOK-15). Only group and kind of the reference count, not its version.
func (h *Handler) bind(r *Request, ref *authenticationv1.BoundObjectReference) error {
	if ref == nil {
		return nil
	}
	gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind)
	if ref.Name == "" && gvk.Group == "" && slices.Contains([]string{"Pod", "Secret", "Node"}, gvk.Kind) {
		return apierrors.NewBadRequest("Name parameter required.")
	}
	switch {
	case gvk.Group == "" && gvk.Kind == "Pod":
		pod, err := h.Getter.Pod(r.Namespace, ref.Name)
		if err != nil {
			return err
		}
		if pod.Spec.ServiceAccountName != r.Account.Name {
			return apierrors.NewBadRequest(fmt.Sprintf(
				"cannot bind token for serviceaccount %q to pod running with different serviceaccount name.", r.Account.Name))
		}
		if r.Node, err = h.nodeOf(pod); err != nil {
			return err
		}
		r.Pod, err = sameUID(gvk, ref, &pod.ObjectMeta)
		return err
	case gvk.Group == "" && gvk.Kind == "Secret":
		secret, err := h.Getter.Secret(r.Namespace, ref.Name)
		if err != nil {
			return err
		}
		r.Secret, err = sameUID(gvk, ref, &secret.ObjectMeta)
		return err
	case gvk.Group == "" && gvk.Kind == "Node" && h.Issuer.Era.NodeBinding():
		node, err := h.Getter.Node(ref.Name)
		if err != nil {
			return err
		}
		r.Node, err = sameUID(gvk, ref, &node.ObjectMeta)
		return err
	}
	return apierrors.NewBadRequest(fmt.Sprintf("cannot bind token to object of type %s", gvk.String()))
}

// nodeOf is the node a pod's token names: without a uid if the Node is missing, none while the pod is unscheduled (TOK-15).
func (h *Handler) nodeOf(pod *corev1.Pod) (*Ref, error) {
	name := pod.Spec.NodeName
	if name == "" {
		return nil, nil
	}
	node, err := h.Getter.Node(name)
	switch {
	case apierrors.IsNotFound(err):
		return &Ref{Name: name}, nil
	case err != nil:
		return nil, err
	}
	return &Ref{Name: name, UID: string(node.UID)}, nil
}

// sameUID refuses a reference to an earlier object of the same name (TOK-13).
func sameUID(gvk schema.GroupVersionKind, ref *authenticationv1.BoundObjectReference, m *metav1.ObjectMeta) (*Ref, error) {
	if ref.UID != "" && ref.UID != m.UID {
		return nil, apierrors.NewConflict(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, ref.Name,
			fmt.Errorf("the UID in the bound object reference (%s) does not match the UID in record. "+
				"The object might have been deleted and then recreated", ref.UID))
	}
	return &Ref{Name: m.Name, UID: string(m.UID)}, nil
}
