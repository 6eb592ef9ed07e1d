package admission

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// namespaceLifecycle keeps content out of namespaces that do not exist or are going (API-89, TOK-19), and keeps the three namespaces
// without which a cluster does not work (SA-16, API-187).
type namespaceLifecycle struct{ get Getter }

var immortal = map[string]bool{"default": true, "kube-system": true, "kube-public": true}

func (p *namespaceLifecycle) mutate(_ context.Context, a *Attributes) error {
	if a.Kind.Group == "" && a.Kind.Kind == "Namespace" {
		if a.Operation == Delete && immortal[a.Name] {
			return apierrors.NewForbidden(a.Resource.GroupResource(), a.Name, fmt.Errorf("this namespace may not be deleted"))
		}
		return nil
	}
	if a.Namespace == "" || a.Operation == Delete || a.Operation == Connect {
		return nil
	}
	// An answer about the namespace would tell outsiders which namespaces there are.
	if a.is("authorization.k8s.io", "localsubjectaccessreviews", "") {
		return nil
	}
	ns, err := p.get.Namespace(a.Namespace)
	if err != nil {
		return err
	}
	if a.Operation != Create || ns.Status.Phase != corev1.NamespaceTerminating {
		return nil
	}
	refused := apierrors.NewForbidden(a.Resource.GroupResource(), a.displayName(),
		fmt.Errorf("unable to create new content in namespace %s because it is being terminated", a.Namespace))
	refused.ErrStatus.Details.Causes = append(refused.ErrStatus.Details.Causes, metav1.StatusCause{
		Type:    corev1.NamespaceTerminatingCause,
		Message: fmt.Sprintf("namespace %s is being terminated", a.Namespace),
		Field:   "metadata.namespace",
	})
	return refused
}
