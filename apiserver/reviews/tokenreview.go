package reviews

import (
	"context"
	"errors"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/request"
)

// Tokens judges bearer tokens; *authn.Authenticator does.
type Tokens interface {
	Token(ctx context.Context, raw string, wanted []string) (*authn.Result, error)
}

// TokenReview says whose token it is, or why it is nobody's: the one place that tells (AUTH-30, AUTH-31). The answer is a copy of tr
// with its status; a bad token is an answer, not an error.
func TokenReview(ctx context.Context, tokens Tokens, tr *authenticationv1.TokenReview) (*authenticationv1.TokenReview, error) {
	if tr.Spec.Token == "" {
		return nil, apierrors.NewBadRequest("token is required for TokenReview in authentication")
	}
	out := tr.DeepCopy()
	out.Status = authenticationv1.TokenReviewStatus{}
	// The reference puts the token into a header of its own, so that what stands behind a space does not count.
	raw, _ := authn.FromHeader(http.Header{"Authorization": {"Bearer " + tr.Spec.Token}})
	if raw == "" {
		return out, nil
	}
	res, err := tokens.Token(ctx, raw, tr.Spec.Audiences)
	var bad *authn.Unauthorized
	switch {
	case errors.As(err, &bad):
		out.Status.Error = bad.Error()
		return out, nil
	case err != nil:
		return nil, apierrors.NewInternalError(err)
	}
	out.Status.Authenticated = true
	out.Status.User = UserInfo(res.User)
	out.Status.Audiences = res.Audiences
	return out, nil
}

// UserInfo is a user as the reviews show it. Nothing in it is shared with u.
func UserInfo(u *request.User) authenticationv1.UserInfo {
	info := authenticationv1.UserInfo{Username: u.Name, UID: u.UID, Groups: append([]string(nil), u.Groups...)}
	if len(u.Extra) > 0 {
		info.Extra = make(map[string]authenticationv1.ExtraValue, len(u.Extra))
		for k, v := range u.Extra {
			info.Extra[k] = append(authenticationv1.ExtraValue(nil), v...)
		}
	}
	return info
}
