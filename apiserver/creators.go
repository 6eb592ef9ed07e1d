package apiserver

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/registry/prepare"
	"github.com/kubemint/kubemint/apiserver/registry/validate"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/reviews"
	"github.com/kubemint/kubemint/apiserver/token"
)

// creators answer the POSTs that store nothing under their own kind.
func (s *Server) creators(tokens *token.Handler, access reviews.Access, identity reviews.Identity) map[string]rest.Creator {
	reviewed := func(ctx context.Context, namespace, _ string, obj runtime.Object, _ bool) (runtime.Object, error) {
		return access.Create(request.UserFrom(ctx), namespace, obj)
	}
	return map[string]rest.Creator{
		"serviceaccounts/token": func(ctx context.Context, namespace, name string, obj runtime.Object, _ bool) (runtime.Object, error) {
			tr, ok := obj.(*authenticationv1.TokenRequest)
			if !ok {
				return nil, apierrors.NewBadRequest(fmt.Sprintf("not a TokenRequest: %T", obj))
			}
			answer, err := tokens.Handle(ctx, namespace, name, tr)
			if err != nil {
				return nil, err
			}
			for _, text := range answer.Warnings {
				request.Warn(ctx, text)
			}
			for k, v := range answer.Annotations {
				request.Annotate(ctx, k, v)
			}
			return answer.Request, nil
		},
		"pods/binding":  s.bind,
		"bindings":      s.bind,
		"pods/eviction": s.evict,
		"tokenreviews.authentication.k8s.io": func(ctx context.Context, _, _ string, obj runtime.Object, _ bool) (runtime.Object, error) {
			return identity.TokenReview(ctx, obj)
		},
		"selfsubjectreviews.authentication.k8s.io": func(ctx context.Context, _, _ string, obj runtime.Object, _ bool) (runtime.Object, error) {
			return identity.SelfSubjectReview(ctx, obj)
		},
		"subjectaccessreviews.authorization.k8s.io":      reviewed,
		"selfsubjectaccessreviews.authorization.k8s.io":  reviewed,
		"localsubjectaccessreviews.authorization.k8s.io": reviewed,
		"selfsubjectrulesreviews.authorization.k8s.io":   reviewed,
	}
}

// bind puts a pod on a node (API-219).
func (s *Server) bind(ctx context.Context, namespace, name string, obj runtime.Object, dry bool) (runtime.Object, error) {
	b, ok := obj.(*corev1.Binding)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a Binding: %T", obj))
	}
	if name == "" {
		name = b.Name
	}
	if b.Name != name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Binding object")
	}
	if errs := validate.Binding(b); len(errs) > 0 {
		return nil, errs.ToAggregate() // a real server does not make a Status of it either
	}
	c := prepare.Context{Now: s.clock.Now(), User: request.UserFrom(ctx)}
	_, _, err := s.registry.Core("pods").Update(ctx, namespace, name, registry.UpdateOptions{
		Subresource: "binding", Own: true, DryRun: dry, UID: b.UID, ResourceVersion: b.ResourceVersion,
		Transform: func(_ context.Context, present runtime.Object) (runtime.Object, error) {
			pod := present.(*corev1.Pod)
			if err := prepare.Bind(c, pod, b); err != nil {
				return nil, apierrors.NewConflict(schema.GroupResource{Resource: "pods/binding"}, name, err)
			}
			pod.ResourceVersion = ""
			return pod, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}

// evict deletes a pod unless a disruption budget forbids it.
func (s *Server) evict(ctx context.Context, namespace, name string, obj runtime.Object, dry bool) (runtime.Object, error) {
	e, ok := obj.(*policyv1.Eviction)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not an Eviction: %T", obj))
	}
	if e.Name != name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Eviction object")
	}
	pod, err := plural{live{s.registry}}.Pod(namespace, name)
	if err != nil {
		return nil, err
	}
	if err := s.disrupt(ctx, pod, dry); err != nil {
		return nil, err
	}
	if !dry {
		if err := s.disrupted(ctx, namespace, name); err != nil {
			return nil, err
		}
	}
	o := registry.DeleteOptions{DryRun: dry}
	if e.DeleteOptions != nil {
		o.Options = *e.DeleteOptions
	}
	if _, _, err := s.registry.Core("pods").Delete(ctx, namespace, name, o); err != nil {
		return nil, err
	}
	return success(), nil
}

func success() *metav1.Status {
	return &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess, Code: 201}
}
