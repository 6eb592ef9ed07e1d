package reviews

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/request"
)

// Identity answers the reviews of authentication.k8s.io/v1 for the API's create handler. Errors are *apierrors.StatusError.
type Identity struct {
	Authenticator *authn.Authenticator
}

// TokenReview is the function of that name on a decoded object.
func (x Identity) TokenReview(ctx context.Context, obj runtime.Object) (runtime.Object, error) {
	tr, ok := obj.(*authenticationv1.TokenReview)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a TokenReview: %T", obj))
	}
	out, err := TokenReview(ctx, x.Authenticator, tr)
	if err != nil {
		return nil, err // not out, which would be a nil inside of an interface
	}
	return out, nil
}

// SelfSubjectReview answers with the user of ctx.
func (x Identity) SelfSubjectReview(ctx context.Context, obj runtime.Object) (runtime.Object, error) {
	if _, ok := obj.(*authenticationv1.SelfSubjectReview); !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a SelfSubjectReview: %T", obj))
	}
	u := request.UserFrom(ctx)
	if u == nil {
		return nil, apierrors.NewBadRequest("no user present on request")
	}
	return SelfSubjectReview(u, x.Authenticator.Clock.Now()), nil
}
