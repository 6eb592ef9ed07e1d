package reviews

import (
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/request"
)

type stopped time.Time

func (s stopped) Now() time.Time { return time.Time(s) }

func TestIdentity(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)
	x := Identity{Authenticator: authn.New(authn.Config{Clock: stopped(at)})}
	wrong := &authorizationv1.SelfSubjectAccessReview{}
	if _, err := x.TokenReview(t.Context(), wrong); !apierrors.IsBadRequest(err) {
		t.Errorf("wrong kind: %v", err)
	}
	if _, err := x.SelfSubjectReview(t.Context(), wrong); !apierrors.IsBadRequest(err) {
		t.Errorf("wrong kind: %v", err)
	}
	if out, err := x.TokenReview(t.Context(), review("")); out != nil || !apierrors.IsBadRequest(err) {
		t.Errorf("empty token: %v, %v", out, err)
	}
	out, err := x.TokenReview(t.Context(), review("garbage"))
	if err != nil || out.(*authenticationv1.TokenReview).Status.Error != "invalid bearer token" {
		t.Errorf("unknown token: %+v, %v", out, err)
	}
	if _, err := x.SelfSubjectReview(t.Context(), &authenticationv1.SelfSubjectReview{}); !apierrors.IsBadRequest(err) {
		t.Errorf("nobody: %v", err)
	}
	ctx := request.WithUser(t.Context(), &request.User{Name: "bob"})
	out, err = x.SelfSubjectReview(ctx, &authenticationv1.SelfSubjectReview{})
	if err != nil || out.(*authenticationv1.SelfSubjectReview).Status.UserInfo.Username != "bob" ||
		!out.(*authenticationv1.SelfSubjectReview).CreationTimestamp.Time.Equal(at) {
		t.Errorf("%+v, %v", out, err)
	}
}
